"""Truths of the statistics that every benchmark reports."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks import statistics
from benchmarks.statistics import Estimate, bootstrap, mean_interval, paired, verdict
from subsel_automl.core.errors import BadInput

FEW = {"resamples": 400}
numbers = st.floats(-100, 100)


def width(estimate):
    return estimate.high - estimate.low


@given(st.lists(numbers, min_size=2, max_size=12))
def test_the_mean_lies_in_its_interval(values):
    found = mean_interval(values, **FEW)
    assert found.value == pytest.approx(np.mean(values))
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9


@given(st.lists(numbers, min_size=2, max_size=12), numbers)
def test_a_shift_of_all_values_shifts_the_interval(values, shift):
    one, other = mean_interval(values, **FEW), mean_interval(np.array(values) + shift, **FEW)
    assert (other.low, other.high) == pytest.approx((one.low + shift, one.high + shift), abs=1e-6)


@pytest.mark.parametrize("units", [4, 8, 20])
def test_the_interval_of_a_normal_mean_covers_it_as_often_as_it_says(units):
    rng = np.random.default_rng(units)
    worlds = rng.normal(3.0, 2.0, (600, units))
    found = [mean_interval(world, **FEW) for world in worlds]
    covered = np.mean([one.low <= 3.0 <= one.high for one in found])
    assert 0.92 <= covered <= 0.98


def test_rows_that_share_a_unit_widen_the_interval():
    rng = np.random.default_rng(0)
    units = np.repeat(np.arange(8), 10)
    values = rng.normal(0, 1, 8)[units] + rng.normal(0, 0.1, 80)
    assert width(mean_interval(values, units)) > 2 * width(mean_interval(values))


def test_clusters_cover_where_rows_alone_do_not():
    rng, units = np.random.default_rng(1), np.repeat(np.arange(6), 5)
    together, apart = 0, 0
    for _ in range(300):
        values = rng.normal(0, 1, 6)[units] + rng.normal(0, 0.2, 30)
        one, other = mean_interval(values, units, **FEW), mean_interval(values, **FEW)
        together += one.low <= 0 <= one.high
        apart += other.low <= 0 <= other.high
    assert together > 0.92 * 300 > 0.8 * 300 > apart


def test_pairs_that_share_their_luck_narrow_the_interval():
    rng = np.random.default_rng(0)
    luck = rng.normal(0, 5, 20)
    ours = dict(enumerate(luck + 1 + rng.normal(0, 0.1, 20)))
    theirs = dict(enumerate(luck + rng.normal(0, 0.1, 20)))
    pairs = paired(ours, theirs)
    assert width(pairs) < width(mean_interval(list(ours.values()))) / 10
    assert pairs.verdict() == "better"


def test_the_order_of_the_keys_does_not_matter():
    ours = {key: float(key) ** 2 for key in range(6)}
    theirs = {key: float(key) for key in reversed(range(6))}
    assert paired(ours, theirs).value == pytest.approx(np.mean([k * k - k for k in range(6)]))


def test_pairs_that_do_not_match_are_refused():
    with pytest.raises(BadInput, match=r"2 keys have no partner, the first \(0, 1\)"):
        paired({(0, 1): 1.0, (0, 0): 1.0}, {(0, 0): 1.0, (2, 2): 3.0})


@pytest.mark.parametrize(("values", "units"), [([], None), ([1.0, 2.0], ["a"])])
def test_values_without_a_unit_are_refused(values, units):
    with pytest.raises(BadInput, match="give a unit for each value"):
        mean_interval(values, units)


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=5))
def test_a_ratio_stays_above_zero(values):
    found = mean_interval(values, ratio=True, **FEW)
    assert 0 < found.low <= found.value * (1 + 1e-9)
    assert found.high >= found.value * (1 - 1e-9)


def test_one_unit_says_nothing():
    found = mean_interval([1.0, 2.0], ["a", "a"])
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert found.verdict() == "tie"
    assert found.plain() == {"value": 1.5, "interval": [None, None], "units": 1}


@pytest.mark.parametrize(
    ("low", "high", "bar", "word"),
    [(0.1, 1, 0, "better"), (-1, -0.1, 0, "worse"), (-1, 1, 0, "tie"), (0.1, 1, 0.5, "tie")],
)
def test_an_interval_says_better_worse_or_tie_of_a_bar(low, high, bar, word):
    assert verdict(low, high, bar) == word
    assert Estimate(0.0, low, high, 5).verdict(bar) == word


@given(st.integers(1, 200))
def test_the_quantiles_of_t_are_scipys(freedom):
    assert statistics.student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-9)


def test_groups_that_differ_are_told_from_groups_that_do_not():
    rng = np.random.default_rng(0)
    same = [rng.normal(size=6) for _ in range(5)]
    assert statistics.kruskal(same) > 0.05
    assert statistics.kruskal([*same[1:], same[0] + 5]) < 0.01
    assert statistics.kruskal(same) == pytest.approx(stats.kruskal(*same).pvalue, abs=0.05)


def test_a_bootstrap_of_the_mean_is_the_interval_of_the_mean():
    values = np.random.default_rng(3).normal(size=15)
    found = bootstrap(lambda places: values[places].mean(), 15, **FEW)
    known = mean_interval(values, **FEW)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).normal(size=20)
    assert mean_interval(values, seed=4) == mean_interval(values, seed=4)
    assert mean_interval(values, seed=4) != mean_interval(values, seed=5)


@given(
    st.lists(st.integers(0, 6), min_size=3, max_size=12),
    st.randoms(use_true_random=False),
)
def test_tau_of_counted_items_is_scipys_tau_b_of_the_copies(truth, random):
    scores = [random.randint(0, 6) for _ in truth]
    counts = [random.randint(1, 3) for _ in truth]
    copies = np.repeat(np.arange(len(truth)), counts)
    wanted = stats.kendalltau(np.array(scores)[copies], np.array(truth)[copies]).statistic
    found = statistics.kendall(scores, truth, [counts])[0]
    assert found == pytest.approx(wanted, nan_ok=True)


def test_seeds_that_share_their_items_do_not_narrow_the_interval_of_tau():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=30)
    scores = truth + rng.normal(0, 0.8, 30)
    one = statistics.kendall_interval(scores, truth)
    four = statistics.kendall_interval(np.tile(scores, (4, 1)), truth)
    assert (one.low, one.high) == pytest.approx((four.low, four.high))


def test_the_difference_of_two_taus_is_surer_than_either_where_they_share_items():
    rng = np.random.default_rng(2)
    truth = rng.normal(size=40)
    ours = truth + rng.normal(0, 0.6, 40)
    theirs = ours + rng.normal(0, 0.1, 40)
    apart = statistics.kendall_difference(ours, theirs, truth)
    assert width(apart) < width(statistics.kendall_interval(ours, truth)) / 2
    assert statistics.kendall_difference(truth, -truth, truth).value == pytest.approx(2)
