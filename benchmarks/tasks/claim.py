"""Claim: every task is searched end to end by every provider that can; others refuse it.

    python -m benchmarks.claims run tasks [--quick]

A cell is a problem and an arm, over the seeds that parted the data. It holds when each search ended
with subsets of the right size and finite errors, and its winners are, in the mean, better than the
most frequent class, labels or the mean. Soft targets against labels is a report: paired by seed, at
equal steps, an interval of 95 % by bootstrap over seeds. What is drawn there is how one data set is
parted, so that nothing is said of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.statistics import mean_interval
from subsel_automl.catalog import provider
from subsel_automl.core.errors import MissingNeed

from .problems import LABELS, PROBLEMS, VALUES, Parted, parted
from .search import ONLINE, SOFT, Found, arms, search

SEEDS = 8
REFUSED = ("el2n", "random-per-class", "craig")  # where there are no classes
RIVALS = ("random", ONLINE)  # both with labels
Searches = Mapping[str, Sequence[Found]]  # by arm, a seed each


def measure(quick: bool = False) -> dict[str, Any]:
    """Cells, comparisons, refusals, and what was wrong."""
    torch.set_num_threads(1)
    seeds, trials = (1, 3) if quick else (SEEDS, 8)
    cells: dict[str, Any] = {}
    compared, refusals, wrong = [], {}, {}
    for name, make in PROBLEMS.items():
        problem = make()
        parts = [parted(problem, seed) for seed in range(seeds)]
        found = {
            arm.name: [search(data, arm, seed, trials) for seed, data in enumerate(parts)]
            for arm in arms(problem.task)
        }
        ignorant = [data.ignorant() for data in parts]
        cells[name] = {"task": problem.task, "ignorant": mean(ignorant), "arms": _cells(found)}
        wrong |= {f"{name}, {arm}": why for arm in found if (why := _wrong(found[arm], ignorant))}
        if not quick:
            compared += [_compared(name, found, rival) for rival in RIVALS]
        if problem.task in (LABELS, VALUES):
            refusals[name] = {one: refused(one, parts[0]) for one in REFUSED}
    unrefused = [
        f"{n}, {one}" for n, by in refusals.items() for one, said in by.items() if not said
    ]
    return {
        "seeds": seeds,
        "problems": cells,
        "soft_against_labels": compared,
        "refused": refusals,
        "cells": sum(len(cell["arms"]) for cell in cells.values()),
        "wrong": wrong,
        "not_refused": unrefused,
        "holds": not wrong and not unrefused,
    }


def refused(name: str, data: Parted) -> str:
    """The sentence that names provider and pool; "" without one."""
    try:
        provider(name).fit(data.pool)
    except MissingNeed as error:
        said = str(error)
        return said if repr(name) in said and repr(data.pool.name) in said else ""
    return ""


def mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 2)


def _cells(found: Searches) -> dict[str, Any]:
    """Test errors in percent: of the winners, and of all configurations."""
    return {
        arm: {
            "winner": mean([one.winner for one in searches]),
            "mean": mean([one.mean for one in searches]),
            "lessons": sum(one.lessons or 0 for one in searches) or None,
        }
        for arm, searches in found.items()
    }


def _wrong(searches: Sequence[Found], ignorant: Sequence[float]) -> str:
    for one in searches:
        if one.wrong:
            return one.wrong
    best, known = mean([one.winner for one in searches]), mean(ignorant)
    return "" if best < known else f"error {best} of the winners, {known} without looking"


def _compared(name: str, found: Searches, rival: str) -> dict[str, Any]:
    """Points of error that soft targets save against a rival with labels, and what they were."""
    soft, hard = found[SOFT], found[rival]
    notes = [one.notes for one in soft]
    return {
        "problem": name,
        "rival": f"{rival} labels" if rival == ONLINE else f"{rival} redrawn, labels",
        "winner": saved([h.winner - s.winner for s, h in zip(soft, hard, strict=True)]),
        "mean": saved([h.mean - s.mean for s, h in zip(soft, hard, strict=True)]),
        "taught": {key: round(float(np.mean([n[key] for n in notes])), 3) for key in notes[0]},
    }


def saved(points: Sequence[float]) -> dict[str, Any]:
    """The mean, its interval and what that comes to."""
    found = mean_interval(points)
    told = found.plain()
    return {"points": told["value"], "interval": told["interval"], "soft_is": found.verdict()}
