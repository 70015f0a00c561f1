"""What a network said of the examples that it trained on, kept batch by batch without a pass of its
own: the last answer about each example, when it was given, and whether it was the first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..core.lesson import Heard
from ..core.pool import Pool
from ..core.task import REGRESSION
from .outputs import answers_of

Rows = npt.NDArray[np.int64]
MOST = 50_000  # answers kept between passes before repeated ones are dropped


class Seen:
    """Answers of one trial, of at most `most` examples: those that the sample of the pool holds.

    Args:
        pool: whose task the outputs are read in.
        redrawn: see `Heard`.
    """

    def __init__(self, pool: Pool, redrawn: bool) -> None:
        self.pool, self.redrawn = pool, redrawn
        self._fresh: list[tuple[Rows, Tensor, int]] = []
        self._kept: tuple[Rows, npt.NDArray[np.floating], Rows] | None = None
        self._times = np.zeros(len(pool), np.uint8)  # up to two
        self.examples = 0

    def add(self, rows: Rows, logits: Tensor, examples: int) -> None:
        """Outputs [b, k] about rows [b], after so many examples of training."""
        self._fresh.append((rows, logits.detach(), examples))
        self._times[rows] = np.minimum(self._times[rows] + 1, 2)
        self.examples = max(self.examples, examples)

    def settle(self, model: object = None) -> None:
        """Bring what came from its device; of each example keep the last answer.

        Raises:
            BadInput: fewer outputs than the pool's task has.
        """
        if not self._fresh:
            return
        said = answers_of(torch.cat([part.float() for _, part, _ in self._fresh]), self.pool, model)
        exact = self.pool.task == REGRESSION
        answers = said.numpy().astype(np.float32 if exact else np.float16)
        rows = np.concatenate([part for part, _, _ in self._fresh])
        when = np.concatenate([np.full(len(part), at) for part, _, at in self._fresh])
        self._fresh = []
        if self._kept is not None:
            rows = np.concatenate([self._kept[0], rows])
            answers = np.concatenate([self._kept[1], answers])
            when = np.concatenate([self._kept[2], when])
        found, places = np.unique(rows[::-1], return_index=True)
        last = len(rows) - 1 - places
        self._kept = found, answers[last], when[last]

    def over(self, model: object = None) -> None:
        """A pass is over."""
        if sum(len(rows) for rows, _, _ in self._fresh) > MOST:
            self.settle(model)

    def heard(self, model: object = None) -> Heard | None:
        """All of it; None when nothing came."""
        self.settle(model)
        if self._kept is None:
            return None
        rows, answers, when = self._kept
        ages = (when / max(self.examples, 1)).astype(np.float32)
        good = np.isfinite(answers).all(1)
        return Heard(
            rows[good], answers[good], ages[good], self._times[rows[good]] == 1, self.redrawn
        )
