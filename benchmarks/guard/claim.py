"""Claim: the default is never far from the best mode, and better than all data on wrong labels.

    python -m benchmarks.claims run guard  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Differences are of the same configuration, seed and initial weights, in points of test
accuracy; intervals over seeds, each the mean of three configurations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.run import not_run, read_rows
from benchmarks.statistics import Estimate, paired
from subsel_automl.core.errors import BadInput

from .run import MODES, NOISY, PATH, PROBLEMS, RIGHT, cells
from .run import measure as train

USUAL, PLAIN, ALL = "guarded", "random-per-class redrawn", "all data"
BELOW, ABOVE = 0.5, 2.0


def measure(quick: bool = False) -> dict[str, Any]:
    """By problem: accuracies of the modes, and the default less each of them."""
    if not quick:
        train()
    rows = {
        (r["cell"]["problem"], r["cell"]["mode"], r["cell"]["seed"]): r for r in read_rows(PATH)
    }
    found = {name: of for name in PROBLEMS if (of := _problem(rows, name))}
    if not found:
        raise BadInput("nothing is measured yet; run python -m benchmarks.guard run")
    missing = not_run(PATH, cells())
    behind = [name for name, one in found.items() if one["behind_the_best_mode"]]
    below = [name for name, one in found.items() if one["less"][PLAIN]["interval"][0] < -BELOW]
    noisy = found.get(NOISY, {}).get("less", {}).get(ALL)
    return {
        "problems": found,
        "clearly_behind_the_best_mode": behind,
        "below_random_per_class": below,
        "over_all_data_on_wrong_labels": noisy,
        "cells_not_run": missing,
        "holds": bool(
            not missing and not behind and not below and noisy and noisy["interval"][0] >= ABOVE
        ),
    }


def _problem(rows: Mapping[Any, Mapping[str, Any]], name: str) -> dict[str, Any] | None:
    modes = {}
    for mode in MODES:
        mine = {seed: rows[key] for key in rows if key[:2] == (name, mode) for seed in key[2:]}
        if mine:
            modes[mode] = {s: 100 * float(np.mean(r["test_accuracy"])) for s, r in mine.items()}
    if USUAL not in modes or PLAIN not in modes:
        return None
    less = {mode: _less(modes[USUAL], each) for mode, each in modes.items() if mode != USUAL}
    means = {mode: round(float(np.mean(list(each.values()))), 2) for mode, each in modes.items()}
    fits = [r["fit_cpu_seconds"] for k, r in rows.items() if k[:2] == (name, USUAL)]
    return {
        "accuracy": means,
        "less": {mode: one.plain() for mode, one in less.items()},
        "behind_the_best_mode": [m for m, one in less.items() if one.high < 0 and m != RIGHT],
        "cpu_seconds_of_the_guard": round(float(np.median(fits)), 2),
    }


def _less(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Estimate:
    both = sorted(set(ours) & set(theirs))
    return paired({seed: ours[seed] for seed in both}, {seed: theirs[seed] for seed in both})
