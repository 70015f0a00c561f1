"""Claim: with the search's trials as teachers a winner's full training ends no worse.

    python -m benchmarks.claims run taught  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Differences are of the same configuration, seed, length and initial weights, in points of
test accuracy; winners are the best three configurations of a problem by validation after full
training with labels, mid-field those of rank 10 to 30. Intervals are over seeds within a problem,
and over problems in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.run import not_run, read_rows
from benchmarks.statistics import mean_interval
from benchmarks.trial_table.problems import PROBLEMS
from benchmarks.trial_table.run import networks
from subsel_automl.core.errors import BadInput

from .run import LENGTHS, LONGEST, PATH, SEEDS, cells
from .run import measure as train

WINNERS, MIDDLE = slice(0, 3), slice(9, 30)
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
    below = [name for name, one in found.items() if one["winners"]["interval"][1] < 0]
    middle = found.get(f"{GAINS_ON}, full length")
    return {
        "gains": found,
        "winners_clearly_worse": below,
        "cells_not_run": not_run(PATH, cells()),
        "holds": bool(not below and middle and middle["mid-field"]["value"] >= GAIN),
    }


def _key(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(cell[name] for name in ("problem", "network", "arm", "steps", "seed"))


def _gains(rows: Rows, name: str, steps: int) -> dict[str, Any] | None:
    """Seeds that both arms have, with all networks."""
    winners: list[float] = []
    middle: list[float] = []
    units: list[int] = []
    for seed in range(SEEDS):
        arms = {arm: _accuracies(rows, name, arm, steps, seed) for arm in ("labels", "taught")}
        judged = _accuracies(rows, name, "labels", LONGEST, seed, "validation_accuracy")
        if judged is None or any(one is None for one in arms.values()):
            continue
        order = np.argsort(-judged, kind="stable")
        more = 100 * (arms["taught"] - arms["labels"])  # type: ignore[operator]
        winners.append(float(more[order[WINNERS]].mean()))
        middle.append(float(more[order[MIDDLE]].mean()))
        units.append(seed)
    if not units:
        return None
    return {
        "winners": mean_interval(winners, units).plain(),
        "mid-field": mean_interval(middle, units).plain(),
        "seeds": len(units),
    }


def _accuracies(
    rows: Rows, name: str, arm: str, steps: int, seed: int, what: str = "test_accuracy"
) -> Any:
    """Of all configurations, [c]; None while a network is missing."""
    parts = [rows.get((name, net.name, arm, steps, seed)) for net in networks(name)]
    if any(part is None for part in parts):
        return None
    return np.concatenate([part[what] for part in parts if part is not None])
