"""The rule that makes rungs from a budget."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from subsel_automl.budgeting.rule import LONGER, plan_rungs
from subsel_automl.core.errors import BadInput


@given(total=st.floats(1.5, 50), trials=st.none() | st.integers(2, 400))
def test_a_plan_never_costs_more_than_it_may(total, trials):
    try:
        plan = plan_rungs(total, trials)
    except BadInput as error:
        assume("configurations" not in str(error))
        raise
    final = 0 if plan.rungs[-1].length == 1 else 1
    assert plan.cost + final <= total + 1e-6
    assert trials is None or plan.trials == trials


@given(trials=st.integers(2, 200), total=st.floats(2, 30))
def test_what_a_refusal_asks_for_is_enough(trials, total):
    try:
        plan_rungs(total, trials)
    except BadInput as error:
        needed = float(str(error).split("give at least ")[1].split(",")[0])
        plan_rungs(needed, trials)


def test_plans_in_words():
    assert plan_rungs(6, 40).told() == "40 of 1/32, 11 of 1/4, 2 of 1"
    assert plan_rungs(4, 40).told() == "40 of 1/32, 14 of 1/8"
    assert plan_rungs(LONGER).trials > plan_rungs(3).trials


@pytest.mark.parametrize("total", [0, 1, -3, float("nan"), float("inf")])
def test_a_budget_that_is_none_is_refused(total):
    with pytest.raises(BadInput, match=r"at least 1\.5"):
        plan_rungs(total)


def test_too_many_configurations_are_refused_with_the_numbers():
    with pytest.raises(BadInput, match=r"at least \d"):
        plan_rungs(3, 400)
    with pytest.raises(BadInput, match="at least 2"):
        plan_rungs(3, 1)
