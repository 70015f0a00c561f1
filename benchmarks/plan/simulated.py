"""Regret by total cost: ours and its rivals over the same draws of configurations.

A search has DRAWN of a table's configurations, in an order that is drawn; the seed of its trials is
one of the table's. All are judged by accuracy on all of a table's validation examples. A search's
total cost is what it has spent so far and what its winner still needs for a full training: the rest
of it where trials go on, all of it where they are restarted.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from subsel_automl.budgeting.rule import FEW, MANY, MORE, plan_rungs, spread
from subsel_automl.budgeting.rungs import RungPlan
from subsel_automl.budgeting.simulation import SimulatedSearch
from subsel_automl.budgeting.table import FULL, TrialTable

from .rivals import Search

DRAWN, SEEDS = 40, 2
BUDGETS = (*np.arange(3.0, 12.1, 0.5), *np.arange(13.0, 41.0))  # full trainings in all
ENOUGH = 0.5  # points of regret
Curve = npt.NDArray[np.float64]
LADDERS = (
    FEW, MANY, MORE, (1 / 32, 1 / 16, 1 / 8), (1 / 32, 1 / 8, 1 / 2), (1 / 32, 1 / 8, 1 / 2, 1.0),
    (1 / 16, 1 / 2), (1 / 16, 1 / 4, 1.0), (1 / 16, 1.0),
)  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """One search's configurations, in their order, and the seed of its trials."""

    places: npt.NDArray[np.int64]
    seed: int
    number: int


def draws(table: TrialTable, orders: int) -> list[Draw]:
    """So many, half of them a seed; the same for every strategy and problem."""
    rng = np.random.default_rng(17)
    return [
        Draw(rng.permutation(len(table.configs))[:DRAWN], number % SEEDS, number)
        for number in range(orders)
    ]


def rival_regret(table: TrialTable, rival: Search, draw: Draw) -> Curve:
    """Points at each of BUDGETS; NaN below a rival's first trial."""
    search = SimulatedSearch(table, draw.places, draw.seed)
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


def plan_regrets(
    table: TrialTable, plan: RungPlan, searches: Sequence[Draw], kind: str = FULL
) -> Curve:
    """Of a plan, one a search: what `Rungs` comes to where every rung is waited for.

    On subsets the rungs below a full training use `kind`; a full one is always on all data.
    """
    places = np.array([draw.places for draw in searches])
    seeds = np.array([draw.seed for draw in searches])[:, None]
    truth = table.truth[places]
    for rung, room in zip(plan.rungs, [*(r.trials for r in plan.rungs[1:]), 1], strict=True):
        used = FULL if rung.length == 1 else kind
        length = table.length_of(rung.length)
        known = np.stack([table.scores(length, used, seed) for seed in range(SEEDS)])
        scores = np.nan_to_num(known[seeds, places], nan=-np.inf)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :room]
        places = np.take_along_axis(places, best if room == 1 else np.sort(best, 1), 1)
    found: Curve = 100 * (truth.max(1) - table.truth[places[:, 0]])
    return found


def our_regrets(table: TrialTable, searches: Sequence[Draw], kind: str = FULL) -> Curve:
    """The plan that the rule makes of each of BUDGETS, [searches, budgets]."""
    plans = [plan_rungs(budget, DRAWN) for budget in BUDGETS]
    once = {plan: plan_regrets(table, plan, searches, kind) for plan in dict.fromkeys(plans)}
    return np.stack([once[plan] for plan in plans], 1)


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
    return _mean_of(table, spread(DRAWN, search, ladder), orders)


@functools.lru_cache(maxsize=4096)
def _mean_of(table: TrialTable, plan: RungPlan, orders: int) -> float:
    return float(plan_regrets(table, plan, draws(table, orders)).mean())


def cost_to_reach(regrets: Curve, bar: float) -> float:
    """The least of BUDGETS from which on a mean regret [budgets] stays at the bar or below;
    infinite where it does not."""
    above = np.flatnonzero(~(regrets <= bar))
    first = 0 if not len(above) else int(above[-1]) + 1
    return BUDGETS[first] if first < len(BUDGETS) else float("inf")
