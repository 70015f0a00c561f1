"""The benchmark's fast simulation of a plan is that of `Rungs`, search by search."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.plan.rivals import RIVALS
from benchmarks.plan.simulated import (
    BUDGETS,
    DRAWN,
    cost_to_reach,
    draws,
    plan_regrets,
    rival_regret,
)
from benchmarks.trial_table.build import tables
from subsel_automl.budgeting.rule import expected_regret, plan_rungs
from subsel_automl.budgeting.rungs import Rungs
from subsel_automl.budgeting.simulation import SimulatedSearch

TABLES = tables()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("total", [3, 5, 8])
def test_a_plan_comes_to_what_its_rungs_come_to(name, total):
    table, plan = TABLES[name], plan_rungs(total, DRAWN)
    searches = draws(table, 4)
    for draw, regret in zip(searches, plan_regrets(table, plan, searches), strict=True):
        search, rungs = SimulatedSearch(table, draw.places, draw.seed), Rungs(plan)
        while (job := rungs.ask()) is not None:
            rungs.tell(job, search.train(job.configuration, table.length_of(job.length)))
        assert search.regret(rungs.winner) == pytest.approx(regret)
        assert search.spent == pytest.approx(plan.cost)


@pytest.mark.parametrize("name", RIVALS)
def test_every_rival_searches_and_its_regret_is_one(name):
    table = next(iter(TABLES.values()))
    (draw,) = draws(table, 1)
    curve = rival_regret(table, RIVALS[name], draw)
    assert np.isfinite(curve[-1])
    assert (curve[np.isfinite(curve)] >= 0).all()


@pytest.mark.parametrize("total", [3, 4, 5, 6, 7, 8, 10, 12])
def test_the_regret_that_a_plan_is_said_to_have_is_that_of_the_table(total):
    plan = plan_rungs(total, DRAWN)
    regrets = [plan_regrets(one, plan, draws(one, 500)).mean() for one in TABLES.values()]
    usual, worst = expected_regret(plan)
    assert np.mean(regrets) == pytest.approx(usual, abs=0.05)
    assert 0.4 * worst < max(regrets) < worst + 0.05


def test_what_stays_below_a_bar_counts_from_where_it_stays():
    curve = np.full(len(BUDGETS), 1.0)
    curve[2] = 0.1
    curve[5:] = 0.4
    assert cost_to_reach(curve, 0.5) == BUDGETS[5]
    assert cost_to_reach(curve, 0.3) == float("inf")
