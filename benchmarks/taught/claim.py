"""Claim: with the search's trials as teachers a winner's full training ends no worse.

    python -m benchmarks.claims run taught  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Differences are of the same configuration, seed, length and initial weights, in points of
test accuracy; winners are the best three configurations of a problem, mid-field six of rank 10 to
30, by the truth of the table of trials, whose seeds are others. Intervals are over seeds; of ten
kinds of network over networks, whose seeds stay together, "weaker" those whose teachers are clearly
better than they. "guarded" is 0 by itself where the guard says labels: it is the same training.
"half_over_full" is taught for half of the steps less labels for all of them: from 0 on, teachers
save half of the steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.run import not_run, read_rows
from benchmarks.statistics import mean_interval
from benchmarks.trial_table.problems import PROBLEMS
from subsel_automl.core.errors import BadInput

from . import family
from .run import LENGTHS, LONGEST, PATH, WINNERS, cells
from .run import measure as train

GAIN = 1.0
Rows = Mapping[tuple[Any, ...], Mapping[str, Any]]


def measure(quick: bool = False) -> dict[str, Any]:
    """Points that teachers add, by problem, length and place."""
    if not quick:
        family.measure()
        train()
    rows = {_key(row["cell"]): row for row in read_rows(PATH)}
    found: dict[str, Any] = {}
    for name in PROBLEMS:
        for steps in LENGTHS:
            gains = _gains(rows, name, steps)
            if gains is not None:
                found[f"{name}, {'full' if steps == LONGEST else 'half'} length"] = gains
    kinds = _kinds(read_rows(family.PATH))
    if not found and not kinds:
        raise BadInput("nothing is measured yet; run python -m benchmarks.taught run")
    below = [
        f"{place} of {name}"
        for name, one in {**found, **kinds}.items()
        for place, gain in one["guarded"].items()
        if gain is not None and (gain["interval"][1] or 0) < 0
    ]
    middle = kinds.get("ten kinds, full length", {}).get("guarded", {}).get("weaker")
    missing = not_run(PATH, cells()) + not_run(family.PATH, family.cells())
    return {
        "gains": found,
        "kinds": kinds,
        "clearly_worse": below,
        "cells_not_run": missing,
        "holds": bool(
            not missing and not below and middle and (middle["interval"][0] or 0) >= GAIN
        ),
    }


def _kinds(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of the ten kinds of network, by length."""
    found = {}
    for steps, word in zip(family.LENGTHS, ("full", "half"), strict=True):
        each = [(row["cell"]["network"], row["test_accuracy"][str(steps)]) for row in rows]
        weak = [(name, one) for name, one in each if one["label_share"] < 1]
        if not each:
            continue
        found[f"ten kinds, {word} length"] = {
            "soft": {"all": _more(each, "soft"), "weaker": _more(weak, "soft")},
            "guarded": {"all": _more(each, "taught"), "weaker": _more(weak, "taught")},
            **({"half_over_full": _half_over_full(rows)} if word == "half" else {}),
            "by_network": {
                name: {arm: _more([o for o in each if o[0] == name], arm) for arm in _ARMS}
                for name in dict.fromkeys(name for name, _ in each)
            },
        }
    return found


_ARMS = ("soft", "taught")


def _half_over_full(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of the ten kinds, by arm; units are networks."""
    longest, half = (str(steps) for steps in family.LENGTHS)
    each = [
        (row["cell"]["network"], {**row["test_accuracy"][half], "labels": labels})
        for row in rows
        for labels in (row["test_accuracy"][longest]["labels"],)
    ]
    return {arm: _more(each, arm) for arm in _ARMS}


def _more(each: Sequence[tuple[str, Mapping[str, float]]], arm: str) -> dict[str, Any] | None:
    """Points over labels; units are networks, or seeds of a single one."""
    if not each:
        return None
    alone = len({name for name, _ in each}) == 1
    units = list(range(len(each))) if alone else [name for name, _ in each]
    return mean_interval([100 * (one[arm] - one["labels"]) for _, one in each], units).plain()


def _key(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(cell[name] for name in ("problem", "steps", "seed"))


def _gains(rows: Rows, name: str, steps: int) -> dict[str, Any] | None:
    """Of one problem and length."""
    mine = [row["test_accuracy"] for key, row in rows.items() if key[:2] == (name, steps)]
    if not mine:
        return None
    more = {
        arm: [100 * (np.array(one[arm]) - np.array(one["labels"])) for one in mine] for arm in _ARMS
    }
    found = {"soft": _places(more["soft"]), "guarded": _places(more["taught"]), "seeds": len(mine)}
    if steps != LONGEST:
        found["half_over_full"] = _saved(rows, name, steps)
    return found


def _saved(rows: Rows, name: str, steps: int) -> dict[str, Any]:
    """Taught for `steps` less labels for LONGEST, seed by seed."""
    pairs = [
        (one["test_accuracy"], rows[name, LONGEST, seed]["test_accuracy"]["labels"])
        for (problem, length, seed), one in rows.items()
        if (problem, length) == (name, steps) and (name, LONGEST, seed) in rows
    ]
    return {
        arm: _places([100 * (np.array(short[arm]) - np.array(long)) for short, long in pairs])
        for arm in (*_ARMS, "labels")
        if pairs
    }


def _places(gains: Sequence[Any]) -> dict[str, Any]:
    cut = len(WINNERS)
    return {
        "winners": mean_interval([float(one[:cut].mean()) for one in gains]).plain(),
        "mid-field": mean_interval([float(one[cut:].mean()) for one in gains]).plain(),
    }
