"""Claims about architecture search: bars of the tables, HM-NAS, collapse; see matrix.py too."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from benchmarks.nas import cells as nas
from benchmarks.nas.groups import Row, groups, hm_rows, measured, named, seeds, spread
from benchmarks.nas.run import measure
from benchmarks.nas.subselnet import zoo_made
from benchmarks.run import not_run
from benchmarks.statistics import Estimate, kruskal, paired
from subsel_automl.core.errors import BadInput

BUDGET, POINTS, SHARE = 0.1, 1.0, 0.2
BARRED = [  # soft ones learned from our zoo, and so did the published way
    mode for mode in nas.RIVALS if mode[1] == "labels" and mode != nas.PUBLISHED
]


def measure_tables(quick: bool = False) -> dict[str, Any]:
    """Table 4's bars at 10 %, for SPOS and for GDAS; quick: of the rows that are there.

    GDAS stands twice: as it is, and where no edge may be spelled `none`.

    They are set on `subselnet` with soft targets, redrawn. Where it stands with labels and fixed,
    as published, and what the new seeds alone say of that, is told beside.
    """
    main, plain = nas.subselnet_cells(BUDGET), nas.no_none_cells(BUDGET)
    wanted = [*main, *plain]
    if not quick:
        measure(wanted=wanted)
    tables = {s: [c for c in main if c["search"] == s] for s in nas.MAIN_SEARCHES}
    told = {}
    for search, cells in {**tables, "gdas without none": plain}.items():
        mine = {
            mode: rows for (_, _, mode, _), rows in groups(measured(partial(list, cells))).items()
        }
        if nas.OURS in mine and nas.FULL in mine:
            told[search] = {**_bars(mine), "as_published": _as_published(mine)}
    if not told:
        raise BadInput("no search is measured yet; run python -m benchmarks.nas run")
    return {
        "searches": told,
        "cells_not_run": not_run(nas.PATH, wanted),
        "holds": any(one["holds"] for one in told.values()),
    }


def _as_published(mine: dict[nas.Mode, list[Row]]) -> dict[str, Any]:
    """The bars with `subselnet` as published: over all seeds, and over the new ones.

    All data has all its seeds in both: one such search costs ten others.
    """
    new = {
        mode: [r for r in rows if mode == nas.FULL or r["cell"]["seed"] in nas.NEW_SEEDS]
        for mode, rows in mine.items()
    }
    names = (
        "subselnet",
        "full",
        "cost_of_full",
        "within_a_point_of_full",
        "rivals_ahead",
        "rivals_clearly_ahead",
        "more_error_than_full",
        "rivals_not_run",
        "holds",
    )
    told = {}
    for name, group in (("all_seeds", mine), ("new_seeds", new)):
        there = {mode: rows for mode, rows in group.items() if rows}
        if nas.PUBLISHED in there and nas.FULL in there:
            bars = _bars(there, nas.PUBLISHED)
            told[name] = {key: bars[key] for key in names}
    return told


def _bars(mine: dict[nas.Mode, list[Row]], mode_of_ours: nas.Mode = nas.OURS) -> dict[str, Any]:
    """One search: ours against all data and every rival, seed by seed."""
    ours, full = mine[mode_of_ours], mine[nas.FULL]
    spent, whole = spread(ours, "cpu_seconds")[0], spread(full, "cpu_seconds")[0]
    share, made = spent / whole, zoo_made()
    once = made["zoo_cpu_seconds"] + made["fit_cpu_seconds"]
    rivals = {m: r for m, r in mine.items() if m not in (mode_of_ours, nas.FULL)}
    more = {mode: _more(ours, rows) for mode, rows in {**rivals, nas.FULL: full}.items()}
    error = spread(ours, "test_error")[0]
    ahead = [m for m in BARRED if m in rivals and spread(rivals[m], "test_error")[0] < error]
    near = more[nas.FULL] is not None and more[nas.FULL].high <= POINTS
    cheap, missing = share <= SHARE, [named(mode) for mode in BARRED if mode not in rivals]
    return {
        "subselnet": _told(ours),
        "full": _told(full),
        "more_error_than_full": _plain(more[nas.FULL]),
        "rivals": {
            named(mode): {**_told(rows), "ours_has_more_error": _plain(more[mode])}
            for mode, rows in rivals.items()
        },
        "subsets_differ_p": round(_differ(rivals, ours), 3),
        "cost_of_full": round(share, 3),
        "zoo_and_fit_cpu_seconds": round(once),
        "searches_until_they_paid": math.ceil(once / (whole - spent)) if whole > spent else None,
        "within_a_point_of_full": near,
        "at_most_a_fifth_of_its_cost": cheap,
        "rivals_ahead": [named(mode) for mode in ahead],
        "rivals_clearly_ahead": [named(m) for m in ahead if more[m] and more[m].low > 0],
        "rivals_not_run": missing,
        "holds": near and cheap and not ahead and not missing and _count(ours) >= len(nas.SEEDS),
    }


def _more(ours: list[Row], theirs: list[Row]) -> Estimate | None:
    """Points of test error that ours has more, over the seeds of both."""
    mine, other = seeds(ours, "test_error"), seeds(theirs, "test_error")
    both = sorted(set(mine) & set(other))
    return paired({s: mine[s] for s in both}, {s: other[s] for s in both}) if both else None


def _differ(rivals: dict[nas.Mode, list[Row]], ours: list[Row]) -> float:
    """Whether what a search reads matters at all: all subsets at this budget, seeds as values."""
    return kruskal([list(seeds(rows, "test_error").values()) for rows in (ours, *rivals.values())])


def _count(rows: list[Row]) -> int:
    return len(seeds(rows, "test_error"))


def _plain(found: Estimate | None) -> dict[str, Any] | None:
    return None if found is None else found.plain()


def _told(rows: list[Row]) -> dict[str, Any]:
    return {
        "test_error": [round(value, 2) for value in spread(rows, "test_error")],
        "cpu_seconds": round(spread(rows, "cpu_seconds")[0], 1),
        "collapsed": sum(row["collapsed"] for row in rows),
        "searches": len(rows),
        "seeds": _count(rows),
        "judge_tau": [row["judge_tau"] for row in rows if "judge_tau" in row],
    }


def measure_hm_nas(quick: bool = False) -> dict[str, Any]:
    """Table 2.5: errors fall from single level to multi level to masks, and so do parameters."""
    if not quick:
        measure(wanted=nas.hm_cells())
    found = hm_rows()
    if not found:
        raise BadInput(
            "no HM-NAS is measured yet; run python -m benchmarks.nas run --tables hm-nas"
        )
    errors = {level: spread(rows, "test_error") for level, rows in found.items()}
    means = [errors[level][0] for level in nas.LEVELS if level in errors]
    removed = [row["notes"]["removed_share"] for row in found.get("masks", [])]
    return {
        "levels": {
            level: {
                "error": [round(value, 2) for value in errors[level]],
                "parameters": round(spread(rows, "parameters")[0]),
                "seeds": len(rows),
            }
            for level, rows in found.items()
        },
        "removed_share": round(float(np.mean(removed)), 4) if removed else None,
        "cells_not_run": not_run(nas.PATH, nas.hm_cells()),
        "holds": len(means) == len(nas.LEVELS) and means[0] > means[1] > means[2],
    }


def measure_collapse(quick: bool = False) -> dict[str, Any]:
    """A report: the share of skip-only cells by sampler and search."""
    wanted = [cell for seed in nas.SEEDS for cell in nas.moser_cells(seed)]
    if not quick:
        measure(wanted=wanted)
    rows = measured(lambda: wanted)
    if not rows:
        raise BadInput("no search is measured yet; run python -m benchmarks.nas run --tables moser")
    shares: dict[str, dict[str, list[int]]] = {}
    for row in rows:
        cell = row["cell"]
        pair = shares.setdefault(cell["search"], {}).setdefault(cell["subset"], [0, 0])
        pair[0] += bool(row["collapsed"])
        pair[1] += 1
    return {
        "collapsed_of_searches": shares,
        "cells_not_run": not_run(nas.PATH, wanted),
    }
