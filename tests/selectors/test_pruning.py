"""Truths of pruning."""

from __future__ import annotations

import numpy as np

from subsel_automl.core.pool import Pool
from subsel_automl.maths import scores
from subsel_automl.selectors.pruning import Pruning
from subsel_automl.training.master import train_master


def overlapping() -> Pool:
    """Two classes on a line: rows 0..19 lie between them, where the label is a coin's."""
    rng = np.random.default_rng(0)
    between = rng.normal(0, 0.1, 20)
    labels = np.arange(220) % 2
    apart = np.where(labels[20:], 4, -4) + rng.normal(0, 0.5, 200)
    return Pool("overlap", np.concatenate([between, apart])[:, None], labels)


def test_the_examples_between_two_classes_are_kept():
    subset = Pruning().fit(overlapping()).subset_for(None, 20)
    assert set(subset.indices.tolist()) == set(range(20))


def test_the_order_is_that_of_the_masters_entropy():
    pool = overlapping()
    entropy = scores.entropy(train_master(pool).log_probabilities)
    subset = Pruning().fit(pool).subset_for(None, 220)
    assert np.array_equal(subset.indices, np.argsort(-entropy, kind="stable"))
