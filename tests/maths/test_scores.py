"""Truths of the scores: numbers by hand, and properties for all predictions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from subsel_automl.maths import scores

P = np.array([[0.7, 0.2, 0.1], [1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]])
with np.errstate(divide="ignore"):
    LOG_P = np.log(P)
Y = np.array([0, 1, 2])

logits = st.integers(1, 6).flatmap(
    lambda c: arrays(
        np.float64, st.tuples(st.integers(1, 20), st.just(c)), elements=st.floats(-9, 9)
    )
)


def test_loss_is_minus_the_log_probability_of_the_label():
    assert np.allclose(scores.loss(LOG_P[:2], Y[:2]), [-math.log(0.7), math.log(3)])


def test_entropy_is_greatest_for_even_odds_and_nothing_for_certainty():
    by_hand = -(0.7 * math.log(0.7) + 0.2 * math.log(0.2) + 0.1 * math.log(0.1))
    assert np.allclose(scores.entropy(LOG_P), [by_hand, math.log(3), 0])


def test_least_confidence_is_what_the_best_class_lacks():
    assert np.allclose(scores.least_confidence(LOG_P), [0.3, 2 / 3, 0])


def test_margin_compares_the_two_best_classes():
    assert np.allclose(scores.margin(LOG_P), [0.5, 1, 0])


def test_el2n_is_the_length_of_the_error():
    by_hand = [math.sqrt(0.09 + 0.04 + 0.01), math.sqrt(4 / 9 + 2 / 9), math.sqrt(2)]
    assert np.allclose(scores.el2n(LOG_P, Y), [by_hand[0], math.sqrt(6) / 3, by_hand[2]])


@given(logits, st.data())
def test_el2n_lies_between_zero_and_the_root_of_two(z, data):
    y = np.array(
        data.draw(st.lists(st.integers(0, z.shape[1] - 1), min_size=len(z), max_size=len(z)))
    )
    score = scores.el2n(scores.log_softmax(z), y)
    assert (score >= 0).all()
    assert (score <= math.sqrt(2) + 1e-12).all()


@given(logits)
def test_uncertainties_lie_in_their_ranges(z):
    log_p, c = scores.log_softmax(z), z.shape[1]
    for score, most in (
        (scores.entropy(log_p), math.log(c)),
        (scores.least_confidence(log_p), 1 - 1 / c),
        (scores.margin(log_p), 1),
    ):
        assert (score >= -1e-12).all()
        assert (score <= most + 1e-12).all()


@given(logits, st.floats(-50, 50))
def test_log_softmax_sums_to_one_and_ignores_a_shift(z, shift):
    log_p = scores.log_softmax(z)
    assert np.allclose(np.exp(log_p).sum(1), 1)
    assert np.allclose(scores.log_softmax(z + shift), log_p)
    assert np.allclose(scores.log_softmax(log_p), log_p)


@given(arrays(np.float64, (7, 3), elements=st.floats(-1, 1)), st.integers(0, 5))
def test_grand_is_the_norm_of_the_outer_product(error, seed):
    inner = np.random.default_rng(seed).normal(size=(7, 5))
    whole = (error[:, :, None] * inner[:, None, :]).reshape(7, -1)
    assert np.allclose(scores.grand(error, inner), np.linalg.norm(whole, axis=1))


def test_label_margin_is_positive_where_the_network_is_right():
    z = np.array([[3.0, 1.0, 0.0], [3.0, 1.0, 0.0]])
    assert np.allclose(scores.label_margin(z, np.array([0, 1])), [2, -2])


@given(logits)
def test_label_margin_is_the_same_for_logits_and_log_probabilities(z):
    y = np.zeros(len(z), np.int64)
    assert np.allclose(scores.label_margin(z, y), scores.label_margin(scores.log_softmax(z), y))


def test_a_single_class_has_a_finite_margin():
    assert scores.label_margin(np.zeros((2, 1)), np.zeros(2, np.int64)).tolist() == [1, 1]
    assert scores.margin(np.zeros((2, 1))).tolist() == [0, 0]


def test_area_under_the_margin_is_the_mean_over_epochs():
    assert scores.area_under_margin(np.array([[1.0, -1.0], [3.0, -2.0]])).tolist() == [2, -1.5]


@pytest.mark.parametrize(
    ("seen", "events"),
    [
        ("0111", 0),  # learned once and kept: unforgettable
        ("1010", 2),
        ("1100", 1),
        ("0101", 1),
        ("0000", 4),  # never learned: most forgettable
        ("1111", 0),
    ],
)
def test_forgetting_counts_right_followed_by_wrong(seen, events):
    correct = np.array([[digit == "1"] for digit in seen])
    assert scores.forgetting_events(correct).tolist() == [events]


@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_nothing_learned_is_as_forgettable_as_what_was_never_learned(correct):
    events = scores.forgetting_events(correct)
    learned = correct.any(0)
    assert (events[~learned] == len(correct)).all()
    assert (events[learned] <= len(correct) // 2).all()
