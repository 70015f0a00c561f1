"""Claim: configurations are ranked best by a mode of SubSelNet, at equal cost.

    python -m benchmarks.claims run correlation  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Labels are compared with labels, by modes that ran on all seeds; intervals are over the
configurations, which all seeds and modes share, and differences over the same drawn ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.correlation import cells as correlation
from benchmarks.correlation.run import measure as measure_cells
from benchmarks.hpo.cells import OURS, named, or_none
from benchmarks.run import not_run, read_rows
from benchmarks.statistics import Estimate, kendall_difference
from subsel_automl.core.errors import BadInput

MORE_TAU, RATIO = 0.05, 0.1
RANDOM, FULL = ("random", "labels", 0), ("full", "labels", 0)


def measure(quick: bool = False) -> dict[str, Any]:
    """At r = 0.1: Kendall's tau of the best SubSelNet mode against random's and equal steps."""
    if not quick:
        measure_cells()
    found = correlation.entries(RATIO)
    every = [mode for mode, _, _, seeds in found if seeds == len(correlation.SEEDS)]
    ours = [mode for mode in every if mode[0] in OURS and mode[1] == "labels"]
    if not ours or not {RANDOM, FULL} <= set(every):
        raise BadInput("no ranking is measured yet; run python -m benchmarks.correlation run")
    taus = {named(mode): tau.plain(3) for mode, _, tau, _ in found}
    barred = {"random, fixed": _ahead(ours[0], RANDOM), "all data": _ahead(ours[0], FULL)}
    return {
        "best_subselnet": {"mode": named(ours[0]), "tau": taus[named(ours[0])]},
        "rivals": {named(mode): taus[named(mode)] for mode in (RANDOM, FULL)},
        "leads": {rival: ahead.plain(3) for rival, ahead in barred.items()},
        "random_over_all_data": _ahead(RANDOM, FULL).plain(3),
        "table": {
            named(mode): {**{m: or_none(x) for m, x in summed.items()}, "kendall": tau.plain(3)}
            for mode, summed, tau, _ in found
        },
        "cells_not_run": not_run(correlation.PATH, correlation.cells()),
        "holds": all(ahead.verdict(MORE_TAU) == "better" for ahead in barred.values()),
    }


def _ahead(ours: correlation.Mode, theirs: correlation.Mode) -> Estimate:
    """By how much one mode's tau is above another's."""
    rows = read_rows(correlation.PATH)
    truth = correlation.truth_of(rows)
    assert truth is not None
    mine, other = (np.array(correlation.rankings(mode, RATIO, rows)) for mode in (ours, theirs))
    return kendall_difference(mine, other, truth)
