"""Claim: a search finds more in the same epochs where curves say which trainings end early.

    python -m benchmarks.lce run

On the curves of NAS-Bench-NLP, at least 30 seeds, at 2,000 epochs: for each of random, local
search, evolution and `bo` some extrapolator has less regret than whole trainings, by the whole
interval of the difference seed by seed. Whether one that learns beats `last` is said beside, and is
no bar.
"""

from __future__ import annotations

from typing import Any

from benchmarks.run import not_run
from benchmarks.statistics import Estimate
from subsel_automl.core.errors import BadInput

from .cells import EXTRAPOLATORS, LEARNED, NONE, PATH, SEARCHES, cells, rows
from .run import measure as run
from .table import MIDDLE, less

LEAST_SEEDS = 30


def measure(quick: bool = False) -> dict[str, Any]:
    """Differences of regret, and what they say."""
    if not quick:
        run()
    against_none = {name: {by: _less(name, by, NONE) for by in EXTRAPOLATORS} for name in SEARCHES}
    against_last = {name: {by: _less(name, by, "last") for by in LEARNED} for name in SEARCHES}
    better = {
        name: [by for by, found in each.items() if found.high < 0]
        for name, each in against_none.items()
    }
    missing = not_run(PATH, cells())
    seeds = min(found.units for each in against_none.values() for found in each.values())
    return {
        "regret_less_whole_trainings": _plain(against_none),
        "regret_less_last": _plain(against_last),
        "clearly_better_than_whole_trainings": better,
        "clearly_better_than_last": _clear(against_last, -1),
        "clearly_worse_than_last": _clear(against_last, 1),
        "epochs": MIDDLE,
        "seeds": seeds,
        "cells_not_run": missing,
        "holds": bool(all(better.values()) and seeds >= LEAST_SEEDS and not missing),
    }


def _less(search: str, by: str, other: str) -> Estimate:
    found = less(rows(search, by), rows(search, other), MIDDLE)
    if found is None:
        raise BadInput("not all is measured yet; run python -m benchmarks.lce run")
    return found


def _clear(differences: dict[str, dict[str, Estimate]], sign: int) -> list[str]:
    """Names of those whose whole interval is on one side."""
    return [
        f"{name}, {by}"
        for name, each in differences.items()
        for by, found in each.items()
        if (found.high < 0 if sign < 0 else found.low > 0)
    ]


def _plain(differences: dict[str, dict[str, Estimate]]) -> dict[str, dict[str, Any]]:
    return {
        name: {by: found.plain(3) for by, found in each.items()}
        for name, each in differences.items()
    }
