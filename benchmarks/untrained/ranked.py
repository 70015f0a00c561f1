"""Rows as rankings: Kendall's tau and Spearman's rho with the truth, and what g_beta has more.

Intervals of tau are over cells that were drawn (`statistics.py`); a ranking of several seeds counts
as their mean tau. A constant ranking orders nothing: its tau and rho are not defined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.run import not_run, rows_of
from benchmarks.statistics import Estimate, kendall_difference, kendall_interval
from subsel_automl.maths.metrics import spearman

from .run import PATH, networks, scores
from .scores import TRUTH

Values = npt.NDArray[np.float64]
OURS, PLAIN = "subselnet", "parameters"
RESAMPLES = 5_000


@dataclass(frozen=True)
class Ranked:
    """One score of a study."""

    tau: Estimate
    rho: float
    ours_less: Estimate | None  # tau of g_beta less this one's; None of g_beta itself
    cpu_seconds: float | None  # None: published by others


def truth_of(which: str) -> Values | None:
    """Accuracies of the cells; None where they are not all there."""
    if which == "zoo":
        rows = {row["cell"]["network"]: row for row in rows_of(PATH, networks())}
        if not_run(PATH, networks()):
            return None
        return np.array([rows[place]["test_accuracy"] for place in sorted(rows)])
    found = rows_of(PATH, [{"study": which, "score": TRUTH}])
    return np.array(found[0]["scores"][0]) if found else None


def ranked(which: str) -> dict[str, Ranked]:
    """By score, the highest tau first; nothing before the truth is there."""
    truth, rows = truth_of(which), _rows(which)
    if truth is None or OURS not in rows:
        return {}
    ours = np.array(rows[OURS]["scores"])
    found = {}
    for name, row in rows.items():
        each = np.array(row["scores"])
        less = None
        if name != OURS:
            less = kendall_difference(ours, each, truth, resamples=RESAMPLES)
        tau = kendall_interval(each, truth, resamples=RESAMPLES)
        found[name] = Ranked(tau, _rho(each, truth), less, row["cpu_seconds"])
    return dict(sorted(found.items(), key=lambda one: -np.nan_to_num(one[1].tau.value)))


def _rows(which: str) -> dict[str, dict[str, Any]]:
    rows = rows_of(PATH, scores(which))
    return {row["cell"]["score"]: row for row in rows if row["cell"]["score"] != TRUTH}


def _rho(each: Values, truth: Values) -> float:
    if (np.ptp(each, axis=1) == 0).any():
        return float("nan")
    return float(np.mean([spearman(row, truth) for row in each]))
