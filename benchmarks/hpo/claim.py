"""Claim: Table 5, SubSelNet's best mode against full search, AUTOMATA and the controls.

    python -m benchmarks.claims run hpo  [--quick]

A full run makes every search that is not yet among the results; --quick reads the rows that are
there. Differences are of searches with the same seed, intervals over searches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.hpo import cells as hpo
from benchmarks.hpo.cells import OURS, named
from benchmarks.hpo.run import measure as measure_searches
from benchmarks.run import not_run, rows_of
from benchmarks.statistics import Estimate
from subsel_automl.core.errors import BadInput

CHEAPER, POINTS = 8.0, 0.5


def measure(quick: bool = False) -> dict[str, Any]:
    """Table 5 at 10 %: SubSelNet's best mode against full search, AUTOMATA and the controls."""
    if not quick:
        measure_searches()
    rows = {entry["rival"]: entry for entry in hpo.entries(0.1)}
    full = rows.get(("full", "labels", 0))
    ours = [entry for rival, entry in rows.items() if rival[0] in OURS]
    if full is None or not ours:
        raise BadInput("no search is measured yet; run python -m benchmarks.hpo run")
    best, automata = ours[0], rows.get(("automata", "labels", 0))  # least error first
    controls = {r: e for r, e in rows.items() if r[0] not in OURS and r[0] != "full"}
    behind = [named(r) for r, e in controls.items() if hpo.ahead(best, e).verdict() == "worse"]
    near = best["more_error"].high <= POINTS
    cheap = best["cpu"].verdict(CHEAPER) == "better"
    against = None if automata is None else _both_axes(best, automata)
    searches = rows_of(hpo.PATH, hpo.cells())
    return {
        "best_subselnet": {"mode": named(best["rival"]), **_told(best)},
        "full_error": full["error"].plain(),
        "more_error_than_full": best["more_error"].plain(),
        "subselnet": {named(e["rival"]): _told(e) for e in ours},
        "controls": {named(r): _told(e, best) for r, e in controls.items()},
        "controls_ahead": behind,
        "better_than_automata_on_both_axes": against,
        "searches": len(searches),
        "distinct_trainings": len({hpo.training(row) for row in searches}),
        "cells_not_run": not_run(hpo.PATH, hpo.cells()),
        "holds": bool(cheap and near and against and not behind),
    }


def _both_axes(best: Mapping[str, Any], automata: Mapping[str, Any]) -> bool:
    """Less error, search by search, and a better speed-up."""
    less = hpo.ahead(best, automata).verdict() == "better"
    return bool(less and best["cpu"].value > automata["cpu"].value)


def _told(entry: Mapping[str, Any], best: Mapping[str, Any] | None = None) -> dict[str, Any]:
    told = {
        "error": entry["error"].plain(),
        "speedup_cpu": _plain(entry["cpu"]),
        "speedup_wall": _plain(entry["wall"]),
        "speedup_an_epoch": _plain(entry["cpu_an_epoch"]),
        "epochs": round(entry["epochs"], 1),
        "repeats": entry["repeats"],
        "distinct_trainings": entry["trainings"],
    }
    return told if best is None else {**told, "best_is_below_by": hpo.ahead(best, entry).plain()}


def _plain(found: Estimate | None) -> dict[str, Any] | None:
    return None if found is None else found.plain()
