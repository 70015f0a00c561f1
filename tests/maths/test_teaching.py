"""How far trials that have ended are trusted as teachers."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.maths.answers import mean_answers
from subsel_automl.maths.teaching import (
    LEAST_SHARE,
    expected_error,
    label_share,
    lead,
    share_at_end,
    teacher_weights,
)


def test_a_worse_teacher_counts_less_and_weights_sum_to_one() -> None:
    weights = teacher_weights([0.1, 0.12, 0.3])
    assert weights.sum() == pytest.approx(1)
    assert weights[0] / weights[1] == pytest.approx(np.e)
    assert weights[2] < 1e-4


def test_the_mean_of_answers_is_of_probabilities() -> None:
    answers = [np.log([[0.5, 0.5]]), np.log([[0.9, 0.1]])]
    np.testing.assert_allclose(
        np.exp(mean_answers(answers, np.array([0.25, 0.75]))), [[0.8, 0.2]], rtol=1e-5
    )


@pytest.mark.parametrize("ahead", [0.0, 0.5, 1.0, 1.15])
def test_teachers_no_better_than_their_pupil_leave_the_label_alone(ahead: float) -> None:
    assert label_share(ahead) == 1


def test_the_label_share_falls_with_the_lead_down_to_its_least() -> None:
    assert label_share(1.15 * 2**0.5) == pytest.approx(0.5)
    assert label_share(100) == pytest.approx(0.3)


def test_a_pupil_is_expected_to_end_where_usual_trials_do() -> None:
    assert expected_error(1000, [(1000, 0.2)]) == pytest.approx(0.2)
    assert expected_error(100, [(1000, 0.2)]) == pytest.approx(0.2 * 10**0.3)
    assert expected_error(0, [(1e9, 0.9)]) == 1


def test_a_trial_that_got_stuck_says_by_its_start_what_others_will_reach() -> None:
    stuck = [(1000, 0.31), (6000, 0.25)]
    assert expected_error(6000, stuck) == pytest.approx(0.31 * 6**-0.3)
    assert lead(expected_error(3000, stuck), 0.25) < 1


def test_a_lead_compares_errors() -> None:
    assert lead(0.3, 0.1) == pytest.approx(3)


def test_a_pupil_that_will_be_better_than_its_teachers_is_let_go():
    assert share_at_end(6400, [(1600, 0.2)], teacher_error=0.18) == 1.0


def test_a_pupil_whose_error_has_stopped_falling_is_taught_by_those_who_are_level():
    falling, level = [(400, 0.4), (1600, 0.2)], [(400, 0.21), (1600, 0.2)]
    assert share_at_end(6400, falling, teacher_error=0.2) == 1.0
    assert share_at_end(6400, level, teacher_error=0.2) < 0.5


def test_a_pupil_that_will_stay_behind_is_taught():
    assert share_at_end(6400, [(1600, 0.5)], teacher_error=0.1) == LEAST_SHARE


def test_nobody_is_taught_of_whom_nothing_is_known():
    assert share_at_end(6400, [], teacher_error=0.1) == 1.0
    assert share_at_end(6400, [(700, 0.9)], teacher_error=0.1) == 1.0  # shorter than an eighth
