"""Trainings of the bit strings, whose curves and ends are known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from bit_space import Bits, Weighted

from subsel_automl.core.architecture import Architecture
from subsel_automl.search.curve_objective import CurveObjective

EPOCHS = 20
Shape = Callable[[float, float], float]  # final value, share of the epochs -> value


def parallel(value: float, share: float) -> float:
    """Ordered at every epoch as at the end."""
    return value - 5 * (1 - share)


def boasting(value: float, share: float) -> float:
    """The same, and what few epochs say is above every end."""
    return value + 100 * (1 - share)


def crossing(value: float, share: float) -> float:
    """All meet at half of the epochs; before it the order is the opposite of the last one."""
    return value * (2 * share - 1)


class Grown(CurveObjective):
    """A linear function of the bits, reached along a curve; counts the epochs that were trained."""

    kind = "function"

    def __init__(self, shape: Shape = parallel, seed: int = 0) -> None:
        self.space, self.epochs, self.shape = Bits(), EPOCHS, shape
        self.of = Weighted(seed)
        self.trained: Counter[str] = Counter()
        self.begun: list[str] = []

    def begin(self, architecture: Architecture) -> Iterator[float]:
        self.begun.append(architecture.key)
        for epoch in range(1, EPOCHS + 1):
            self.trained[architecture.key] += 1
            yield self.shape(self.of.value(architecture), epoch / EPOCHS)

    def about(self) -> dict[str, Any]:
        return {"objective": self.kind, "shape": self.shape.__name__}


class Failing(Grown):
    """The best half diverges at an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.fails = epoch

    def begin(self, architecture: Architecture) -> Iterator[float]:
        for epoch, value in enumerate(super().begin(architecture), 1):
            bad = self.of.value(architecture) > self.of.best / 2
            yield math.inf if bad and epoch == self.fails else value
