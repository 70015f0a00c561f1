"""The guard: off on right labels, on where many are wrong, and no class is emptied."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from subsel_automl import provider
from subsel_automl.budgeting.guard import FLOOR, Guarded, left_out
from subsel_automl.budgeting.noise import wrong_labels
from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import Pool

DIGITS = load_digits()
X, Y = DIGITS.data / 16, DIGITS.target


def flipped(share=0.25, seed=1):
    rng = np.random.default_rng(seed)
    labels, wrong = Y.copy(), rng.random(len(Y)) < share
    labels[wrong] = (labels[wrong] + rng.integers(1, 10, wrong.sum())) % 10
    return labels


@functools.cache
def guarded(noisy_labels):
    labels = flipped() if noisy_labels else Y
    return Guarded().fit(Pool("digits", X, labels))


def test_it_is_what_a_search_is_given_without_a_name():
    assert provider().name == "guarded"


def test_on_right_labels_it_draws_as_random_per_class_does():
    plain = provider("random-per-class").fit(Pool("digits", X, Y))
    assert not guarded(False).on
    for draw in range(2):
        ours, theirs = (one.subset_for(None, 0.1, draw=draw) for one in (guarded(False), plain))
        assert (ours.indices == theirs.indices).all()


def test_wrong_labels_are_not_drawn_while_others_are_left():
    chosen = guarded(True)
    rows = chosen.subset_for(None, 0.3).indices
    assert chosen.on
    assert (flipped() != Y).mean() > 0.2
    assert (flipped() != Y)[rows].mean() < 0.05
    assert chosen.subset_for(None, 0.3).provenance.notes["guard"] == "on"


def test_the_whole_pool_is_still_the_whole_pool():
    rows = guarded(True).subset_for(None, 1.0).indices
    assert sorted(rows) == list(range(len(Y)))


def test_a_threshold_of_one_keeps_it_off():
    assert not Guarded(noisy=1).fit(Pool("digits", X, flipped())).on


def test_of_no_class_more_than_the_floor_is_left_out():
    groups = np.repeat([0, 1], [90, 10])
    wrong = np.where(groups == 1, 0.9, 0.2) + np.linspace(0, 0.05, 100)
    out = left_out(wrong, groups)
    assert out.sum() == FLOOR * 10
    assert wrong[out].min() > wrong[(groups == 1) & ~out].max()


def test_without_classes_it_draws_over_the_whole_pool():
    pool = Pool("prices", X, targets=np.arange(len(X), dtype=np.float32))
    found = Guarded().fit(pool)
    assert not found.on
    assert "classes" in found.why
    assert len(found.subset_for(None, 0.1)) == round(0.1 * len(X))


@pytest.mark.parametrize("noisy", [0, 1.5, -1])
def test_a_threshold_that_is_no_share_is_refused(noisy):
    with pytest.raises(BadInput, match="share of wrong labels"):
        Guarded(noisy=noisy)


def test_a_pool_larger_than_what_classifiers_learn_from_is_judged_whole(monkeypatch):
    monkeypatch.setattr("subsel_automl.budgeting.noise.EXAMPLES", 900)
    labels = flipped()
    wrong = wrong_labels(Pool("digits", X, labels))
    assert len(wrong) == len(X)
    assert (wrong > 0.5)[labels != Y].mean() > 0.8
    assert (wrong > 0.5)[labels == Y].mean() < 0.1
