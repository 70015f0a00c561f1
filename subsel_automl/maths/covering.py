"""Covering and matching: k-center greedy (farthest first) and herding (greedy mean matching).

    k-center   argmax_i r_i,  r_i = min_{j in S} d_ij      (Gonzalez 1985; Sener & Savarese 2018)
    herding    argmin_i |mu - (x_i + sum_{j in S} x_j) / (|S| + 1)|                 (Welling 2009)

r never grows, so an old r is a bound: only the rows of the largest bounds are kept up to date, in
cache, and others catch up with the centers they missed, in one matrix product, when their bound
comes to the top. The choice is the plain one's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .dissimilarity import Dissimilarity, Floats, Rows

CANDIDATES = 2048
TILE = 256


def k_center(space: Dissimilarity, b: int) -> tuple[Rows, Floats]:
    """Farthest-first order from the most central row, and each row's r when it was chosen.

    Of the metric only the order matters: "euclidean" and "distance" choose alike. Ties go to the
    lower row. The first row's r is the largest r that was left after it.

    Raises:
        ValueError: b out of range.
    """
    if not 0 < b <= len(space):
        raise ValueError(f"cannot take {b} of {len(space)} rows")
    state = _Farthest(space, b)
    while len(state.chosen) < b:
        state.choose(b, *state.candidates())
    return np.array(state.chosen, np.int64), np.array(state.radii, np.float32)


class _Farthest:
    """r as a bound: of row i it counts the first seen[i] centers only."""

    def __init__(self, space: Dissimilarity, b: int) -> None:
        self.space = space
        self.chosen = [space.most_central()]
        self.centers = np.zeros((b, space.right.shape[1]), np.float32)  # side by side in memory
        self.centers[0] = space.right[self.chosen[0]]
        self.r = space.from_row(self.chosen[0])
        self.r[self.chosen] = -np.inf
        self.seen = np.ones(len(space), np.int64)
        self.radii = [max(float(self.r.max()), 0.0)]

    def candidates(self) -> tuple[Rows, float]:
        """The rows of the largest r, all up to date, and the largest bound of the others."""
        n, taken = len(self.r), len(self.chosen)
        count = min(CANDIDATES, n)
        while True:
            split = np.argpartition(self.r, n - count)
            rest, top = split[: n - count], split[n - count :]
            floor = float(self.r[rest].max()) if len(rest) else -np.inf
            self._catch_up(top[self.seen[top] < taken])
            if self.r[top].max() >= floor:
                return np.sort(top), floor

    def _catch_up(self, stale: Rows) -> None:
        stale = stale[np.argsort(self.seen[stale])]
        for start in range(0, len(stale), TILE):
            rows = stale[start : start + TILE]
            missed = self.centers[self.seen[rows[0]] : len(self.chosen)]
            d = (self.space.left[rows] @ missed.T).min(1)
            self.r[rows] = np.minimum(self.r[rows], self._root(d))
        self.seen[stale] = len(self.chosen)

    def _root(self, d: Floats) -> Floats:
        return np.sqrt(np.maximum(d, 0)) if self.space.rooted else d

    def choose(self, b: int, rows: Rows, floor: float) -> None:
        """Farthest first among the candidates, until one outside may be farther."""
        near, right = self.r[rows], self.space.right[rows]
        while len(self.chosen) < b:
            k = int(near.argmax())
            if near[k] < floor or near[k] == -np.inf:
                break
            self.centers[len(self.chosen)] = right[k]
            self.chosen.append(int(rows[k]))
            self.radii.append(max(float(near[k]), 0.0))
            d = right @ self.space.left[rows[k]]
            np.minimum(near, self._root(d), out=near)
            near[k] = -np.inf
        self.r[rows], self.seen[rows] = near, len(self.chosen)


def herding(rows: npt.NDArray[np.floating], b: int) -> Rows:
    """Rows [n, d] whose running mean stays nearest the mean of all, without repeats. -> [b]

    Raises:
        ValueError: b out of range.
    """
    if not 0 < b <= len(rows):
        raise ValueError(f"cannot take {b} of {len(rows)} rows")
    x = (rows - rows.mean(0, dtype=np.float64)).astype(np.float32)  # mu = 0
    score = np.einsum("nd,nd->n", x, x)  # |x_i + sum|^2 up to a constant: |x_i|^2 + 2 x_i . sum
    total = np.zeros(x.shape[1], np.float32)
    chosen = np.zeros(b, np.int64)
    for step in range(b):
        chosen[step] = row = int((score + x @ (2 * total)).argmin())
        total += x[row]
        score[row] = np.inf
    return chosen
