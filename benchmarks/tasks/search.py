"""One search: eight configurations of a small network in `SubsetSearch`, each on a fifth of the
training part an epoch, all arms for the same steps, from the same weights and in the same order.

The winner is the configuration with the least validation error; the test part is read after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from torch.utils.data import TensorDataset

from subsel_automl.catalog import provider
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.hosting.search import SubsetSearch

from .problems import BINARY, CLASSES, Parted

SHARE, BATCH, EPOCHS = 0.2, 32, 30
RATES, WIDTHS = (0.001, 0.003, 0.01, 0.03), (16, 64)
NOTES = ("lead", "teacher_error", "label_share")
ONLINE, SOFT, FULL = "subselnet-online", "subselnet-online soft", "full"


@dataclass(frozen=True)
class Arm:
    """A provider, and how it is used: drawn anew every epoch where the seed matters to it."""

    name: str
    provider: str
    targets: str = "labels"


ARMS = (
    Arm("random", "random"),
    Arm("k-center", "k-center"),
    Arm("facility-location", "facility-location"),
    Arm("grad-match", "grad-match"),
    Arm(ONLINE, ONLINE),
    Arm(SOFT, ONLINE, "soft"),
    Arm(FULL, "full"),
)
OF_CLASSES = (Arm("random-per-class", "random-per-class"), Arm("el2n", "el2n"))


def arms(task: str) -> tuple[Arm, ...]:
    return ARMS + OF_CLASSES if task in (CLASSES, BINARY) else ARMS


@dataclass(frozen=True)
class Found:
    """What a search came to: test errors in percent, and what was not as it should be."""

    winner: float
    trials: tuple[float, ...]
    lessons: int | None
    notes: dict[str, float]  # of soft targets, the mean over passes from the second trial on
    wrong: str

    @property
    def mean(self) -> float:
        return float(np.mean(self.trials))


def search(data: Parted, arm: Arm, seed: int, trials: int = 8) -> Found:
    """So many of the configurations, in an order of the seed's."""
    fitted = provider(arm.provider).fit(data.pool)
    drawn = fitted.drawn and not fitted.refresh_every
    share = 1.0 if arm.name == FULL else SHARE
    found = SubsetSearch(
        fitted, share, targets=arm.targets, redraw_every=int(drawn), seed=seed, name=arm.name
    )
    size = round(SHARE * len(data.pool))
    configs = [{"lr": lr, "width": width} for lr, width in product(RATES, WIDTHS)]
    errors: list[float] = []
    tested: list[float] = []
    told: list[dict[str, float]] = []
    wrong: list[str] = []
    for trial, place in enumerate(np.random.default_rng(seed).permutation(len(configs))[:trials]):
        config = configs[place]
        model = data.network(int(config["width"]), 1000 * seed + int(place))
        loader = found.loader(
            TensorDataset(*data.train), model=model, config=config, batch_size=BATCH,
            with_weights=fitted.weighs,
        )  # fmt: skip
        passes = train(data, model, loader, float(config["lr"]), EPOCHS * -(-size // BATCH), told)
        errors.append(data.error(model, data.valid))
        tested.append(data.error(model, data.test))
        found.tell(1 - errors[-1] / 100)
        wanted = len(data.pool) if arm.name == FULL else size
        if not passes or set(passes[fitted.warm_epochs :]) != {wanted}:
            wrong.append(f"passes of {sorted(set(passes))} examples, {wanted} were asked for")
        told = told if trial else []  # nobody has taught the first one
    if not np.isfinite([*errors, *tested]).all():
        wrong.append("errors that are not finite")
    summary = found.summary()
    if summary.trials != trials:
        wrong.append(f"{summary.trials} trials")
    winner = tested[int(np.argmin(errors))]
    notes = {name: float(np.mean([one[name] for one in told])) for name in (told or [{}])[0]}
    return Found(winner, tuple(tested), summary.lessons, notes, "; ".join(wrong[:1]))


def train(
    data: Parted, model: Any, loader: SubsetLoader, lr: float, steps: int, told: list[Any]
) -> list[int]:
    """So many steps; examples of each whole pass. `told` gets what its subsets were noted with."""
    optimizer = torch.optim.Adam(model.parameters(), lr)
    passes: list[int] = []
    while steps:
        handed = 0
        for x, y, *weights in loader:
            optimizer.zero_grad()
            data.problem.loss(model(x), y, weights[0] if weights else None).backward()
            optimizer.step()
            handed, steps = handed + len(x), steps - 1
            if not steps:
                break
        else:
            passes.append(handed)
            if notes := _notes(loader):
                told.append(notes)
    return passes


def _notes(loader: SubsetLoader) -> dict[str, float]:
    subset = loader.feed.subset
    held = {} if subset is None else subset.provenance.notes
    return {name: float(held[name]) for name in NOTES} if NOTES[0] in held else {}
