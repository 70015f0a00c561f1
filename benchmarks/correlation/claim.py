"""Claim: configurations are ranked best by a mode of SubSelNet, at equal cost.

    python -m benchmarks.claims run correlation  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there.
"""

from __future__ import annotations

from typing import Any

from benchmarks.correlation import cells as correlation
from benchmarks.correlation.run import measure as measure_cells
from benchmarks.hpo.cells import OURS, named, or_none
from benchmarks.run import not_run
from subsel_automl.core.errors import BadInput

MORE_TAU = 0.05


def measure(quick: bool = False) -> dict[str, Any]:
    """At r = 0.1: Kendall's tau of the best SubSelNet mode against random's and equal steps."""
    if not quick:
        measure_cells()
    found = {mode: summed for mode, summed, _ in correlation.entries(0.1)}
    ours = {mode: s for mode, s in found.items() if mode[0] in OURS}
    if not ours:
        raise BadInput("no ranking is measured yet; run python -m benchmarks.correlation run")
    best = max(ours, key=lambda mode: ours[mode]["kendall"][0])
    tau = ours[best]["kendall"][0]
    rivals = {named(m): s["kendall"][0] for m, s in found.items() if m[0] in ("random", "full")}
    return {
        "best_subselnet": [named(best), *[round(x, 3) for x in ours[best]["kendall"]]],
        "rivals": {name: round(value, 3) for name, value in rivals.items()},
        "table": {
            named(mode): {m: [or_none(x) for x in pair] for m, pair in summed.items()}
            for mode, summed in found.items()
        },
        "cells_not_run": not_run(correlation.PATH, correlation.cells()),
        "holds": bool(
            tau >= found[("random", "labels", 0)]["kendall"][0] + MORE_TAU
            and tau >= found[("full", "labels", 0)]["kendall"][0] + MORE_TAU
        ),
    }
