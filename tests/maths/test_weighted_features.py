"""Weighted features: their sum, their order, and what does not change them."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput
from subsel_automl.core.last_layer import LastLayer
from subsel_automl.maths.weighted_features import weighted_features

RNG = np.random.default_rng(0)
FEATURES, WEIGHT = (RNG.standard_normal(shape).astype(np.float32) for shape in ((6, 12), (3, 12)))
LABELS = np.array([0, 1, 2, 2, 1, 0])


def test_all_of_them_and_the_bias_sum_to_the_logit_of_the_own_class():
    bias = np.array([1, 2, 3], np.float32)
    logits = LastLayer(FEATURES, WEIGHT, bias).logits()[np.arange(6), LABELS]
    total = weighted_features(FEATURES, WEIGHT, LABELS, top=12).sum(1) + bias[LABELS]
    np.testing.assert_allclose(total, logits, atol=1e-5)


def test_they_stand_in_the_order_of_the_weights_the_largest_first():
    weight = np.array([[1.0, 3.0, -2.0]])
    found = weighted_features(np.array([[5.0, 7.0, 11.0]]), weight, np.array([0]), top=3)
    assert found.tolist() == [[21.0, 5.0, -22.0]]
    two = weighted_features(np.array([[5.0, 7.0, 11.0]]), weight, np.array([0]), top=2)
    assert two.tolist() == [[21.0, 5.0]]


def test_channels_listed_otherwise_change_nothing():
    other = RNG.permutation(12)
    one = weighted_features(FEATURES, WEIGHT, LABELS, top=10)
    two = weighted_features(FEATURES[:, other], WEIGHT[:, other], LABELS, top=10)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("top", [0, 13])
def test_more_than_there_are_or_none_are_refused(top):
    with pytest.raises(BadInput, match=r"give 1\.\.12"):
        weighted_features(FEATURES, WEIGHT, LABELS, top=top)
