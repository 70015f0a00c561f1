"""Claim: redrawn soft subsets save steps of full data, and more of them than any baseline.

    python -m benchmarks.claims run steps-saved  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there.
"""

from __future__ import annotations

from typing import Any

from benchmarks import methods
from benchmarks.equal_cost.cells import cells, path_of
from benchmarks.equal_cost.run import measure
from benchmarks.equal_cost.table import summary
from benchmarks.run import not_run
from benchmarks.trials import FASHION

STEPS_BAR = 1.4


def measure_steps_saved(quick: bool = False) -> dict[str, Any]:
    """The factor of steps saved at 95 % of full accuracy."""
    if not quick:
        measure()
    rows = summary(FASHION)["rows"]
    shown = {
        f"{r['method']} {r['targets']} {100 * r['budget']:g} %": {
            f"{100 * share:g}": None if found is None else [round(x, 3) for x in found]
            for share, found in r["saved"].items()
        }
        for r in rows
    }
    ours = max(_saved(shown.get(f"subselnet soft {share} %")) for share in (2, 10))
    others = {
        name: _saved(found)
        for name, found in shown.items()
        if name.split(" ")[0] not in (*methods.CONTROLS, *methods.OURS, "full")
    }
    best = max(others.items(), key=lambda pair: pair[1], default=("none ran", 0.0))
    return {
        "subselnet_soft_at_95": ours,
        "bar": STEPS_BAR,
        "best_baseline_at_95": best,
        "table": shown,
        "cells_not_run": not_run(path_of(FASHION), cells()),
        "holds": ours >= STEPS_BAR and ours >= best[1],
    }


def _saved(found: Any) -> float:
    return found["95"][0] if found and found["95"] else 0.0
