"""Truths of the tables' metrics."""

from __future__ import annotations

import math

import numpy as np
import pytest

from subsel_automl.maths import metrics


def test_rar_is_the_share_that_was_lost():
    assert np.allclose(metrics.rar([0.72, 0.9], [0.9, 0.9]), [0.2, 0.0])


def test_rar_of_a_useless_ceiling_is_refused():
    with pytest.raises(ValueError, match="accuracy on all data is 0"):
        metrics.rar([0.5], [0.0])


def test_between_two_budgets_the_value_lies_on_a_line_in_its_logarithm():
    assert metrics.at_rar([0.3, 0.1], [100.0, 25.0], 0.2) == pytest.approx(50.0)


@pytest.mark.parametrize(("reductions", "found"), [([0.3, 0.25], None), ([0.1, 0.05], 9.0)])
def test_a_rar_is_not_attained_or_attained_at_once(reductions, found):
    assert metrics.at_rar(reductions, [9.0, 3.0], 0.2) == found


def test_overlap_of_random_subsets_is_the_chance_overlap():
    rng = np.random.default_rng(0)
    pairs = [(rng.permutation(1000)[:100], rng.permutation(1000)[:100]) for _ in range(200)]
    mean = np.mean([metrics.jaccard(a.tolist(), b.tolist()) for a, b in pairs])
    assert mean == pytest.approx(metrics.chance_jaccard(100, 1000), abs=0.003)


def test_kendall_counts_pairs_that_agree():
    assert metrics.kendall_tau([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(4 / 6)


def test_regret_is_what_the_best_chosen_lacks():
    assert metrics.regret([0.9, 0.8, 0.7], [0.1, 0.3, 0.2]) == pytest.approx(0.1)
    assert metrics.regret([0.9, 0.8, 0.7], [0.1, 0.3, 0.2], k=3) == 0


def test_the_jackknife_error_of_a_mean_is_its_standard_error():
    values = np.array([1.0, 2.0, 4.0, 7.0])
    left = [(values.sum() - v) / 3 for v in values]
    assert metrics.jackknife_error(left) == pytest.approx(metrics.mean_and_error(values)[1])
    assert math.isclose(metrics.mean_and_error([3.0])[1], 0.0)
