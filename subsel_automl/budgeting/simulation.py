"""A search over a table of trials: what it trains is looked up, and what that costs is counted.

    search = SimulatedSearch(table, rng)
    scores = [search.train(c, 64) for c in range(len(search))]     # anew, its schedule ends there
    score = search.train(best, 1024, at=256)                       # so far of a longer training
    search.spent                                                   # full trainings

A trial that goes on costs the steps that are new; one that is restarted costs all of them. Ties
are broken by the order in which configurations are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .table import FULL, TrialTable


class SimulatedSearch:
    """Configurations of a table in an order that is drawn.

    Args:
        configurations: places in the table, in their order.
        seed: of the table's trials.
        kind: of data, where `train` is not told another.
        measure, size: what trials are judged by, and on how many validation examples.

    Attributes:
        spent: full trainings so far.
        trained: (spent, configuration, score, length, at) of each `train`, in their order.
    """

    def __init__(
        self,
        table: TrialTable,
        configurations: Sequence[int] | npt.NDArray[np.int64],
        seed: int = 0,
        *,
        kind: str = FULL,
        measure: str = "accuracy",
        size: int | None = None,
    ) -> None:
        self.table, self.seed, self.kind = table, seed, kind
        self.measure, self.size = measure, size
        self.places = np.asarray(configurations, np.int64)
        self.spent = 0.0
        self.trained: list[tuple[float, int, float, int, int]] = []
        self._steps: dict[tuple[int, int, str], int] = {}
        truth = table.truth[self.places]
        self._regret = 100 * (truth.max() - truth)

    def __len__(self) -> int:
        return len(self.places)

    def regret(self, configuration: int) -> float:
        """Points of test accuracy below the best of these configurations, both trained fully."""
        return float(self._regret[configuration])

    def train(
        self,
        configuration: int,
        length: int,
        *,
        at: int | None = None,
        kind: str | None = None,
        measure: str | None = None,
        size: int | None = None,
        again: bool = False,
    ) -> float:
        """What a trial is judged by after `at` steps of a schedule of `length`; more is better.

        Args:
            again: pay for all of its steps, though some of this very training were paid.
        """
        kind, at = kind or self.kind, length if at is None else at
        run = (configuration, length, kind)
        paid = 0 if again else self._steps.get(run, 0)
        self.spent += max(0, at - paid) / self.table.lengths[-1]
        self._steps[run] = max(at, paid)
        scores = self.table.scores(
            length, kind, self.seed, at=at, measure=measure or self.measure, size=size or self.size
        )
        score = float(scores[self.places[configuration]])
        self.trained.append((self.spent, configuration, score, length, at))
        return score
