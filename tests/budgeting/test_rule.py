"""The rule that makes rungs from a budget."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from subsel_automl.budgeting.rule import LEAST_STEPS, MANY_FROM, plan_rungs, usual_total
from subsel_automl.core.errors import BadInput

steps = st.none() | st.integers(1, 5000)


@given(total=st.floats(1.5, 50), trials=st.none() | st.integers(2, 400), steps=steps)
def test_a_plan_never_costs_more_than_it_may(total, trials, steps):
    try:
        plan = plan_rungs(total, trials, steps)
    except BadInput as error:
        assume("configurations" not in str(error))
        raise
    final = 0 if plan.rungs[-1].length == 1 else 1
    assert plan.cost + final <= total + 1e-6
    assert trials is None or plan.trials == trials


@given(trials=st.integers(2, 200), total=st.floats(2, 30), steps=steps)
def test_what_a_refusal_asks_for_is_enough(trials, total, steps):
    try:
        plan_rungs(total, trials, steps)
    except BadInput as error:
        needed = float(str(error).split("give at least ")[1].split(",")[0])
        plan_rungs(needed, trials, steps)


@given(trials=st.integers(2, 300), steps=steps)
def test_the_usual_budget_is_enough(trials, steps):
    plan_rungs(usual_total(trials, steps), trials, steps)


@given(trials=st.integers(2, 300), steps=st.integers(LEAST_STEPS, 5000))
def test_no_trial_is_shorter_than_was_tried(trials, steps):
    plan = plan_rungs(usual_total(trials, steps), trials, steps)
    assert plan.rungs[0].length * steps >= LEAST_STEPS - 1e-9


def test_a_rung_from_which_everybody_would_be_promoted_is_left_out():
    assert plan_rungs(3, 8).told() == "8 of 1/8"


def test_plans_in_words():
    assert plan_rungs(6, 40).told() == "40 of 1/32, 11 of 1/4, 2 of 1"
    assert plan_rungs(4, 40).told() == "40 of 1/32, 14 of 1/8"
    assert plan_rungs(8, 40).told() == "40 of 1/16, 5 of 1/2, 3 of 1"
    assert plan_rungs(8, 60).told() == "60 of 1/32, 12 of 1/4, 3 of 1"  # no room for longer ones
    assert plan_rungs(MANY_FROM).trials > plan_rungs(3).trials


@pytest.mark.parametrize("total", [0, 1, -3, float("nan"), float("inf")])
def test_a_budget_that_is_none_is_refused(total):
    with pytest.raises(BadInput, match=r"at least 1\.5"):
        plan_rungs(total)


def test_too_many_configurations_are_refused_with_the_numbers():
    with pytest.raises(BadInput, match=r"at least \d"):
        plan_rungs(3, 400)
    with pytest.raises(BadInput, match="at least 2"):
        plan_rungs(3, 1)
