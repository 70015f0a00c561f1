"""Truths of CRAIG."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import Pool
from subsel_automl.worlds import clump_pool, linear_probe

POOL = clump_pool(120, classes=3)


def test_medoids_are_weighted_by_what_they_stand_for():
    clump = np.repeat([0, 1, 2], [20, 10, 30])
    x = np.random.default_rng(0).normal(size=(60, 4)) + 40 * np.eye(3, 4)[clump]
    subset = provider("craig").fit(Pool("three", x, np.zeros(60, int))).subset_for(None, 3)
    weight = dict(zip(clump[subset.indices].tolist(), subset.weights.tolist(), strict=True))
    assert weight == {0: 20, 1: 10, 2: 30}


def test_weights_of_every_class_sum_to_its_size():
    subset = provider("craig").fit(POOL).subset_for(None, 15)
    labels = POOL.labels[subset.indices]
    assert np.bincount(labels, subset.weights).tolist() == [40, 40, 40]


def test_the_first_choice_has_no_chance_in_it():
    craig = provider("craig").fit(POOL)
    one, two = (craig.subset_for(None, 15, seed=seed).indices for seed in (0, 1))
    assert np.array_equal(one, two)


def test_a_refresh_takes_medoids_of_the_network_s_errors():
    craig, probe = provider("craig").fit(POOL), linear_probe(POOL)
    fresh = craig.refresh(craig.subset_for(None, 6), None, 10, probe)
    error = probe.last_layer_factors(np.arange(120))[0]
    for label in range(3):
        rows = np.flatnonzero(POOL.labels == label)
        d = np.linalg.norm(error[rows, None] - error[rows], axis=-1)
        mine = np.searchsorted(rows, fresh.indices[POOL.labels[fresh.indices] == label])
        assert mine[0] == d.sum(1).argmin()
        assert fresh.weights.sum() == 120


def test_a_network_that_diverged_changes_nothing_and_the_notes_say_so():
    craig, probe = provider("craig").fit(POOL), linear_probe(POOL)
    before = craig.subset_for(None, 6)
    probe.weights[:] = np.nan
    after = craig.refresh(before, None, 10, probe)
    assert np.array_equal(after.indices, before.indices)
    assert after.provenance.notes == {"kept": "gradients not finite"}


def test_permuting_the_pool_permutes_the_refreshed_subset_too():
    order = np.random.default_rng(0).permutation(120)
    moved = POOL.take(order, "moved")
    chosen = []
    for pool in (POOL, moved):
        craig = provider("craig").fit(pool)
        chosen.append(craig.refresh(craig.subset_for(None, 15), None, 10, linear_probe(pool)))
    assert set(order[chosen[1].indices].tolist()) == set(chosen[0].indices.tolist())


def test_how_often_it_looks_is_an_option():
    assert provider("craig", refresh_every=3).refresh_every == 3
    assert provider("craig").options() == {"refresh_every": 10}
    with pytest.raises(BadInput, match="refresh_every"):
        provider("craig", refresh_every=0)
