"""Who foretells while curves still finish."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.catalog import curve_predictor
from subsel_automl.predictors.takeover import Takeover

CURVES = np.random.default_rng(0).normal(size=(40, 6)).cumsum(1)


def takeover(name="ridge", after=10):
    return Takeover(lambda: curve_predictor(name), after, 6)


@pytest.mark.parametrize(("finished", "name"), [(0, "last"), (9, "last"), (10, "ridge")])
def test_the_last_value_foretells_until_enough_have_finished(finished, name):
    assert takeover().model(CURVES[:finished]).name == name


def test_one_that_learns_from_none_foretells_at_once():
    assert takeover("wpm", 0).model([]).name == "wpm"


def test_a_model_is_kept_until_the_curves_have_grown_by_a_tenth():
    made = takeover(after=20)
    first = made.model(CURVES[:20])
    assert made.model(CURVES[:21]) is first
    assert made.model(CURVES[:22]) is not first


def test_whoever_asks_is_told_the_same_whatever_was_asked_before():
    often = takeover()
    for count in range(1, 36):
        told = often.model(CURVES[:count])
    once = takeover().model(CURVES[:35])
    prefix = CURVES[35:, :2]
    assert np.array_equal(told.predict(prefix).mean, once.predict(prefix).mean)
