"""Regret by total cost: ours and its rivals over the same draws of configurations.

A search has DRAWN of a table's configurations, in an order that is drawn; the seed of its trials is
one of the table's. Its total cost is what it has spent so far and what its winner still needs for a
full training: the rest of it where trials go on, all of it where they are restarted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from subsel_automl.budgeting.rule import FEW, MANY, plan_rungs, spread
from subsel_automl.budgeting.rungs import RungPlan
from subsel_automl.budgeting.simulation import SimulatedSearch
from subsel_automl.budgeting.table import FULL, TrialTable

from .rivals import Search, restarted

DRAWN, RAISED = 40, 1000
BUDGETS = (*np.arange(3.0, 12.1, 0.5), *np.arange(13.0, 41.0))  # full trainings in all
ENOUGH = 0.5  # points of regret
Curve = npt.NDArray[np.float64]
LADDERS = (FEW, (1 / 32, 1 / 8, 1 / 2), MANY, (1 / 16, 1 / 2), (1 / 16, 1 / 4, 1.0), (1 / 16, 1.0))


@dataclass(frozen=True)
class Draw:
    """One search's configurations, in their order, and the seed of its trials."""

    places: npt.NDArray[np.int64]
    seed: int
    number: int


def draws(table: TrialTable, orders: int) -> Iterator[Draw]:
    """So many, half of them a seed; the same for every strategy and problem."""
    rng = np.random.default_rng(17)
    for number in range(orders):
        order = rng.permutation(len(table.configs))[:DRAWN]
        yield Draw(order, number % 2, number)


def rival_regret(table: TrialTable, rival: Search, draw: Draw) -> Curve:
    """Points at each of BUDGETS; NaN below a rival's first trial."""
    search = SimulatedSearch(table, draw.places, draw.seed, size=RAISED)
    rival(search, np.random.default_rng(draw.number))
    longest, best = table.lengths[-1], -np.inf
    found = np.full(len(BUDGETS), np.nan)
    for spent, configuration, score, length, at in search.trained:
        if score <= best:
            continue
        best = score
        left = 1 - at / longest if length == longest else 1.0
        found[np.array(BUDGETS) >= spent + left - 1e-9] = search.regret(configuration)
    return found


def plan_regret(table: TrialTable, plan: RungPlan, draw: Draw, kind: str = FULL) -> float:
    """Of ours: rungs below the last are judged on RAISED examples, the last on all."""
    search = SimulatedSearch(table, draw.places, draw.seed, kind=kind, size=RAISED)
    return search.regret(restarted(plan, table.sizes[-1])(search))


def ours_regret(table: TrialTable, draw: Draw, kind: str = FULL) -> Curve:
    """The plan that the rule makes of each of BUDGETS."""
    return np.array([plan_regret(table, plan_rungs(b, DRAWN), draw, kind) for b in BUDGETS])


def held_out(tables: Mapping[str, TrialTable], orders: int) -> dict[str, Curve]:
    """Of each problem, with the ladder that was best on the others, at each of BUDGETS."""
    regrets = {
        name: np.array([[_mean(table, one, b, orders) for b in BUDGETS] for one in LADDERS])
        for name, table in tables.items()
    }  # [ladders, budgets]
    found = {}
    for name, mine in regrets.items():
        others = np.mean([one for other, one in regrets.items() if other != name], axis=0)
        chosen = np.argmin(np.where(np.isnan(others), np.inf, others), axis=0)
        found[name] = mine[chosen, np.arange(len(BUDGETS))]
    return found


def _mean(table: TrialTable, ladder: tuple[float, ...], budget: float, orders: int) -> float:
    """NaN where the budget is too small for the ladder."""
    search = budget if ladder[-1] == 1 else budget - 1
    if search - DRAWN * ladder[0] < sum(ladder[1:]):
        return float("nan")
    plan = spread(DRAWN, search, ladder)
    return float(np.mean([plan_regret(table, plan, draw) for draw in draws(table, orders)]))


def cost_to_reach(regrets: Curve, bar: float) -> float:
    """The least of BUDGETS from which on a mean regret [budgets] stays at the bar or below;
    infinite where it does not."""
    above = np.flatnonzero(~(regrets <= bar))
    first = 0 if not len(above) else int(above[-1]) + 1
    return BUDGETS[first] if first < len(BUDGETS) else float("inf")
