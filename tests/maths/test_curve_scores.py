"""Scores of whole curves: what is perfect, what is no better than the mean, what is backwards."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.maths.curve_scores import curve_scores, r2_by_epoch

TRUTH = np.random.default_rng(0).normal(size=(20, 6)).cumsum(1)


def test_what_comes_as_foretold_scores_one() -> None:
    assert curve_scores(TRUTH, TRUTH) == pytest.approx((1, 1, 1, 1))


def test_the_mean_of_each_epoch_has_an_r2_of_zero() -> None:
    mean = np.broadcast_to(TRUTH.mean(0), TRUTH.shape)
    np.testing.assert_allclose(r2_by_epoch(TRUTH, mean), 0, atol=1e-12)


def test_a_prediction_that_is_turned_round_has_the_other_order() -> None:
    scores = curve_scores(TRUTH, -TRUTH)
    assert (scores.average_tau, scores.final_tau) == (-1, -1)


def test_epochs_that_were_seen_do_not_count() -> None:
    half = TRUTH.copy()
    half[:, 3:] = TRUTH[:, 3:].mean(0)
    assert curve_scores(TRUTH, half, seen=3).average_r2 == pytest.approx(0)
    assert curve_scores(TRUTH, half).average_r2 == pytest.approx(0.5)


def test_the_final_scores_are_those_of_the_last_epoch() -> None:
    wrong = TRUTH.copy()
    wrong[:, -1] *= -1
    scores = curve_scores(TRUTH, wrong)
    assert scores.final_tau == -1
    assert scores.average_tau == pytest.approx(4 / 6)
    assert scores.final_r2 < 0 < scores.average_r2


def test_an_epoch_at_which_all_runs_are_equal_is_left_out() -> None:
    flat = TRUTH.copy()
    flat[:, 2] = 1.0
    assert curve_scores(flat, flat) == pytest.approx((1, 1, 1, 1))


@pytest.mark.parametrize("seen", [-1, 6])
def test_without_an_epoch_to_come_there_is_no_score(seen: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        curve_scores(TRUTH, TRUTH, seen)
