"""Truths of herding."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import Pool
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150, classes=3)


def chosen(pool, b, **options):
    return provider("herding", **options).fit(pool).subset_for(None, b).indices


def test_every_class_s_mean_is_met_more_closely_than_by_chance():
    rows, rng = chosen(POOL, 30), np.random.default_rng(0)
    for label in range(3):
        x = POOL.features[POOL.labels == label]
        mine = POOL.features[rows[POOL.labels[rows] == label]]
        others = [x[rng.choice(50, 10, replace=False)] for _ in range(20)]
        miss = [np.linalg.norm(some.mean(0) - x.mean(0)) for some in (mine, *others)]
        assert miss[0] < min(miss[1:])


def test_opposite_pairs_follow_the_middle_one():
    x = np.array([[0, 0], [1, 0], [-1, 0], [0, 5], [0, -5]], np.float32)
    rows = chosen(Pool("cross", x, np.zeros(5, int)), 3)
    assert rows[0] == 0
    assert set(rows) == {0, 1, 2}


def test_length_matters_until_rows_are_normalised():
    assert set(chosen(POOL, 15)) != set(chosen(POOL, 15, normalise=True))
    assert provider("herding", normalise=True).options() == {"normalise": True}


def test_unusable_options_are_refused():
    with pytest.raises(BadInput, match="normalise of provider 'herding'"):
        provider("herding", normalise=None)
