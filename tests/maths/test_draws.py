"""Truths of the draws: Eq. 8, the conditional Bernoulli, shards, classes."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.maths import draws

LOGITS = np.array([0.7, -1.2, 0.0, 1.5, -0.4])
B = 2
ORDERED = [np.array(s) for s in permutations(range(5), B)]
SETS = [frozenset(s) for s in combinations(range(5), B)]
TRIALS = 4000
THROWS = 1000
logits = st.lists(st.floats(-6, 6), min_size=2, max_size=7).map(np.array)


def far_from(counts: Counter, expected: dict) -> float:
    """Chi-square over its degrees of freedom: about 1 when the frequencies are right."""
    total = sum(counts.values())
    chi = sum((counts[k] - total * p) ** 2 / (total * p) for k, p in expected.items())
    return chi / (len(expected) - 1)


def test_drawn_frequencies_are_those_of_equation_8():
    exact = {tuple(s): math.exp(draws.log_probability(LOGITS, s)) for s in ORDERED}
    seen = Counter(tuple(draws.draw(LOGITS, B, (7, k)).tolist()) for k in range(TRIALS))
    assert far_from(seen, exact) < 2


def test_the_first_row_follows_the_softmax():
    odds = np.exp(LOGITS) / np.exp(LOGITS).sum()
    seen = Counter(int(draws.draw(LOGITS, 1, (3, k))[0]) for k in range(TRIALS))
    assert far_from(seen, dict(enumerate(odds))) < 2.5


@given(pi=logits, data=st.data())
def test_probabilities_of_all_ordered_subsets_sum_to_one(pi, data):
    b = data.draw(st.integers(1, min(len(pi), 4)))
    total = sum(
        math.exp(draws.log_probability(pi, np.array(s))) for s in permutations(range(len(pi)), b)
    )
    assert total == pytest.approx(1, abs=1e-9)


@given(pi=logits, data=st.data())
def test_the_gradient_agrees_with_finite_differences(pi, data):
    b = data.draw(st.integers(1, len(pi)))
    ordered = np.array(data.draw(st.permutations(range(len(pi))))[:b])
    step = 1e-5 * np.eye(len(pi))
    numeric = [
        (draws.log_probability(pi + e, ordered) - draws.log_probability(pi - e, ordered)) / 2e-5
        for e in step
    ]
    assert np.allclose(draws.log_probability_gradient(pi, ordered), numeric, atol=1e-6)


@given(pi=logits, data=st.data())
def test_the_gradient_sums_to_zero(pi, data):
    """Adding a constant to every logit changes nothing."""
    ordered = np.array(data.draw(st.permutations(range(len(pi)))))
    assert abs(draws.log_probability_gradient(pi, ordered).sum()) < 1e-9


@given(pi=logits, data=st.data())
def test_the_symmetric_polynomial_agrees_with_enumeration(pi, data):
    b = data.draw(st.integers(1, len(pi)))
    exact = math.log(sum(math.exp(pi[list(s)].sum()) for s in combinations(range(len(pi)), b)))
    assert draws.log_symmetric_polynomial(pi, b) == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize("b", [3, 200, 999])
def test_the_symmetric_polynomial_of_equal_weights_is_a_binomial(b):
    exact = math.lgamma(1001) - math.lgamma(b + 1) - math.lgamma(1001 - b)
    assert draws.log_symmetric_polynomial(np.zeros(1000), b) == pytest.approx(exact, abs=1e-6)


def test_conditional_bernoulli_frequencies_are_products_of_weights():
    weights = {s: math.exp(LOGITS[list(s)].sum()) for s in SETS}
    exact = {s: w / sum(weights.values()) for s, w in weights.items()}
    seen = Counter(
        frozenset(draws.draw_conditional_bernoulli(LOGITS, B, (1, k)).tolist())
        for k in range(THROWS)
    )
    assert far_from(seen, exact) < 2


def test_conditional_bernoulli_takes_any_order_alike():
    seen = Counter(
        bool(np.diff(draws.draw_conditional_bernoulli(LOGITS, B, (2, k)))[0] > 0)
        for k in range(THROWS)
    )
    assert abs(seen[True] / THROWS - 0.5) < 0.05


@pytest.mark.parametrize("b", [1, 4, 5])
def test_conditional_bernoulli_gives_b_distinct_rows(b):
    rows = draws.draw_conditional_bernoulli(LOGITS, b, (5,))
    assert len(set(rows.tolist())) == b


@given(pi=st.lists(st.floats(-30, 30), min_size=2, max_size=30).map(np.array), data=st.data())
def test_inclusion_probabilities_sum_to_the_budget(pi, data):
    b = data.draw(st.integers(1, len(pi) - 1))
    assert draws.inclusion_odds(pi, b)[0].sum() == pytest.approx(b, abs=1e-6)


@given(cuts=st.lists(st.integers(0, 150_000), max_size=4), seed=st.integers(0, 9))
def test_noise_of_shards_joined_is_the_noise_of_the_whole(cuts, seed):
    ends = [0, *sorted(cuts), 150_000]
    shards = [draws.gumbels(a, b, (seed, 1)) for a, b in pairwise(ends)]
    assert np.array_equal(np.concatenate(shards), draws.gumbels(0, 150_000, (seed, 1)))


@pytest.mark.parametrize("other", [(0, 2), (1, 1), (0, 1, 3)])
def test_another_key_is_another_stream(other):
    assert not np.allclose(draws.uniforms(0, 50, (0, 1)), draws.uniforms(0, 50, other))


@pytest.mark.parametrize("least_and_greatest", [0.0, 1 - 2.0**-53])
def test_uniforms_stay_inside_the_open_interval(least_and_greatest):
    """A generator gives multiples of 2**-53 in [0, 1): neither end may reach 0 or 1."""
    assert 0 < least_and_greatest + draws._TINY < 1


def test_gumbel_noise_has_its_mean_and_spread():
    noise = draws.gumbels(0, 100_000, (0, 0))
    assert noise.mean() == pytest.approx(0.5772, abs=0.02)
    assert noise.var() == pytest.approx(math.pi**2 / 6, abs=0.03)


@given(
    keys=st.lists(st.sampled_from([0.0, 1.0, 2.0, -np.inf, np.inf]), min_size=1, max_size=40),
    data=st.data(),
)
def test_top_b_sorts_downwards_and_ties_go_to_the_lower_row(keys, data):
    b = data.draw(st.integers(1, len(keys)))
    expected = sorted(range(len(keys)), key=lambda i: (-keys[i], i))[:b]
    assert draws.top_b(np.array(keys), b).tolist() == expected


@pytest.mark.parametrize("b", [1, 2, 4])
def test_nan_is_refused(b):
    with pytest.raises(ValueError, match="NaN"):
        draws.top_b(np.array([1.0, np.nan, 2.0, 0.0]), b)


@pytest.mark.parametrize("b", [0, -1, 5])
def test_an_impossible_number_of_rows_is_refused(b):
    with pytest.raises(ValueError, match=f"cannot take {b} of 4"):
        draws.top_b(np.zeros(4), b)


sizes = st.lists(st.integers(0, 12), min_size=1, max_size=6).filter(any)


@given(sizes=sizes, data=st.data())
def test_counts_a_class_are_as_even_as_the_sizes_allow(sizes, data):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    b = data.draw(st.integers(1, len(labels)))
    counts = draws.per_class_counts(labels, b)
    assert counts.sum() == b
    assert (counts <= np.bincount(labels)).all()
    unfilled = counts[counts < np.bincount(labels)]
    assert len(unfilled) == 0 or counts.max() - unfilled.min() <= 1


@given(sizes=sizes, seed=st.integers(0, 99), data=st.data())
def test_top_b_per_class_takes_the_best_of_every_class(sizes, seed, data):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    keys = np.random.default_rng(seed).random(len(labels))
    b = data.draw(st.integers(1, len(labels)))
    rows = draws.top_b_per_class(keys, labels, b)
    counts = draws.per_class_counts(labels, b)
    best = [
        row
        for c in range(len(counts))
        for row in np.flatnonzero(labels == c)[np.argsort(-keys[labels == c])][: counts[c]]
    ]
    assert sorted(rows.tolist()) == sorted(best)
    assert (np.diff(keys[rows]) <= 0).all()


@given(sizes=sizes, seed=st.integers(0, 99), data=st.data())
def test_with_the_floor_every_class_is_there_once_the_budget_allows(sizes, seed, data):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    keys = np.random.default_rng(seed).random(len(labels)) + 10 * (labels == labels[0])
    b = data.draw(st.integers(1, len(labels)))
    plain = draws.top_b(keys, b)
    rows = draws.with_class_floor(keys, labels, plain)
    assert len(set(rows.tolist())) == b
    present, classes = set(labels[rows].tolist()), set(labels.tolist())
    if b < len(classes):
        assert np.array_equal(rows, plain)
    else:
        assert present == classes
        assert np.sum(rows != plain) == len(classes - set(labels[plain].tolist()))
