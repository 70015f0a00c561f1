"""Claim: the table of trials is whole, and its truth is one.

    python -m benchmarks.claims run trial-table  [--quick]

A full run trains what is missing. Beside it: Kendall's tau with the truth of
short trials by kind of data and length, and by what they are judged by; test accuracy by kind less
all data, of the best configurations. The truth's seeds agree when Kendall's tau between the test
accuracies of any two of them is high, over all configurations that do better than chance.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.statistics import kendall
from subsel_automl.budgeting.table import FULL, TrialTable

from .build import TABLES, build, tables
from .build import measure as train
from .problems import PROBLEMS

AGREE = 0.8  # Kendall's tau, mean over pairs of seeds
BEST = 16  # configurations whose accuracies are compared by kind of data


def measure(quick: bool = False) -> dict[str, Any]:
    """Size, missing cells, seconds, agreement, by problem."""
    if not quick:
        train()
        build()
    found = {}
    for name, table in tables().items():
        seconds = sum(float(np.nansum(part)) for part in table.seconds.values())
        found[name] = {
            "configurations": len(table.configs),
            "trials": int(np.isfinite(table.test_accuracy).sum()),
            "missing": table.missing(),
            "cpu_seconds": round(seconds),
            "bytes": (TABLES / f"{name}.npz").stat().st_size,
            "best_truth": round(100 * float(table.truth.max()), 2),
            "seeds_agree": _agreement(table.test_accuracy[:, table.kinds.index("all"), -1]),
            "ranks_by_kind": {kind: _ranks(table, kind) for kind in table.kinds},
            "points_over_all_data": _over_all(table),
            "scoring": {
                f"{measure} on {size}": _ranks(table, FULL, measure, size)
                for measure in ("accuracy", "scaled_cross_entropy")
                for size in table.sizes
            },
        }
    whole = set(found) == set(PROBLEMS) and not any(one["missing"] for one in found.values())
    return {
        "problems": found,
        "holds": whole and all(one["seeds_agree"] >= AGREE for one in found.values()),
    }


def _ranks(
    table: TrialTable, kind: str, measure: str = "accuracy", size: int | None = None
) -> dict[int, float | None]:
    """Kendall's tau with the truth by length, mean over seeds."""
    found: dict[int, float | None] = {}
    for length in table.lengths:
        scores = np.array([
            table.scores(length, kind, seed, measure=measure, size=size) for seed in range(2)
        ])  # fmt: skip
        known = np.isfinite(scores).all()
        once = np.ones((1, len(table.truth)))
        found[length] = round(float(kendall(scores, table.truth, once)[0]), 3) if known else None
    return found


def _over_all(table: TrialTable) -> dict[str, dict[int, float]]:
    """Points of test accuracy by kind and length less all data, mean over the BEST and seeds."""
    best = np.argsort(-table.truth)[:BEST]
    whole = table.test_accuracy[best, table.kinds.index(FULL), :, :2]
    return {
        kind: {
            length: round(100 * float(np.nanmean((more - whole)[:, place])), 2)
            for place, length in enumerate(table.lengths)
            if np.isfinite((more - whole)[:, place]).any()
        }
        for n, kind in enumerate(table.kinds)
        if kind != FULL
        for more in (table.test_accuracy[best, n, :, :2],)
    }


def _agreement(accuracies: Any) -> float:
    """Mean tau over pairs of seeds, [c s]."""
    good = accuracies[np.nanmean(accuracies, 1) > 0.15]
    once = np.ones((1, len(good)))
    pairs = itertools.combinations(range(good.shape[1]), 2)
    return round(float(np.mean([kendall(good[:, a], good[:, b], once)[0] for a, b in pairs])), 3)
