"""Claim: Table 5, the plan of rungs on redrawn subsets against full search; AUTOMATA, ASP and the
controls beside it.

    python -m benchmarks.claims run hpo  [--quick]

A full run makes every search that is not yet among the results; --quick reads the rows that are
there. Differences are of searches with the same seed, intervals over searches. The mode that the
claim stands on (`cells.BEST`) was chosen before it had a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.amortization import cells as amortization
from benchmarks.hpo import cells as hpo
from benchmarks.hpo.cells import OURS, named
from benchmarks.hpo.run import measure as measure_searches
from benchmarks.run import not_run, read_rows, rows_of
from benchmarks.statistics import Estimate
from subsel_automl.core.errors import BadInput

CHEAPER, POINTS, DISTINCT = 8.0, 0.5, 6
Entry = Mapping[str, Any]


def measure(quick: bool = False) -> dict[str, Any]:
    """Table 5: rungs at 10 % against full search, and everybody at 10 and 5 % beside them."""
    if not quick:
        measure_searches()
    rows, smaller = ({e["rival"]: e for e in hpo.entries(budget)} for budget in hpo.BUDGETS)
    full, best = rows.get(hpo.FULL), rows.get(hpo.BEST)
    if full is None or best is None:
        raise BadInput("no search is measured yet; run python -m benchmarks.hpo run")
    searches = rows_of(hpo.PATH, hpo.cells())
    errors = hpo.winners_errors()
    compared = [row for row in searches if _rival(row) in (hpo.FULL, hpo.BEST)]
    distinct = {hpo.configuration(row) for row in compared if row["cell"]["budget"] != 0.05}
    trained = len(distinct & set(errors))
    rivals = [entry for rival, entry in rows.items() if rival not in (hpo.FULL, hpo.BEST)]
    missing = {
        "searches": not_run(hpo.PATH, hpo.cells()),
        "winners": not_run(hpo.WINNERS, hpo.winner_cells(searches)),
    }
    return {
        "plan": hpo.PLAN.told(),
        "best": {"mode": named(hpo.BEST), **_told(best)},
        "full": {"error": _plain(full["error"]), "epochs": round(full["epochs"], 1)},
        "subselnet": _best_of_subselnet(rivals),
        "rivals": {named(e["rival"]): _told(e, best) for e in rivals},
        "ahead": _ahead(best, rivals),
        "at_5_percent": {
            named(rival): _told(entry) for rival, entry in smaller.items() if rival != hpo.FULL
        },
        "zoo": _zoo(),
        "searches": len(searches),
        "distinct_winners": trained,
        "distinct_winners_of_all": len({hpo.configuration(row) for row in searches} & set(errors)),
        "seeds": len(hpo.SEEDS),
        "cells_not_run": missing,
        "holds": _cheap(best) and _near(best) and trained >= DISTINCT and not any(missing.values()),
    }


def _cheap(best: Entry) -> bool:
    return best["cpu"] is not None and best["cpu"].verdict(CHEAPER) == "better"


def _near(best: Entry) -> bool:
    return best["more_error"] is not None and best["more_error"].high <= POINTS


def _rival(row: Mapping[str, Any]) -> hpo.Rival:
    cell = row["cell"]
    return cell["method"], cell["targets"], cell["redraw"]


def _best_of_subselnet(rivals: list[Entry]) -> dict[str, Any] | None:
    """Of the modes with the most searches, the one with the least error against full's."""
    ours = [e for e in rivals if e["rival"][0] in OURS and e["more_error"] is not None]
    if not ours:
        return None
    most = max(e["more_error"].units for e in ours)
    first = min(
        (e for e in ours if e["more_error"].units == most), key=lambda e: e["more_error"].value
    )
    return {"mode": named(first["rival"]), **_told(first)}


def _ahead(best: Entry, rivals: list[Entry]) -> dict[str, list[str]]:
    """Whom an interval puts clearly before or behind the best mode, in error and in cost."""
    found: dict[str, list[str]] = {
        "less_error": [], "more_error": [], "cheaper": [], "dearer": []
    }  # fmt: skip
    for entry in rivals:
        less, times = hpo.ahead(best, entry), hpo.times_cheaper(best, entry)
        error = {"better": "more_error", "worse": "less_error"}.get(less.verdict() if less else "")
        cost = {"better": "dearer", "worse": "cheaper"}.get(times.verdict(1.0) if times else "")
        for part in filter(None, (error, cost)):
            found[part].append(named(entry["rival"]))
    return found


def _zoo() -> dict[str, Any] | None:
    """What SubSelNet's zoo, encoder, approximator and tuning cost, on no search's bill."""
    known = read_rows(amortization.PATH)
    if not known:
        return None
    once = float(known[-1]["costs"]["subselnet"][0])
    return {"cpu_seconds_once": round(once), "a_search_of_100": round(once / 100, 1)}


def _told(entry: Entry, best: Entry | None = None) -> dict[str, Any]:
    told = {
        "error": _plain(entry["error"]),
        "more_error_than_full": _plain(entry["more_error"]),
        "speedup_cpu": _plain(entry["cpu"]),
        "speedup_as_read": _plain(entry["cpu_as_read"]),
        "cpu_seconds": round(entry["cpu_seconds"], 1),
        "epochs": round(entry["epochs"], 1),
        "repeats": entry["repeats"],
        "distinct_winners": entry["winners"],
    }
    return told if best is None else {**told, "best_is_below_by": _plain(hpo.ahead(best, entry))}


def _plain(found: Estimate | None) -> dict[str, Any] | None:
    return None if found is None else found.plain()
