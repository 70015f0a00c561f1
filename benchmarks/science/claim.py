"""Claims about accuracy on unseen architectures: fixed subsets (a) and equal cost (b).

    python -m benchmarks.claims run science-fixed | science-equal-cost [--quick]

A full run trains every cell of `benchmarks.science` that is not yet among the results; --quick
reads the rows that are there. A lead is the mean over pairs of the same architecture and seed; its
interval is over architectures, which were drawn, each with its seeds. Subsets are compared with the
same kind of target; what soft targets do alone, on a random subset, is told beside. A bar holds
when the whole interval is above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.run import not_run, read_rows
from benchmarks.science.cells import (
    Setting,
    by_setting,
    equal_cells,
    fixed_cells,
    full_accuracy,
    path_of,
)
from benchmarks.science.run import measure
from benchmarks.science.table import spread, table
from benchmarks.statistics import Estimate, paired

Found = Mapping[Setting, Mapping[tuple[int, int], float]]
FIXED_BARS = {("labels", 0.005): 2.0, ("labels", 0.02): 1.0, ("soft", 0.005): 0.0, ("soft", 0.02): 0.0}  # fmt: skip  # noqa: E501
EQUAL_BAR, EQUAL_STEPS, BUDGETS = 1.0, (150, 300), (0.02, 0.1)


def lead(found: Found, ours: Setting, theirs: Setting) -> Estimate | None:
    """Points by which `ours` is ahead, over the pairs that both ran; None when there are none."""
    both = set(found.get(ours, {})) & set(found.get(theirs, {}))
    if not both:
        return None
    mine, other = ({run: found[name][run] for run in sorted(both)} for name in (ours, theirs))
    return paired(mine, other, unit=lambda run: run[0])


def measure_fixed(quick: bool = False) -> dict[str, Any]:
    """Science (a): against a random subset with the same targets."""
    found = by_setting(read_rows(path_of("fixed")) if quick else measure("fixed"))
    bars, targets_alone = {}, {}
    for (targets, budget), bar in FIXED_BARS.items():
        steps = settings.FIXED_STEPS[budget]
        control = ("random", budget, targets, steps)
        name = f"{targets} {100 * budget:g} %"
        bars[name] = _held(lead(found, ("subselnet", budget, targets, steps), control), bar)
        if targets == "soft":
            targets_alone[name] = _plain(lead(found, control, ("random", budget, "labels", steps)))
    return {
        "leads_over_random_same_targets": bars,
        "random_soft_over_random_labels": targets_alone,
        "full_training": spread(full_accuracy().values()) if full_accuracy() else None,
        "table": table(found),
        "cells_not_run": not_run(path_of("fixed"), fixed_cells()),
        "holds": all(row["holds"] for row in bars.values()),
    }


def measure_equal(quick: bool = False) -> dict[str, Any]:
    """Science (b): against all data, and against random redrawn subsets with the same targets."""
    found = by_setting(read_rows(path_of("equal-cost")) if quick else measure("equal-cost"))
    over_full, over_random, random_over_full = {}, {}, {}
    for steps in EQUAL_STEPS:
        for budget in BUDGETS:
            name = f"{steps} steps, {100 * budget:g} %"
            ours, full = ("subselnet", budget, "soft", steps), ("full", 1.0, "labels", steps)
            random = ("random", budget, "soft", steps)
            over_full[name] = _held(lead(found, ours, full), EQUAL_BAR)
            over_random[name] = _held(lead(found, ours, random), 0.0)
            random_over_full[name] = _plain(lead(found, random, full))
    return {
        "leads_over_full_labels": over_full,
        "leads_over_random_same_targets": over_random,
        "random_soft_over_full_labels": random_over_full,
        "steps_saved": {f"{100 * b:g} %": steps_saved(found, b) for b in BUDGETS},
        "table": table(found),
        "cells_not_run": not_run(path_of("equal-cost"), equal_cells()),
        "holds": all(row["holds"] for rows in (over_full, over_random) for row in rows.values()),
    }


def _held(ahead: Estimate | None, bar: float) -> dict[str, Any]:
    """A lead against its bar; what did not run does not hold."""
    said = "not run" if ahead is None else ahead.verdict(bar)
    return {"lead": _plain(ahead), "bar": bar, "against_bar": said, "holds": said == "better"}


def _plain(ahead: Estimate | None) -> dict[str, Any] | None:
    return None if ahead is None else ahead.plain()


def steps_saved(found: Found, budget: float) -> dict[str, float]:
    """Steps of `full` divided by steps of `subselnet` redrawn + soft for the same mean accuracy
    (interpolated on a logarithmic scale of steps, on the pairs that ran at every step count)."""
    ours = [("subselnet", budget, "soft", s) for s in settings.EQUAL_STEPS]
    full = [("full", 1.0, "labels", s) for s in settings.EQUAL_STEPS]
    runs = [set(found.get(setting, {})) for setting in (*ours, *full)]
    if not all(runs):
        return {}
    shared = set.intersection(*runs)
    mean = {s: float(np.mean([found[s][p] for p in shared])) for s in (*ours, *full)}
    grid = np.log([s[3] for s in full])
    curve = np.maximum.accumulate([mean[s] for s in full])
    factors = {}
    for setting in ours:
        if curve[0] <= mean[setting] <= curve[-1]:
            needed = float(np.exp(np.interp(mean[setting], curve, grid)))
            factors[f"{setting[3]} steps"] = round(needed / setting[3], 2)
    return factors
