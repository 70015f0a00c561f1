"""Truths of a budget."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.budget import Budget
from subsel_automl.core.errors import BudgetError


@pytest.mark.parametrize(
    "size", [0, -1, float("nan"), 1.5, True, 0.0, -0.1, float("inf"), "10", None, np.True_, 1j]
)
def test_what_is_no_budget_is_refused_saying_what_is_allowed(size):
    with pytest.raises(BudgetError, match=r"give a count from 1, or a fraction in \(0, 1\]"):
        Budget(size)


@given(fraction=st.floats(0, 1, exclude_min=True), n=st.integers(1, 10**9))
def test_a_fraction_is_rounded_to_at_least_one_and_at_most_all(fraction, n):
    count = Budget(fraction).resolve(n)
    assert 1 <= count <= n
    assert abs(count - fraction * n) <= max(0.5 + 1e-6, 1 - fraction * n)


@given(n=st.integers(1, 1000), more=st.integers(1, 1000))
def test_a_count_is_itself_or_refused(n, more):
    assert Budget(n).resolve(n + more) == n
    with pytest.raises(BudgetError, match=f"more than the {n} examples"):
        Budget(n + more).resolve(n)


@pytest.mark.parametrize(("fraction", "n", "count"), [(0.29, 100, 29), (0.07, 100, 7), (1.0, 3, 3)])
def test_fractions_that_binary_numbers_miss_still_round_right(fraction, n, count):
    assert Budget(fraction).resolve(n) == count


@pytest.mark.parametrize("size", [np.int64(5), np.float64(0.5), np.float32(0.5), Fraction(1, 2)])
def test_other_number_types_become_plain_ones(size):
    assert type(Budget(size).size) in (int, float)
    assert Budget(size) == Budget(type(Budget(size).size)(size))


def test_all_and_one_example_are_different_budgets():
    assert Budget(1.0).resolve(50) == 50
    assert Budget(1).resolve(50) == 1
