"""Claim: with the search's trials as teachers a winner's full training ends no worse.

    python -m benchmarks.claims run taught  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Differences are of the same configuration, seed, length and initial weights, in points of
test accuracy; winners are the best three configurations of a problem, mid-field six of rank 10 to
30, by the truth of the table of trials, whose seeds are others. Intervals are over seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.run import not_run, read_rows
from benchmarks.statistics import mean_interval
from benchmarks.trial_table.problems import PROBLEMS
from subsel_automl.core.errors import BadInput

from .run import LENGTHS, LONGEST, PATH, SEEDS, WINNERS, cells
from .run import measure as train

GAIN, GAINS_ON = 1.0, "cifar10-sprites"
Rows = Mapping[tuple[Any, ...], Mapping[str, Any]]


def measure(quick: bool = False) -> dict[str, Any]:
    """Points that teachers add, by problem, length and place."""
    if not quick:
        train()
    rows = {_key(row["cell"]): row for row in read_rows(PATH)}
    found: dict[str, Any] = {}
    for name in PROBLEMS:
        for steps in LENGTHS:
            gains = _gains(rows, name, steps)
            if gains is not None:
                found[f"{name}, {'full' if steps == LONGEST else 'half'} length"] = gains
    if not found:
        raise BadInput("nothing is measured yet; run python -m benchmarks.taught run")
    below = [
        f"{place} of {name}"
        for name, one in found.items()
        for place in ("winners", "mid-field")
        if (one[place]["interval"][1] or 0) < 0
    ]
    middle = found.get(f"{GAINS_ON}, full length")
    missing = not_run(PATH, cells())
    return {
        "gains": found,
        "clearly_worse": below,
        "cells_not_run": missing,
        "holds": bool(
            not missing and not below and middle and middle["mid-field"]["interval"][0] >= GAIN
        ),
    }


def _key(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(cell[name] for name in ("problem", "arm", "steps", "seed"))


def _gains(rows: Rows, name: str, steps: int) -> dict[str, Any] | None:
    """Over the seeds that both arms have."""
    more: dict[int, Any] = {}
    for seed in range(SEEDS):
        both = [rows.get((name, arm, steps, seed)) for arm in ("taught", "labels")]
        if both[0] is not None and both[1] is not None:
            ours, theirs = (np.array(one["test_accuracy"]) for one in both if one is not None)
            more[seed] = 100 * (ours - theirs)
    if not more:
        return None
    cut = len(WINNERS)
    return {
        "winners": mean_interval([float(one[:cut].mean()) for one in more.values()]).plain(),
        "mid-field": mean_interval([float(one[cut:].mean()) for one in more.values()]).plain(),
        "seeds": len(more),
    }
