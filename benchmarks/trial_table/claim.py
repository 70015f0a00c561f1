"""Claim: the table of trials is whole, and its truth is one.

    python -m benchmarks.claims run trial-table  [--quick]

A full run trains what is missing. The truth's seeds agree when Kendall's tau between the test
accuracies of any two of them is high, over all configurations that do better than chance.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.statistics import kendall

from .build import TABLES, build, tables
from .build import measure as train
from .problems import PROBLEMS

AGREE = 0.8  # Kendall's tau, mean over pairs of seeds


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
        }
    whole = set(found) == set(PROBLEMS) and not any(one["missing"] for one in found.values())
    return {
        "problems": found,
        "holds": whole and all(one["seeds_agree"] >= AGREE for one in found.values()),
    }


def _agreement(accuracies: Any) -> float:
    """Mean tau over pairs of seeds, [c s]."""
    good = accuracies[np.nanmean(accuracies, 1) > 0.15]
    once = np.ones((1, len(good)))
    pairs = itertools.combinations(range(good.shape[1]), 2)
    return round(float(np.mean([kendall(good[:, a], good[:, b], once)[0] for a, b in pairs])), 3)
