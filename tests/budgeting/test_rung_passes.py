"""A rung's length in whole passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl import provider
from subsel_automl.budgeting.passes import passes_of, plan_of_rung
from subsel_automl.core.errors import BadInput
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.worlds import clump_pool


@given(
    length=st.floats(1e-3, 1),
    epochs=st.integers(1, 200),
    most=st.floats(0.01, 1),
    redrawn=st.booleans(),
)
def test_whole_passes_spend_the_length_that_was_asked(length, epochs, most, redrawn):
    passes, share = passes_of(length, epochs, most, redrawn)
    assert 0 < share <= 1
    assert passes >= 1
    assert passes * share == pytest.approx(length * epochs) or share == 1
    assert passes * share <= length * epochs * (1 + 1e-9)


def test_a_short_trial_has_passes_enough_to_anneal_and_a_fixed_subset_not_too_many():
    assert passes_of(1 / 32, 8) == (4, 1 / 16)
    assert passes_of(1, 8) == (8, 1)
    assert passes_of(1 / 2, 10, most=0.1) == (50, 0.1)
    assert passes_of(1 / 2, 10, most=0.1, redrawn=False) == (8, 5 / 8)


def test_a_rung_has_its_own_passes_and_budget():
    plan = SubsetPlan(provider("random").fit(clump_pool(160)), 0.5, redraw_every=1, epochs=16)
    short = plan_of_rung(plan, 1 / 16)
    assert (short.epochs, short.budget) == (4, 1 / 4)
    assert plan_of_rung(plan, 1.0).epochs == 32
    kept = plan_of_rung(plan, 1 / 16, by_data=True)
    assert (kept.epochs, kept.budget) == (16, 1 / 16)


def test_a_plan_that_has_no_length_is_refused():
    plan = SubsetPlan(provider("random").fit(clump_pool(160)), 0.5)
    with pytest.raises(BadInput, match="epochs="):
        plan_of_rung(plan, 0.5)


@pytest.mark.parametrize("bad", [(0.0, 3, 1.0), (1.5, 3, 1.0), (0.5, 0, 1.0), (0.5, 3, 0.0)])
def test_bad_lengths_are_refused(bad):
    with pytest.raises(BadInput, match="share of a full training"):
        passes_of(*bad)


def test_a_provider_of_all_data_has_whole_passes():
    plan = SubsetPlan(provider("full").fit(clump_pool(160)), 1.0, epochs=16)
    assert [plan_of_rung(plan, length).epochs for length in (1 / 32, 1 / 4, 1.0)] == [1, 4, 16]
    assert plan_of_rung(plan, 1 / 4).feed().at(0, None).indices.tolist() == list(range(160))
