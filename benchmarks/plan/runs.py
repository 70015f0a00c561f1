"""Claim: run for real, our plan has a regret of at most half a point, at half of any rival's cost.

    python -m benchmarks.claims run plan-real  [--quick]

A full run makes every search that is not yet among the results; --quick reads the rows that are
there. Regret is in points of test accuracy after full training, below the best of the 40 (where TPE
proposes others, it may be negative); costs are in full trainings, the winner's with them. A rival's
cost is what it needs until its mean regret over searches stays at or below ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.run import not_run, read_rows
from benchmarks.statistics import mean_interval
from subsel_automl.core.errors import BadInput

from .real import DRAWN, OURS, PATH, PROBLEMS, PRUNERS, SEEDS, cells
from .real import measure as train
from .simulated import BUDGETS, ENOUGH, cost_to_reach

MAIN, CHEAPER = "rungs, guarded at 10 %", 2.0
Rows = Mapping[tuple[str, str, int], Mapping[str, Any]]


def measure(quick: bool = False) -> dict[str, Any]:
    """By problem and way to spend: regret, cost, CPU seconds, and what rivals need for ours."""
    if not quick:
        train()
    rows = {(r["cell"]["problem"], r["cell"]["arm"], r["cell"]["seed"]): r for r in read_rows(PATH)}
    found = {name: of for name in PROBLEMS if (of := _problem(rows, name))}
    if not found:
        raise BadInput("nothing is measured yet; run python -m benchmarks.plan.real run")
    missing = not_run(PATH, cells())
    near = all(one["arms"][MAIN]["regret"]["interval"][1] <= ENOUGH for one in found.values())
    cheap = all(one["times_cheaper_than_the_best_rival"] >= CHEAPER for one in found.values())
    return {
        "problems": found,
        "cells_not_run": missing,
        "holds": bool(not missing and near and cheap),
    }


def _problem(rows: Rows, name: str) -> dict[str, Any] | None:
    seeds = [
        seed
        for seed in range(SEEDS)
        if all((name, arm, seed) in rows for arm in ("full", *OURS, *PRUNERS))
    ]
    if not seeds:
        return None
    truth = {seed: np.array(rows[name, "full", seed]["test_accuracy"]) for seed in seeds}
    arms: dict[str, Any] = {}
    regrets: dict[str, list[float]] = {}
    for arm in (*OURS, *PRUNERS):
        mine = [rows[name, arm, seed] for seed in seeds]
        regrets[arm] = [
            100 * float(truth[seed].max() - row["winner"])
            for seed, row in zip(seeds, mine, strict=True)
        ]
        arms[arm] = {
            "regret": mean_interval(regrets[arm]).plain(),
            "cost": round(float(np.mean([row["cost"] + row["lacks"] for row in mine])), 2),
            "cpu_seconds": round(float(np.mean([row["cpu_seconds"] for row in mine])), 1),
        }
    ours = arms[MAIN]
    needed = {arm: _needed(rows, name, arm, truth, ours["regret"]["value"]) for arm in PRUNERS}
    for arm, cost in needed.items():
        arms[arm]["cost_for_our_regret"] = round(cost, 1) if np.isfinite(cost) else None
    plain = [a - b for a, b in zip(regrets["rungs, all data"], regrets[MAIN], strict=True)]
    return {
        "searches": len(seeds),
        "arms": arms,
        "times_cheaper_than_all": round(DRAWN / ours["cost"], 2),
        "times_cheaper_than_the_best_rival": round(min(DRAWN, *needed.values()) / ours["cost"], 2),
        "what_subsets_add": mean_interval(plain).plain(),
    }


def _needed(rows: Rows, name: str, arm: str, truth: Mapping[int, Any], regret: float) -> float:
    """Full trainings until a rival's mean regret stays at ours."""
    curves = []
    for seed, best in truth.items():
        row, curve = rows[name, arm, seed], np.full(len(BUDGETS), np.nan)
        steps = row["way"][-1:] if arm.startswith("tpe") else row["way"]
        for cost, number, lacks in steps:
            came = row["winner"] if arm.startswith("tpe") else best[int(number)]
            curve[np.array(BUDGETS) >= cost + lacks - 1e-9] = 100 * (best.max() - came)
        curves.append(curve)
    return cost_to_reach(np.mean(curves, 0), regret + 1e-9)
