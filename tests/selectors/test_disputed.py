"""A choice that disagrees with its own labels, or empties a class, says so."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits

from subsel_automl.core.pool import Pool
from subsel_automl.selectors.el2n import El2nOnce

DIGITS = load_digits()
X, Y = DIGITS.data / 16, DIGITS.target


def flipped(share=0.2):
    rng = np.random.default_rng(1)
    labels, wrong = Y.copy(), rng.random(len(Y)) < share
    labels[wrong] = (labels[wrong] + rng.integers(1, 10, wrong.sum())) % 10
    return labels


def test_a_choice_of_wrong_labels_warns_once_and_is_noted():
    labels = flipped()
    chooser = El2nOnce().fit(Pool("digits", X, labels))
    with pytest.warns(UserWarning, match="labelled otherwise than its own network says"):
        subset = chooser.subset_for(None, 0.1)
    assert (labels != Y)[subset.indices].mean() > 0.5
    assert subset.provenance.notes["disputed"] > 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chooser.subset_for(None, 0.15)


def test_a_choice_without_a_class_warns():
    easy = np.concatenate([X + 0.0, np.repeat(X[:1] * 0 + 5, 200, 0)])
    labels = np.concatenate([Y, np.full(200, 10)])  # a class that nobody gets wrong
    chooser = El2nOnce(epochs=5).fit(Pool("digits", easy, labels))
    with pytest.warns(UserWarning, match="none of 1 of 11 classes"):
        chooser.subset_for(None, 100)


def test_a_choice_like_the_pool_warns_of_nothing():
    chooser = El2nOnce(epochs=20, per_class=True).fit(Pool("digits", X, Y))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert chooser.subset_for(None, 0.3).provenance.notes["disputed"] <= 0.5
