"""Claim: our plan finds full training's winner, cheaper than training all and than any scheduler.

    python -m benchmarks.claims run plan  [--quick]

Simulated on the table of trials (`benchmarks/trial_table`): 500 searches a strategy and problem (of
those that ask Optuna's TPE, 500 in all), each of 40 of the 48 configurations in an order that is
drawn, all judged by accuracy on all validation examples. Regret is of test accuracy after full
training, in points; a cost is of all that is trained, the winner's full training with it, in full
trainings. What ours needs is the least total from which its regret stays low up to 12, the largest
that is claimed; with more, many configurations are trained fully, and one run's luck on 2,000
validation examples decides, as it does where everything is trained. Intervals are over tables and
their seeds, which searches share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.statistics import mean_interval
from benchmarks.trial_table.build import tables
from subsel_automl.budgeting.rule import plan_rungs
from subsel_automl.budgeting.rungs import Rung, RungPlan
from subsel_automl.budgeting.table import TrialTable
from subsel_automl.core.errors import BadInput

from .rivals import RIVALS
from .simulated import (
    BUDGETS,
    DRAWN,
    ENOUGH,
    Curve,
    cost_to_reach,
    draws,
    held_out,
    our_regrets,
    plan_regrets,
    rival_regret,
)

ORDERS, SLOW = 500, ("tpe + asha (Optuna)",)
COMPARED = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
THAN_ALL, THAN_RIVALS = 10.0, 2.0
WITH_SUBSETS = 5.0  # full trainings at which plans with and without subsets are compared
SUBSETS = ("class-10", "class-30", "growing", "fixed-10", "subselnet", "subselnet-soft")
FLAT = "flat"
EVERYTHING = RungPlan((Rung(DRAWN, 1.0),))
Regrets = dict[str, dict[str, Curve]]  # strategy, problem: [draws, budgets]


def measure(quick: bool = False) -> dict[str, Any]:
    """Costs to reach ENOUGH, and how much cheaper ours is at every total budget."""
    known = tables()
    if not known:
        raise BadInput("there is no table of trials; run python -m benchmarks.trial_table run")
    orders = 20 if quick else ORDERS
    regrets = _regrets(known, orders)
    means = {
        name: {problem: curve.mean(0) for problem, curve in by.items()}
        for name, by in regrets.items()
    }
    ours = means.pop("ours")
    claimed = BUDGETS.index(COMPARED[-1]) + 1
    reached = {problem: cost_to_reach(curve[:claimed], ENOUGH) for problem, curve in ours.items()}
    than_all = {problem: DRAWN / cost for problem, cost in reached.items()}
    times = {f"{budget:g}": _times(ours, means, budget) for budget in COMPARED}
    apart = held_out(known, orders)
    subsets = {kind: _added(known, kind, orders) for kind in SUBSETS if _has(known, kind)}
    return {
        "searches": orders,
        "cost_to_reach": {
            "ours": {problem: _plain(cost) for problem, cost in reached.items()},
            "ours, ladder chosen on the other problems": {
                problem: _plain(cost_to_reach(curve, ENOUGH)) for problem, curve in apart.items()
            },
            **{
                name: {p: _plain(cost_to_reach(curve, ENOUGH)) for p, curve in by.items()}
                for name, by in means.items()
            },
        },
        "regret_of_training_everything": {
            problem: _plain(plan_regrets(table, EVERYTHING, draws(table, orders)).mean())
            for problem, table in known.items()
        },
        "times_cheaper_than_all": {p: round(value, 2) for p, value in than_all.items()},
        "times_cheaper_than_the_best_scheduler": times,
        "regret": _table(regrets),
        "what_subsets_add": subsets,
        "holds": min(than_all.values()) >= THAN_ALL
        and all(min(by.values()) >= THAN_RIVALS for by in times.values()),
    }


def _regrets(known: Mapping[str, TrialTable], orders: int) -> Regrets:
    found: Regrets = {"ours": {}}
    for problem, table in known.items():
        searches = draws(table, orders)
        found["ours"][problem] = our_regrets(table, searches)
        for name, rival in RIVALS.items():
            few = max(8, orders // len(known)) if name in SLOW else orders
            curves = [rival_regret(table, rival, draw) for draw in searches[:few]]
            found.setdefault(name, {})[problem] = np.array(curves)
    return found


def _times(
    ours: Mapping[str, Curve], means: Mapping[str, Mapping[str, Curve]], budget: float
) -> dict[str, float]:
    """By problem: what the best scheduler needs for the regret that ours has at a budget; training
    everything has none."""
    place = BUDGETS.index(budget)
    found = {}
    for problem, curve in ours.items():
        rivals = [
            cost_to_reach(by[problem], curve[place] + 1e-9)
            for name, by in means.items()
            if not name.startswith(FLAT)
        ]
        found[problem] = round(min(DRAWN, *rivals) / budget, 2)
    return found


def _added(known: Mapping[str, TrialTable], kind: str, orders: int) -> dict[str, Any]:
    """Points of regret that ours saves when its rungs below a full training are on subsets."""
    saved: list[float] = []
    units: list[tuple[str, int]] = []
    plan = plan_rungs(WITH_SUBSETS, DRAWN)
    for problem, table in known.items():
        searches = draws(table, orders)
        more = plan_regrets(table, plan, searches) - plan_regrets(table, plan, searches, kind)
        saved += more.tolist()
        units += [(problem, draw.seed) for draw in searches]
    return mean_interval(saved, units).plain()


def _has(known: Mapping[str, TrialTable], kind: str) -> bool:
    """Whether every trial on a kind of data was measured, with both seeds."""
    return all(
        not np.isnan(table.test_accuracy[:, table.kinds.index(kind), :, :2]).any()
        for table in known.values()
    )


def _table(regrets: Regrets) -> dict[str, dict[str, list[float | None]]]:
    places = [BUDGETS.index(budget) for budget in COMPARED]
    return {
        name: {p: [_plain(x) for x in curve.mean(0)[places]] for p, curve in by.items()}
        for name, by in regrets.items()
    }


def _plain(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
