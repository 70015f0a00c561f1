"""Truths of ASP's schedules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.maths.schedules import METRICS, metric_odds, sampling_ratio

epochs = st.integers(2, 300)


@given(r=st.floats(0.01, 0.5), n=epochs)
def test_up_to_a_half_the_ratios_mean_is_1_01_r_as_printed(r, n):
    ratios = [sampling_ratio(r, i, n) for i in range(n)]
    assert np.isclose(np.mean(ratios), 1.01 * r)
    assert np.isclose(ratios[0], 2 * r)
    assert np.isclose(ratios[-1], 0.02 * r)


@given(r=st.floats(0.51, 1.0), n=epochs)
def test_above_a_half_the_first_epoch_has_all_and_the_mean_is_r(r, n):
    ratios = [sampling_ratio(r, i, n) for i in range(n)]
    assert ratios[0] == 1
    assert np.isclose(np.mean(ratios), r)


@given(r=st.floats(0.01, 1.0), n=epochs)
def test_fewer_examples_epoch_by_epoch_and_the_last_ratio_stays(r, n):
    ratios = [sampling_ratio(r, i, n) for i in range(n + 3)]
    assert (np.diff(ratios) <= 1e-12).all()
    assert ratios[-1] == ratios[n - 1]


@pytest.mark.parametrize(
    ("place", "best"),
    [(25, {"random"}), (50, {"prediction", "gradient"}), (75, {"loss", "entropy"})],
)
def test_each_group_is_likeliest_at_its_quarter(place, best):
    odds = metric_odds(place, 100, 0.125)
    likeliest = {METRICS[k] for k in np.flatnonzero(odds > odds.max() - 1e-12)}
    assert likeliest == best


@given(i=st.integers(0, 400), n=st.integers(1, 300), s=st.floats(0.001, 5))
def test_odds_are_a_distribution(i, n, s):
    odds = metric_odds(i, n, s)
    assert np.isclose(odds.sum(), 1)
    assert np.isfinite(odds).all()


@given(st.integers(0, 100))
def test_a_wide_spread_makes_all_metrics_alike(i):
    assert np.allclose(metric_odds(i, 100, 1e3), 0.2, atol=1e-4)


@pytest.mark.parametrize(("r", "i", "n"), [(0, 0, 1), (1.1, 0, 1), (0.5, -1, 3), (0.5, 0, 0)])
def test_no_ratio_outside_its_range(r, i, n):
    with pytest.raises(ValueError, match="no ratio"):
        sampling_ratio(r, i, n)


@pytest.mark.parametrize(("i", "n", "s"), [(-1, 2, 1.0), (0, 0, 1.0), (0, 2, 0.0)])
def test_no_odds_outside_their_range(i, n, s):
    with pytest.raises(ValueError, match="no odds"):
        metric_odds(i, n, s)
