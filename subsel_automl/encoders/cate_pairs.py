"""Pairs of cells that compute alike, drawn by index from a sorted list (CATE, section 4.3).

    r(x) = {y != x : |P(x) - P(y)| < delta};  K distinct y drawn from r(x) for each x

P is the number of trainable parameters. Cells are sorted by P once; r(x) is then a range of places,
found by bisection, and a partner is a random place in it, so no list of candidates is ever built.

Source: Yan 2022 (thesis), 4.3; K = 2 and delta = 2e6 on NAS-Bench-101 in its 4.4.

Deviations:
    [1] The range goes both ways, as printed; the released code looks backwards only.
    [2] A cell with fewer than K others in its range gets all of them, one with none no pair.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..spaces.base import SearchSpace
from ..spaces.enumeration import CellTable

Rows = npt.NDArray[np.int64]


def computation(space: SearchSpace, cells: Sequence[Architecture]) -> Rows:
    """P of each cell: trainable parameters of its network, [m]."""
    if isinstance(cells, CellTable):
        return cells.parameters()
    return np.array([space.parameters(cell) for cell in cells], np.int64)


def draw_pairs(
    p: Rows, rows: Rows, delta: float, partners: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Pairs (x, y) of `rows`, x != y, |P(x) - P(y)| < delta, up to `partners` for each x.

    Args:
        p: P of every cell, [m].
        rows: cells that may be paired, [n]; no other is.
        partners: K.

    Returns:
        [pairs, 2], cells as numbers of `p`.
    """
    order = np.asarray(rows, np.int64)[np.argsort(p[rows], kind="stable")]
    value, place = p[order].astype(np.float64), np.arange(len(order))
    low = np.searchsorted(value, value - delta, side="right")  # [1]: strictly inside
    high = np.searchsorted(value, value + delta, side="left")
    taken = (place - low)[:, None]  # places in the range that are gone: the cell itself, first
    pairs = [np.zeros((0, 2), np.int64)]
    for k in range(partners):
        left = high - low - 1 - k
        drawn = np.floor(rng.random(len(order)) * np.maximum(left, 1)).astype(np.int64)
        for gone in np.sort(taken, axis=1).T:  # the drawn-th of the places that are left
            drawn += drawn >= gone
        there = left > 0  # [2]
        pairs.append(np.stack([order[there], order[(low + drawn)[there]]], axis=1))
        taken = np.concatenate([taken, drawn[:, None]], axis=1)
    return np.concatenate(pairs)
