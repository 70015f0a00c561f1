"""Claims about accuracy on unseen architectures: fixed subsets (a) and equal cost (b).

    python -m benchmarks.claims run science-fixed | science-equal-cost [--quick]

A full run trains every cell of `benchmarks.science` that is not yet among the results; --quick
trains a few of them afresh, beside the results. Differences are means over architectures and seeds
of pairs that share both; the error is the standard error of these pairs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.run import run_cells
from benchmarks.science.cells import BUNDLE, Setting, by_setting, full_accuracy
from benchmarks.science.run import measure
from benchmarks.science.table import spread, table
from benchmarks.trials import cell, run_cell

FIXED_BARS = {("labels", 0.005): 2.0, ("labels", 0.02): 1.0, ("soft", 0.005): 4.0, ("soft", 0.02): 3.0}  # fmt: skip  # noqa: E501
EQUAL_BAR, EQUAL_BAR_STEPS = 1.0, (150, 300)


def lead(found: Mapping[Setting, Mapping[Any, float]], ours: Setting, theirs: Setting) -> Any:
    """Points by which `ours` is ahead, over the pairs that both ran; None when there are none."""
    both = set(found.get(ours, {})) & set(found.get(theirs, {}))
    return spread(found[ours][p] - found[theirs][p] for p in both) if both else None


def measure_fixed(quick: bool = False) -> dict[str, Any]:
    """Science (a)."""
    if quick:
        rows = _fresh(
            cell(index, method, 0.005, targets, settings.FIXED_STEPS[0.005], 0)
            for targets in ("labels", "soft")
            for index in range(5)
            for method in ("random", "subselnet")
        )
    else:
        rows = measure("fixed")
    found = by_setting(rows)
    bars = {}
    for (targets, budget), bar in FIXED_BARS.items():
        steps = settings.FIXED_STEPS[budget]
        ahead = lead(
            found,
            ("subselnet", budget, targets, steps),
            ("random", budget, "labels", steps),
        )
        if ahead is not None:
            bars[f"{targets} {100 * budget:g} %"] = {"lead": ahead, "bar": bar}
    return {
        "leads_over_random_labels": bars,
        "full_training": spread(full_accuracy().values()) if full_accuracy() else None,
        "table": table(found),
        "holds": all(row["lead"]["mean"] >= row["bar"] for row in bars.values()),
    }


def measure_equal(quick: bool = False) -> dict[str, Any]:
    """Science (b)."""
    if quick:
        rows = _fresh(
            c
            for index in range(5)
            for c in (
                cell(index, "full", 1.0, "labels", 150, 0),
                cell(index, "subselnet", 0.1, "soft", 150, 0, redraw=1),
            )
        )
    else:
        rows = measure("equal-cost")
    found = by_setting(rows)
    bars = {}
    for steps in EQUAL_BAR_STEPS:
        for budget in (0.02, 0.1):
            ahead = lead(
                found, ("subselnet", budget, "soft", steps), ("full", 1.0, "labels", steps)
            )
            if ahead is not None:
                bars[f"{steps} steps, {100 * budget:g} %"] = {"lead": ahead, "bar": EQUAL_BAR}
    best = {steps: _best(bars, steps) for steps in EQUAL_BAR_STEPS}
    return {
        "leads_over_full_labels": bars,
        "steps_saved": {f"{100 * b:g} %": steps_saved(found, b) for b in (0.02, 0.1)},
        "table": table(found),
        "holds": all(value >= EQUAL_BAR for value in best.values() if value is not None)
        and best[150] is not None,
    }


def _best(bars: Mapping[str, Any], steps: int) -> float | None:
    leads = [row["lead"]["mean"] for name, row in bars.items() if name.startswith(f"{steps} ")]
    return max(leads) if leads else None


def steps_saved(found: Mapping[Setting, Mapping[Any, float]], budget: float) -> dict[str, float]:
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


def _fresh(cells: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        return run_cells(Path(folder) / "quick.jsonl", list(cells), run_cell, (BUNDLE,))
