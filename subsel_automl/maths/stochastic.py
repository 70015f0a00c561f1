"""Candidates of stochastic greedy: each time the best of a few random rows of those that are left.

(n / b) log(1 / epsilon) candidates a choice reach 1 - 1/e - epsilon of the optimum of a monotone
submodular function on average. Source: Mirzasoleiman et al. 2015. Deviations:
    [1] Candidates are drawn with replacement; all that is left where the sample would be as large.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


def sample_size(n: int, b: int, epsilon: float) -> int:
    """Candidates a choice."""
    return math.ceil(n / b * math.log(1 / epsilon))


class Remaining:
    """The rows not taken yet, of 0..n-1."""

    def __init__(self, n: int, sample: int, rng: np.random.Generator) -> None:
        self._rows, self._free = np.arange(n), n
        self._sample, self._rng = sample, rng
        self._places: Rows = np.zeros(0, np.int64)

    def drop(self, row: int) -> None:
        """Take a row out before any candidate was handed out."""
        self._free -= 1
        self._rows[row] = self._rows[self._free]

    def candidates(self) -> Rows:
        """Some rows that are left."""
        if self._sample >= self._free:
            self._places = np.arange(self._free)  # [1]
        else:
            self._places = self._rng.integers(self._free, size=self._sample)
        return self._rows[self._places]

    def take(self, k: int) -> int:
        """Take the k-th of the candidates last handed out. -> its row"""
        place = self._places[k]
        row = int(self._rows[place])
        self._free -= 1
        self._rows[place] = self._rows[self._free]
        return row
