"""Algorithms 1 and 3: from a pool and a zoo to encoder, g_beta, the zoo's mean and pi_psi.

The encoder comes first and knows no pool: the one that ships with the package was trained on the
whole of NAS-Bench-101. Networks of test architectures in a zoo are never learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.ledger import AmortizationLedger, Stage
from ..core.pool import Pool
from ..core.zoo import Zoo
from ..data.splits import architecture_role
from ..encoders.base import ArchitectureEncoder
from ..encoders.choose import choose_encoder
from .fitting import fit_approximator, read_predictions, zoo_mean
from .model import SubSelNetModel
from .policy import Policy, train_policy

Progress = Callable[[int, int], None]


def fold(zoo: Zoo, role: str) -> list[Architecture]:
    """The zoo's architectures of one role: "training", "validation" or "test"."""
    return [a for a in zoo.architectures if architecture_role(a) == role]


def train_pipeline(
    pool: Pool,
    zoo: Zoo,
    *,
    encoder: ArchitectureEncoder | None = None,
    seed: int = 0,
    epochs: int = 10,
    anchor: bool = True,
    policy: bool = True,
    reader: str = "attention",
    training: Sequence[Architecture] | None = None,
    ledger: AmortizationLedger | None = None,
    progress: Progress | None = None,
) -> tuple[SubSelNetModel, Policy | None]:
    """TRAINPIPELINE (Algorithm 1), and TRAINPI (Algorithm 3) when `policy` is on.

    Args:
        training: architectures to learn from; by default the zoo's training fold.
        anchor, reader: see deviations [1] and [5] of `approximator.py`.

    Raises:
        BadInput: fewer than two training networks, or networks of several spaces.
    """
    training = fold(zoo, "training") if training is None else list(training)
    validation = fold(zoo, "validation")
    spaces = {a.space for a in training}
    if len(training) < 2 or len(spaces) != 1:
        raise BadInput(
            f"the zoo has {len(training)} training networks of spaces {sorted(spaces) or 'none'}; "
            "SubSelNet learns from at least 2 networks of one space"
        )
    encoder = encoder or choose_encoder(training)
    with _charged(ledger, Stage.FIT_APPROXIMATOR):
        approximator, report = fit_approximator(
            encoder,
            pool,
            zoo,
            training,
            validation,
            seed=seed,
            epochs=epochs,
            anchor=anchor,
            reader=reader,
            progress=progress,
        )
        mean = zoo_mean(read_predictions(zoo, training))
    keys = tuple(a.key for a in training)
    model = SubSelNetModel(encoder, approximator, mean, pool.name, pool.fingerprint, keys, report)
    if not policy:
        return model, None
    with _charged(ledger, Stage.FIT_SAMPLER):
        return model, train_policy(model, pool, training, seed=seed)


def _charged(ledger: AmortizationLedger | None, stage: Stage) -> Any:
    return nullcontext() if ledger is None else ledger.charge(stage)
