"""Eqs. 2 and 9 by enumeration: who attains the optimum, and who comes near."""

from __future__ import annotations

import math
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.maths import draws
from subsel_automl.subselnet.objective import gibbs_logits, optimum, uniform_value, value
from subsel_automl.subselnet.solvers import chosen_rows, reinforce, solve

LOSSES = np.random.default_rng(0).exponential(0.5, 7)
SHARPNESS = [0.1, 0.5, 2.0, -0.5]


def exactly(losses: np.ndarray, b: int, heat: float, probability: dict) -> float:
    """Eq. 9 of a distribution over ordered subsets: sum of p (cost + |lambda| log p)."""
    sign = math.copysign(1, heat)
    return sum(
        p * (sign * losses[list(s)].sum() + abs(heat) * math.log(p))
        for s, p in probability.items()
        if p > 0
    )


def plackett_luce(pi: np.ndarray, b: int) -> dict:
    return {
        s: math.exp(draws.log_probability(pi, np.array(s))) for s in permutations(range(len(pi)), b)
    }


def conditional_bernoulli(pi: np.ndarray, b: int) -> dict:
    total = sum(math.exp(pi[list(s)].sum()) for s in combinations(range(len(pi)), b))
    return {
        s: math.exp(pi[list(s)].sum()) / total / math.factorial(b)
        for s in permutations(range(len(pi)), b)
    }


@pytest.mark.parametrize("heat", SHARPNESS)
@pytest.mark.parametrize("b", [1, 3, 5])
def test_the_conditional_bernoulli_attains_the_optimum(b, heat):
    exact = exactly(LOSSES, b, heat, conditional_bernoulli(gibbs_logits(LOSSES, heat), b))
    assert exact == pytest.approx(optimum(LOSSES, b, heat), abs=1e-7)


@pytest.mark.parametrize("heat", SHARPNESS)
@pytest.mark.parametrize("b", [1, 3])
def test_no_distribution_is_better_than_the_optimum(b, heat):
    rng = np.random.default_rng(1)
    subsets = list(permutations(range(7), b))
    best = optimum(LOSSES, b, heat)
    values = [
        exactly(LOSSES, b, heat, dict(zip(subsets, p, strict=True)))
        for p in rng.dirichlet(np.ones(len(subsets)), 20)
    ]
    assert min(values) >= best - 1e-9


@pytest.mark.parametrize("heat", [0.3, 1.0, -0.5])
def test_gibbs_misses_little_of_the_way_while_the_budget_is_small(heat):
    losses = np.random.default_rng(2).exponential(0.5, 30)
    best, worst = optimum(losses, 2, heat), uniform_value(losses, 2, heat)
    found = exactly(losses, 2, heat, plackett_luce(gibbs_logits(losses, heat), 2))
    assert best - 1e-9 <= found <= best + 0.05 * (worst - best)


def test_the_uniform_value_is_that_of_uniform_subsets():
    uniform = dict.fromkeys(permutations(range(7), 3), 1 / math.perm(7, 3))
    assert exactly(LOSSES, 3, 0.5, uniform) == pytest.approx(uniform_value(LOSSES, 3, 0.5))


def test_the_estimate_of_equation_9_comes_to_its_exact_value():
    pi = gibbs_logits(LOSSES, 0.5)
    subsets = [draws.draw(pi, 3, (k,)) for k in range(2000)]
    exact = exactly(LOSSES, 3, 0.5, plackett_luce(pi, 3))
    assert value(LOSSES, pi, subsets, 0.5) == pytest.approx(exact, abs=0.05)


def test_reinforce_goes_from_the_uniform_value_towards_the_optimum():
    best, worst = optimum(LOSSES, 2, 0.3), uniform_value(LOSSES, 2, 0.3)
    found = [
        exactly(LOSSES, 2, 0.3, plackett_luce(reinforce(LOSSES, 2, 0.3, 0, steps=steps), 2))
        for steps in (0, 30, 200)
    ]
    assert found[0] == pytest.approx(worst)
    assert found[1] < worst
    assert found[2] < best + 0.1 * (worst - best)


@pytest.mark.parametrize("solver", ["gibbs", "exact", "reinforce"])
@pytest.mark.parametrize("heat", [0.2, -0.2])
def test_a_negative_temperature_prefers_harder_examples(solver, heat):
    losses = np.linspace(0, 2, 40)
    logits = solve(losses, 8, heat, solver, seed=0)
    labels = np.zeros(40, int)
    rows = [chosen_rows(logits, labels, 8, (k,), solver=solver, per_class=False) for k in range(20)]
    mean = losses[np.concatenate(rows)].mean()
    assert mean < 0.8 if heat > 0 else mean > 1.2


@pytest.mark.parametrize("heat", [0, math.nan, math.inf])
def test_what_is_no_temperature_is_refused(heat):
    with pytest.raises(BadInput, match="give a finite number"):
        gibbs_logits(LOSSES, heat)


def test_an_unknown_solver_offers_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'gibbs'"):
        solve(LOSSES, 2, 1.0, "gibs", 0)


@given(b=st.integers(1, 40), seed=st.integers(0, 99))
@pytest.mark.parametrize("solver", ["gibbs", "exact"])
@pytest.mark.parametrize("per_class", [True, False])
def test_rows_are_b_and_cover_the_classes_once_they_can(solver, per_class, b, seed):
    labels = np.repeat(np.arange(4), [1, 4, 10, 25])
    logits = np.random.default_rng(seed).normal(0, 2, 40)
    rows = chosen_rows(logits, labels, b, (seed,), solver=solver, per_class=per_class)
    assert len(set(rows.tolist())) == b
    assert b < 4 or len(set(labels[rows].tolist())) == 4
    counts = np.bincount(labels[rows], minlength=4)
    assert not per_class or np.array_equal(counts, draws.per_class_counts(labels, b))
