"""Truths of the expected improvement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.maths.acquisition import expected_improvement, normal_scores

means = st.floats(-1e3, 1e3)
spreads = st.floats(1e-6, 1e3)


@pytest.mark.parametrize(
    ("mean", "sd", "best", "expected"),
    [
        (0.0, 1.0, 0.0, 1 / np.sqrt(2 * np.pi)),
        (1.0, 1.0, 0.0, 1.0833154705876863),
        (-1.0, 1.0, 0.0, 0.083315470587686298),
        (0.9, 0.02, 0.94, 0.02 * 0.0084907026168296375),
        (-10.0, 1.0, 0.0, 7.474560254589328e-25),
        (-30.0, 1.0, 0.0, 1.6319567340914012e-199),
    ],
)
def test_known_answers(mean, sd, best, expected):
    """sd (phi(z) + z Phi(z)) with 60 digits (mpmath)."""
    (found,) = expected_improvement([mean], [sd], best)
    assert found == pytest.approx(expected, rel=1e-12, abs=0)


@given(mean=means, best=means)
def test_without_doubt_it_is_the_gain_or_nothing(mean, best):
    gains = expected_improvement([mean] * 3, [0.0, 1e-300, 1e-12], best)
    np.testing.assert_allclose(gains, max(mean - best, 0.0), atol=1e-12)


@given(mean=means, sd=spreads, best=means)
def test_it_is_never_below_the_gain_nor_below_zero(mean, sd, best):
    (found,) = expected_improvement([mean], [sd], best)
    assert np.isfinite(found)
    assert found >= 0
    assert found >= (mean - best) * (1 - 1e-12)


@given(mean=means, sd=spreads, best=means, more=st.floats(0.01, 10))
def test_a_greater_mean_or_a_greater_doubt_is_worth_as_much_or_more(mean, sd, best, more):
    here, higher, wider = expected_improvement(
        [mean, mean + more, mean], [sd, sd, sd * (1 + more)], best
    )
    assert higher >= here * (1 - 1e-9)
    assert wider >= here * (1 - 1e-9)


@given(mean=means, sd=spreads, best=means)
def test_above_and_below_the_best_differ_by_the_gain(mean, sd, best):
    """EI(g) - EI(-g) = g."""
    above, below = expected_improvement([mean, 2 * best - mean], [sd, sd], best)
    assert above - below == pytest.approx(mean - best, rel=1e-9, abs=1e-9 * (sd + abs(best)))


def test_it_is_the_mean_gain_of_draws():
    draws = np.random.default_rng(0).normal(0.9, 0.05, 400_000)
    (found,) = expected_improvement([0.9], [0.05], 0.94)
    assert found == pytest.approx(np.maximum(draws - 0.94, 0).mean(), rel=0.01)


@pytest.mark.parametrize(
    ("mean", "sd", "best", "words"),
    [
        ([0.0], [-0.1], 0.0, "never below 0"),
        ([np.nan], [1.0], 0.0, "finite"),
        ([0.0], [np.inf], 0.0, "finite"),
        ([0.0], [1.0], np.nan, "finite"),
    ],
)
def test_what_is_no_prediction_is_refused(mean, sd, best, words):
    with pytest.raises(ValueError, match=words):
        expected_improvement(mean, sd, best)


def test_normal_scores_know_the_order_alone():
    values = np.array([10.0, 93.9, 94.0, 94.1, 55.0])
    found = normal_scores(values)
    assert (np.argsort(found) == np.argsort(values)).all()
    assert found == pytest.approx(normal_scores(np.exp(values / 10)))
    assert found.sum() == pytest.approx(0, abs=1e-12)
    assert found[2] == pytest.approx(0.5244005)  # Phi^-1(0.7)
    assert normal_scores([2.0, 1.0, 2.0])[[0, 2]] == pytest.approx([0.4307273] * 2)  # of rank 2.5


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [[1.0]]])
def test_scores_of_what_has_no_order_are_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        normal_scores(bad)
