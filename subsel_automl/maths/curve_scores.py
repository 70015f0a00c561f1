"""How well whole curves were foretold: of each epoch over the runs, then over the epochs to come.

    R2(e)  = 1 - sum_i (y_i,e - m_i,e)^2 / sum_i (y_i,e - mean_e)^2
    tau(e) = Kendall's tau-b of y_.,e and m_.,e
    average: the mean over the epochs after those that were seen; final: that of the last one

Source: Yan 2022 (thesis), 5, the four measures of its tables 5.2 and 5.3.

Deviations:
    [1] The thesis averages over all epochs; here over those to come, since those that were seen are
        known and would be right.
    [2] An epoch at which all runs are equal has no R2 and no tau: NaN, left out of the average.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .metrics import kendall_tau

Values = npt.NDArray[np.float64]


class CurveScores(NamedTuple):
    """Of predicted curves against those that came."""

    average_r2: float
    final_r2: float
    average_tau: float
    final_tau: float


def curve_scores(truth: npt.ArrayLike, predicted: npt.ArrayLike, seen: int = 0) -> CurveScores:
    """Scores over the epochs after the first `seen` ones; both are [n, epochs].

    Raises:
        ValueError: shapes that differ, or no epoch to come.
    """
    y, m = np.asarray(truth, np.float64), np.asarray(predicted, np.float64)
    if y.shape != m.shape or y.ndim != 2 or not 0 <= seen < y.shape[1]:
        raise ValueError(f"curves {y.shape}, predicted {m.shape}, {seen} epochs seen: do not fit")
    y, m = y[:, seen:], m[:, seen:]  # [1]
    r2 = r2_by_epoch(y, m)
    tau = np.array([kendall_tau(y[:, e], m[:, e]) for e in range(y.shape[1])])
    return CurveScores(_mean(r2), float(r2[-1]), _mean(tau), float(tau[-1]))


def r2_by_epoch(truth: Values, predicted: Values) -> Values:
    """R2 of each epoch over the runs, [epochs]."""
    off = np.square(truth - predicted).sum(0)
    spread = np.square(truth - truth.mean(0)).sum(0)
    found: Values = np.where(spread > 0, 1 - off / np.where(spread > 0, spread, 1), np.nan)  # [2]
    return found


def _mean(values: Values) -> float:
    known = values[np.isfinite(values)]  # [2]
    return float(known.mean()) if known.size else float("nan")
