"""Searches that train one cell after the other, each from new weights, on the cell's own subset.

A candidate is trained for `trial_epochs` on the whole subset that the feed gives for it (its first
epoch is the feed's epoch 0), then judged by its accuracy on the pool's validation examples, the
same for all candidates. Rates fall by cosine over a trial. The cell that was found is the best.

Source: the host of SubSelNet 5.2, with short trainings in place of a weight-sharing network.

Deviations: those of base.py.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..core.errors import BadInput, MissingNeed
from .base import Search
from .cells import Cells
from .halves import Halves
from .options import at_least, cosine, mean
from .run import Run


@dataclass(frozen=True, kw_only=True)
class Trials(Search):
    """Base of the searches by short trainings.

    Args:
        epochs: of all candidates together, a multiple of `trial_epochs`.
        trial_epochs: of one candidate.
        judged: validation examples that judge it.
    """

    mixture: ClassVar[bool] = False

    trial_epochs: int = 5
    judged: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("trial_epochs", "judged"):
            at_least(name, getattr(self, name), 1)
        if self.epochs % self.trial_epochs:
            raise BadInput(
                f"epochs is {self.epochs}, no multiple of the {self.trial_epochs} epochs of a trial"
            )

    @abstractmethod
    def _next(self, run: Run, rng: np.random.Generator) -> Cells:
        """The next candidate, in view of `history(run)`."""

    def _prepare(self, run: Run) -> None:
        if run.pool.validation is None or run.pool.validation.images is None:
            raise MissingNeed(
                f"search {self.name!r} judges candidates on validation images; pool "
                f"{run.pool.name!r} has none. Build it with Pool.split(validation=0.1)"
            )
        super()._prepare(run)
        run.notes["candidates"] = []

    def _begin(self, run: Run) -> None:
        if run.epoch % self.trial_epochs:
            return
        trial = run.epoch // self.trial_epochs
        run.supernet.load_state_dict(run.fresh(1 + trial).state_dict())
        super()._prepare(run)  # an optimizer without a past
        run.supernet.show(self._next(run, run.rng(trial, 0x7214)))
        state = run.feed.state_dict()
        run.feed.load_state_dict(
            {**state, "epoch": 0, "draw": 0, "architecture_key": None, "subset": None}
        )

    def _train(self, run: Run, parts: Halves) -> float:
        cells = run.supernet.spelled()
        mix = run.supernet.path_mix(cells)
        batches = parts.weights.batches(run.rng(run.epoch, 0x7215))
        losses = [self._weight_step(run, next(batches), mix) for _ in range(self._steps(parts))]
        if (run.epoch + 1) % self.trial_epochs == 0:
            held = run.pool.validation
            assert held is not None
            rows = np.arange(min(self.judged, len(held)))
            accuracy = run.accuracy(rows, mix, held)
            run.notes["candidates"].append({"cells": cells.tolist(), "accuracy": accuracy})
        return mean(losses)

    def _quality(self, run: Run, parts: Halves) -> float | None:
        ended = (run.epoch + 1) % self.trial_epochs == 0
        return history(run)[-1][1] if ended else None

    def _check(self, run: Run, loss: float) -> None:
        """One candidate that diverges is a bad candidate; the next begins anew."""

    def _steps_of_network(self, run: Run) -> int:
        return sum(one["steps"] for one in run.curve[-self.trial_epochs :])

    def _finish(self, run: Run) -> Cells:
        seen = history(run)
        best = max(range(len(seen)), key=lambda place: seen[place][1])
        run.notes["accuracy"] = seen[best][1]
        return seen[best][0]

    def _feed_epoch(self, run: Run) -> int:
        return run.epoch % self.trial_epochs

    def _rate(self, run: Run) -> float:
        share = run.epoch % self.trial_epochs / self.trial_epochs
        return cosine(self.rate, self.least_rate, share)


def history(run: Run) -> list[tuple[Cells, float]]:
    """Candidates so far and their accuracies, oldest first."""
    seen = run.notes["candidates"]
    return [(np.array(one["cells"], np.int64), float(one["accuracy"])) for one in seen]
