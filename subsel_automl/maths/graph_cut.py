"""Graph cut: examples near all others and far from each other, greedily.

    f(S) = sum_{i, j in S} s_ij (i over all rows) - trade sum_{i, j in S} s_ij,  s = (1 + cos) / 2

The cosine is linear in unit rows, so sums of rows give every gain: no similarity is written down.
Source: Iyer & Bilmes 2013; used by Killamsetty et al. 2023 (MILO).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .stochastic import Remaining

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


def graph_cut(x: Floats, b: int, trade: float, sample: int, rng: np.random.Generator) -> Rows:
    """b of the unit rows x [n, d], each the best of `sample` random ones.

    Gain of i: sum_j s_ij - trade (2 sum_{j in S} s_ij + s_ii), from sums of rows alone.
    """
    n = len(x)
    everything, inside = x.sum(0, dtype=np.float64), np.zeros(x.shape[1])
    left, chosen = Remaining(n, sample, rng), np.zeros(b, np.int64)
    for step in range(b):
        some = x[left.candidates()]
        gains = (n + some @ everything) / 2 - trade * (step + some @ inside + 1)
        chosen[step] = row = left.take(int(gains.argmax()))
        inside += x[row]
    return chosen


def unit_rows(x: Floats) -> Floats:
    """Rows scaled to length one; rows of zeros stay."""
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(length > 0, length, 1), np.float32)
