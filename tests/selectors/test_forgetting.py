"""Truths of forgetting."""

from __future__ import annotations

import numpy as np
from mislabelled import WRONG, mislabelled, restless

from subsel_automl.maths import scores
from subsel_automl.selectors.forgetting import Forgetting
from subsel_automl.training.master import train_master


def test_what_was_never_learned_is_kept_first():
    subset = Forgetting().fit(mislabelled()).subset_for(None, len(WRONG))
    assert len(set(subset.indices.tolist()) & set(WRONG.tolist())) == 16


def test_more_events_come_first_and_ties_are_the_seeds():
    correct = train_master(restless(), epochs=10, watch=True).correct
    events = scores.forgetting_events(correct)
    provider = Forgetting().fit(restless())
    one, two = (provider.subset_for(None, 200, seed=seed) for seed in (0, 1))
    assert (np.diff(events[one.indices]) <= 0).all()
    assert np.array_equal(events[one.indices], events[two.indices])
    assert not np.array_equal(one.indices, two.indices)
