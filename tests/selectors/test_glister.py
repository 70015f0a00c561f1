"""Truths of GLISTER."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, MissingNeed, UnknownName
from subsel_automl.worlds import clump_pool, linear_probe

POOL = clump_pool(150, classes=3)
PROBE = linear_probe(POOL)


def refreshed(b=15, seed=0, epoch=10, pool=POOL, **options):
    glister = provider("glister", **options).fit(pool)
    first = glister.subset_for(None, b, seed=seed)
    return glister.refresh(first, None, epoch, linear_probe(pool), seed=seed)


def along_validation():
    everything, held = np.arange(150), np.arange(40)
    mean = PROBE.about(POOL.validation).last_layer_gradients(held).mean(0)
    return PROBE.last_layer_gradients(everything) @ mean


def test_examples_whose_gradient_is_along_the_validation_gradient_are_preferred():
    along = along_validation()
    assert along[refreshed().indices].mean() > along.mean() + 2 * along.std() / np.sqrt(15)


def test_the_first_exact_term_takes_the_most_aligned_examples():
    rows = refreshed(greedy="exact", terms=1).indices
    assert set(rows) == set(np.argsort(-along_validation(), kind="stable")[:15])


def test_mislabelled_examples_are_left_out():
    labels = POOL.labels.copy()
    wrong = np.arange(0, 150, 10)
    labels[wrong] = (labels[wrong] + 1) % 3
    noisy = replace(POOL, labels=labels, fingerprint="")
    probe = replace(linear_probe(noisy), weights=_good_weights())
    glister = provider("glister").fit(noisy)
    rows = glister.refresh(glister.subset_for(None, 60), None, 10, probe).indices
    assert len(np.intersect1d(rows, wrong)) <= 2  # 6 by chance


def _good_weights():
    """Least squares on the clean validation pool, weakly: right, and not yet sure."""
    held = POOL.validation
    return np.linalg.lstsq(held.features, 2 * np.eye(3)[held.labels], rcond=None)[0]


@given(b=st.integers(1, 150))
def test_the_budget_is_exact_and_no_example_comes_twice(b):
    assert len(set(refreshed(b).indices.tolist())) == b


def test_before_there_is_a_network_it_draws_evenly_over_the_classes():
    rows = provider("glister").fit(POOL).subset_for(None, 15).indices
    assert np.bincount(POOL.labels[rows]).tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    "options",
    [
        {"greedy": "exact"},
        {"terms": 1},
        {"learning_rate": 10.0},
        {"batch": 20_000},
        {"epsilon": 0.9},
    ],
    ids=str,
)
def test_an_option_changes_the_choice_and_is_reported(options):
    assert set(refreshed(60, **options).indices) != set(refreshed(60).indices)
    assert options.items() <= provider("glister", **options).options().items()


def test_exact_greedy_follows_the_pool_through_a_permutation():
    order = np.random.default_rng(0).permutation(150)
    moved = replace(POOL.take(order, "moved"), validation=POOL.validation)
    here, there = (refreshed(15, pool=pool, greedy="exact").indices for pool in (POOL, moved))
    assert set(order[there].tolist()) == set(here.tolist())


def test_the_seed_and_the_epoch_choose_the_candidates():
    base = set(refreshed().indices)
    assert set(refreshed(seed=1).indices) != base
    assert set(refreshed(epoch=20).indices) != base
    assert set(refreshed().indices) == base


def test_how_often_it_looks_is_an_option():
    assert provider("glister", refresh_every=5).refresh_every == 5
    assert provider("glister").refresh_every == 10


def test_a_network_that_diverged_changes_nothing():
    probe = linear_probe(POOL)
    probe.weights[:] = np.nan
    glister = provider("glister").fit(POOL)
    before = glister.subset_for(None, 15)
    assert np.array_equal(glister.refresh(before, None, 10, probe).indices, before.indices)


def test_a_validation_pool_without_labels_is_refused_by_name():
    bare = replace(POOL, validation=replace(POOL.validation, labels=None), fingerprint="")
    with pytest.raises(MissingNeed, match=r"'glister'.*'clumps/validation'"):
        provider("glister").fit(bare)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"greedy": "naive"}, UnknownName),
        ({"terms": 0}, BadInput),
        ({"learning_rate": 0}, BadInput),
        ({"batch": 1.5}, BadInput),
        ({"epsilon": 1}, BadInput),
    ],
    ids=str,
)
def test_unusable_options_are_refused(options, error):
    with pytest.raises(error, match="glister"):
        provider("glister", **options)
