"""Claim: redrawn soft subsets save steps of full data, and more of them than any rival.

    python -m benchmarks.claims run steps-saved  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. The interval is over architectures; both budgets count, and every rival at the same budget
does, controls with soft targets among them.
"""

from __future__ import annotations

from typing import Any

from benchmarks import methods
from benchmarks.equal_cost.cells import BUDGET, SMALLER, cells, path_of
from benchmarks.equal_cost.run import measure
from benchmarks.equal_cost.table import Curves, measured, summary
from benchmarks.run import not_run
from benchmarks.trials import FASHION
from subsel_automl.core.errors import BadInput

STEPS_BAR, SHARE = 1.4, 0.95


def measure_steps_saved(quick: bool = False) -> dict[str, Any]:
    """The factor of steps saved at 95 % of full accuracy."""
    if not quick:
        measure()
    there = measured(FASHION)
    if there is None:
        raise BadInput("nothing is measured yet; run python -m benchmarks.equal_cost run")
    shown = {
        f"{r['method']} {r['targets']} {100 * r['budget']:g} %": {
            f"{100 * share:g}": None if found is None else [round(x, 3) for x in found]
            for share, found in r["saved"].items()
        }
        for r in summary(FASHION)["rows"]
    }
    budgets = {f"{100 * budget:g} %": _at(there, budget) for budget in (BUDGET, SMALLER)}
    return {
        "budgets": budgets,
        "bar": STEPS_BAR,
        "table": shown,
        "cells_not_run": not_run(path_of(FASHION), cells()),
        "holds": all(found["holds"] for found in budgets.values()),
    }


def _at(there: Curves, budget: float) -> dict[str, Any]:
    """One budget: ours, its interval, and the rival that saves most."""
    ours = there.interval(("subselnet", "soft", budget), SHARE)
    rivals = {
        f"{name} {targets}": found[0]
        for name, targets, share in there.means
        if share == budget and name not in methods.OURS
        if (found := there.jackknifed((name, targets, share), SHARE)) is not None
    }
    best = max(rivals.items(), key=lambda pair: pair[1], default=("none ran", 0.0))
    clear = ours is not None and ours.verdict(STEPS_BAR) == "better"
    return {
        "subselnet_soft": None if ours is None else ours.plain(),
        "best_rival": [best[0], round(best[1], 2)],
        "holds": bool(clear and ours is not None and ours.value >= best[1]),
    }
