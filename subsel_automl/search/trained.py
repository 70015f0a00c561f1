"""A search of several fidelities at its end: what was trained, how far, and what was found when.

Source: this project.

Deviations: none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..core.architecture import Architecture
from ..core.errors import SubselError
from .stopped import STOPPED


@dataclass(frozen=True)
class Training:
    """One architecture, and how far it was trained.

    Attributes:
        values: of the epochs that were trained, more is better.
        value: the last one of a whole training; None where it was stopped.
        by: who decided that it ends or goes on: a predictor, "diverged", or "" of the initial ones.
        spent: epochs of the search when it ended, its own among them.
    """

    architecture: Architecture
    values: tuple[float, ...]
    value: float | None
    by: str
    spent: int

    @property
    def epochs(self) -> int:
        return len(self.values)

    @property
    def told(self) -> float:
        """What the search is told of it."""
        return STOPPED if self.value is None else self.value


@dataclass(frozen=True)
class Trained:
    """A search at its end.

    Attributes:
        trainings: in their order, each architecture once.
        ended: "spent"; "known", the whole space was tried; "circles", nothing new was proposed.
    """

    search: str
    seed: int
    trainings: tuple[Training, ...]
    ended: str

    @property
    def best(self) -> Architecture:
        """The architecture of the best final value; the earlier one of two that are equal.

        Raises:
            SubselError: no training came to its end.
        """
        return self._first().architecture

    @property
    def value(self) -> float:
        """The best final value; raises as `best`."""
        return self._first().told

    @property
    def spent(self) -> int:
        """Epochs that were trained."""
        return sum(one.epochs for one in self.trainings)

    @property
    def stopped(self) -> int:
        """Trainings that did not come to their end."""
        return sum(one.value is None for one in self.trainings)

    @property
    def decided(self) -> dict[str, int]:
        """How many trainings each predictor decided about."""
        return dict(Counter(one.by for one in self.trainings if one.by))

    def incumbents(self) -> list[tuple[int, Architecture]]:
        """(epochs spent, the best from then on), whenever it changed."""
        found, best = [], STOPPED
        for one in self.trainings:
            if one.told > best:
                best = one.told
                found.append((one.spent, one.architecture))
        return found

    def _first(self) -> Training:
        best = max(self.trainings, key=lambda one: one.told, default=None)
        if best is None or best.value is None:
            raise SubselError(
                f"none of the {len(self.trainings)} trainings of search {self.search!r} came to "
                "its end, so there is no best; give more epochs, or a larger share"
            )
        return best
