"""Dissimilarities d_ij between rows, a block at a time: never n x n in memory.

    "euclidean"   |x_i - x_j|^2   (similarity max d - d, as apricot and submodlib define it)
    "distance"    |x_i - x_j|
    "cosine"      1 - cos(x_i, x_j); a row of zeros is at 1 from everything

Each is one matrix product: |x|^2 - 2 x.y + |y|^2 = [-2 x, |x|^2, 1] . [y, 1, |y|^2]. Rows are
centred first, so that float32 loses little; values may fall below 0 by rounding (about 1e-6 of the
spread).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
METRICS = ("euclidean", "distance", "cosine")


@dataclass(frozen=True, eq=False)
class Dissimilarity:
    """Rows prepared for one metric.

    Attributes:
        left, right: [n, k] with d_ij = left_i . right_j (before the root of "distance").
    """

    left: Floats
    right: Floats
    rooted: bool = False

    @classmethod
    def of(cls, rows: npt.NDArray[np.floating], metric: str = "euclidean") -> Dissimilarity:
        """Prepare rows [n, d].

        Raises:
            ValueError: an unknown metric.
        """
        if metric not in METRICS:
            raise ValueError(f"metric {metric!r} is not one of {METRICS}")
        x = np.asarray(rows, np.float32)
        one = np.ones((len(x), 1), np.float32)
        if metric == "cosine":
            length = np.sqrt(np.einsum("nd,nd->n", x, x, dtype=np.float64))
            x = (x / np.where(length > 0, length, 1)[:, None]).astype(np.float32)
            return cls(np.hstack([-x, one]), np.hstack([x, one]))
        x = (x - x.mean(0, dtype=np.float64)).astype(np.float32)
        square = np.einsum("nd,nd->n", x, x)[:, None]
        return cls(
            np.hstack([-2 * x, square, one]), np.hstack([x, one, square]), metric == "distance"
        )

    def __len__(self) -> int:
        return len(self.left)

    def between(self, rows: Rows | slice, columns: Rows | slice) -> Floats:
        """d of every row to every column, [rows, columns], fresh memory."""
        block: Floats = self.left[rows] @ self.right[columns].T
        if self.rooted:
            np.maximum(block, 0, out=block)
            np.sqrt(block, out=block)
        return block

    def from_row(self, row: int) -> Floats:
        """d of one row to all, [n], not below 0."""
        out: Floats = np.maximum(self.right @ self.left[row], 0)
        return np.sqrt(out) if self.rooted else out

    def central(self) -> Floats:
        """sum_j d_ij of all rows, [n], before the root of "distance"."""
        out: Floats = self.left @ self.right.sum(0, dtype=np.float64).astype(np.float32)
        return out

    def most_central(self, tile: int = 1024) -> int:
        """The row of the least sum_j d_ij; in closed form but for "distance"."""
        if not self.rooted:
            return int(np.argmin(self.central()))
        sums = np.zeros(len(self))
        for start in range(0, len(self), tile):
            rows = slice(start, start + tile)
            for column in range(0, len(self), tile):
                block = self.between(rows, slice(column, column + tile))
                sums[rows] += block.sum(1, dtype=np.float64)
        return int(np.argmin(sums))
