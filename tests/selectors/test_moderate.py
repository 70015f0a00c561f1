"""Truths of the moderate coreset."""

from __future__ import annotations

import numpy as np

from subsel_automl.catalog import provider
from subsel_automl.core.pool import Pool


def test_the_examples_at_the_median_distance_are_taken_in_every_class():
    radius = np.arange(1, 22, dtype=float)  # median 11
    x = np.concatenate([np.outer(radius, [1, 0]), np.outer(radius, [-1, 0])])  # centre 0
    x = np.concatenate([x, x + np.array([500, 0])])
    pool = Pool("rays", x, np.repeat([0, 1], 42))
    rows = provider("moderate").fit(pool).subset_for(None, 12).indices
    assert sorted(rows % 42 % 21 + 1) == [10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12]


def test_neither_the_centre_nor_an_outlier_is_taken():
    x = np.random.default_rng(0).normal(size=(60, 8))
    x[5], x[9] = x.mean(0), 40
    rows = provider("moderate").fit(Pool("odd", x, np.zeros(60, int))).subset_for(None, 40).indices
    assert not {5, 9} & set(rows.tolist())
