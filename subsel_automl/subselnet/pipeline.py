"""Algorithms 1 and 3: from a pool and a zoo to encoder, g_beta, the zoo's mean and pi_psi.

The encoder comes first and knows no pool: the one that ships with the package was trained on the
whole of NAS-Bench-101. Networks of test architectures in a zoo are never learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from ..core.ledger import AmortizationLedger, Stage
from ..core.pool import Pool
from ..core.zoo import Zoo
from ..data.splits import architecture_role
from ..encoders.adjacency import AdjacencyEncoder
from ..encoders.base import ArchitectureEncoder
from ..encoders.operations import OperationsEncoder
from ..encoders.store import load_encoder
from ..spaces.base import SearchSpace
from .bundle import SHIPPED
from .fitting import fit_approximator, read_predictions, zoo_mean
from .inductive import Policy, train_policy
from .model import SubSelNetModel
from .transductive import SubSelNet

__all__ = ["SubSelNet", "encoder_of", "fold", "shipped_encoder", "train_pipeline"]

ENCODERS = ("auto", "gvae", "adjacency", "operations")
Progress = Callable[[int, int], None]


def shipped_encoder(space: str) -> ArchitectureEncoder:
    """The encoder of a search space that ships with the package.

    Raises:
        BadInput: none ships for this space.
    """
    folder = SHIPPED / "encoders" / space
    if not folder.exists():
        raise BadInput(
            f"no encoder ships for space {space!r}; take one that needs no training "
            "(subsel fit --encoder adjacency), or train one: train_pipeline(..., encoder=...)"
        )
    return load_encoder(folder)


def encoder_of(kind: str, space: SearchSpace) -> ArchitectureEncoder:
    """An encoder of a search space's architectures, by kind.

    Args:
        kind: "gvae" (the one that ships), "adjacency" or "operations" (nothing to train), or
            "auto": the one that ships, else adjacency.

    Raises:
        UnknownName: no such kind. BadInput: none ships for this space.
    """
    if kind not in ENCODERS:
        raise UnknownName("encoder", kind, ENCODERS)
    if kind == "gvae" or (kind == "auto" and (SHIPPED / "encoders" / space.name).exists()):
        return shipped_encoder(space.name)
    if kind == "operations":
        return OperationsEncoder()
    return AdjacencyEncoder(
        space=space.name, operations=space.operations, max_nodes=space.max_nodes
    )


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
    encoder = encoder or shipped_encoder(spaces.pop())
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
