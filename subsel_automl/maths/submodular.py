"""Facility location FL(S) = sum_j max_{i in S} s_ij, maximised greedily, a block at a time.

With s = const - d and r_j = min_{i in S} d_ij, the gain of a candidate is

    FL(S + i) - FL(S) = sum_j max(0, r_j - d_ij)

so no constant is ever needed. Two phases, both exact:
    dense    the first picks: gains as upper bounds, the best old ones computed anew, a batch in one
             matrix product (lazy greedy), until few pairs have d_ij < r_j
    sparse   those pairs alone are kept (`maths.pairs`), and every gain stays exact

Source: lazy greedy Minoux 1978; stochastic greedy Mirzasoleiman et al. 2015 (`maths.stochastic`).
Deviations:
    [1] Stochastic greedy too begins with the most central row, the best of all, not of some.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .dissimilarity import Dissimilarity, Rows
from .pairs import BYTES, Pairs
from .stochastic import Remaining, sample_size

GREEDY = ("lazy", "stochastic")
MEMORY = 256 * 2**20  # bytes of kept pairs
TILE = 4096
BATCH = 256
TIE = 2e-6


@dataclass(frozen=True, eq=False)
class Cover:
    """What greedy chose: rows in order of choice, and of each row of the pool its nearest one."""

    rows: Rows
    owner: Rows

    def sizes(self) -> npt.NDArray[np.int64]:
        """How many rows of the pool each chosen row stands for, [b]; CRAIG's weights."""
        counts: npt.NDArray[np.int64] = np.bincount(self.owner, minlength=len(self.owner))
        return counts[self.rows]


def facility_location(
    space: Dissimilarity,
    b: int,
    *,
    rng: np.random.Generator | None = None,
    epsilon: float = 0.01,
    memory: int = MEMORY,
) -> Cover:
    """b rows that greedily maximise FL. Ties go to the more central row, then to the lower one.

    Two rows that are each other's nearest tie exactly, so ties must not hang on rounding: gains
    within 2e-6 of each other are equal.

    Args:
        rng: None for lazy greedy (the naive greedy's choice, exactly); a generator for stochastic
            greedy, within 1 - 1/e - epsilon of the optimum on average.
        memory: bytes for the pairs of the sparse phase.

    Raises:
        ValueError: b out of range.
    """
    n = len(space)
    if not 0 < b <= n:
        raise ValueError(f"cannot take {b} of {n} rows")
    state = _Greedy(space, b, rng, epsilon)
    state.take(space.most_central())  # [1]
    if state.left is not None:
        state.left.drop(state.rows[0])
    pairs: Pairs | None = None
    while len(state.rows) < b:
        taken = len(state.rows)
        if pairs is not None:
            pairs = pairs.alive(state.r)
        elif taken <= 16 or taken & (taken - 1) == 0:
            pairs = Pairs.of(space, state.r, memory // BYTES)
        if pairs is None:
            state.take(state.next_dense())
        else:
            state.take_among(pairs, min(b, 2 * taken))
    return Cover(np.array(state.rows, np.int64), state.owner)


def facility_location_value(space: Dissimilarity, rows: Rows) -> float:
    """sum_j min_{i in rows} d_ij, which facility location makes least."""
    total = 0.0
    for start in range(0, len(space), BATCH):
        block = space.between(slice(start, start + BATCH), rows)
        total += float(np.maximum(block.min(1), 0).sum(dtype=np.float64))
    return total


class _Greedy:
    """What is chosen, r_j and whose it is, and bounds on the gains in the dense phase."""

    def __init__(
        self, space: Dissimilarity, b: int, rng: np.random.Generator | None, epsilon: float
    ) -> None:
        n = len(space)
        self.space = space
        self.rows: list[int] = []
        self.r = np.full(n, np.inf, np.float32)
        self.owner = np.zeros(n, np.int64)
        self.left = None if rng is None else Remaining(n, sample_size(n, b, epsilon), rng)
        self.bounds: npt.NDArray[np.float64] | None = None
        self.central = space.central()
        self.seen = np.zeros(n, np.int64)

    def take(self, row: int) -> None:
        d = self.space.from_row(row)
        near = np.flatnonzero(d < self.r)
        self.r[near] = d[near]
        self.add(row, near)

    def take_among(self, pairs: Pairs, until: int) -> None:
        """Choose by exact gains until so many rows are chosen."""
        gains = pairs.gains
        gains[self.rows] = -np.inf
        while len(self.rows) < until:
            row = self.best(gains)[0] if self.left is None else self.best_of_sample(gains)
            self.add(row, pairs.take(row, self.r))

    def add(self, row: int, near: Rows) -> None:
        self.owner[near] = row
        self.owner[row] = row
        self.rows.append(row)
        if self.bounds is not None:
            self.bounds[row] = -np.inf

    def gains(self, rows: Rows) -> npt.NDArray[np.float64]:
        """sum_j max(0, r_j - d_ij) of some candidates, in tiles. -> [k]"""
        out = np.zeros(len(rows))
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            for column in range(0, len(self.r), TILE):
                columns = slice(column, column + TILE)
                block = self.space.between(batch, columns)
                np.subtract(self.r[columns], block, out=block)
                np.maximum(block, 0, out=block)
                out[start : start + BATCH] += block @ np.ones(block.shape[1], np.float32)
        return out

    def next_dense(self) -> int:
        """The row of the largest gain."""
        if self.left is not None:
            return self.best_of_sample(None)
        taken = len(self.rows)
        if self.bounds is None:
            self.bounds = self.gains(np.arange(len(self.r)))
            self.bounds[self.rows] = -np.inf
            self.seen[:] = taken
        batch = 64
        while True:
            best, level = self.best(self.bounds)
            if (self.seen[level] == taken).all():
                return best
            batch = min(2 * batch, len(self.bounds))
            top = np.argpartition(self.bounds, len(self.bounds) - batch)[-batch:]
            top = np.union1d(top, level)
            stale = top[(self.seen[top] < taken) & np.isfinite(self.bounds[top])]
            self.bounds[stale] = self.gains(stale)
            self.seen[stale] = taken

    def best(self, gains: npt.NDArray[np.float64]) -> tuple[int, Rows]:
        """The row of the largest gain, and all rows that tie with it."""
        top = gains[gains.argmax()]
        level = np.flatnonzero(gains >= top - TIE * abs(top))
        return int(level[self.central[level].argmin()]), level

    def best_of_sample(self, gains: npt.NDArray[np.float64] | None) -> int:
        """The best of some random rows; `gains` of all rows when they are known."""
        assert self.left is not None
        rows = self.left.candidates()
        if gains is not None:
            values = gains[rows]
        else:
            values = self.gains(rows)
        return self.left.take(int(values.argmax()))
