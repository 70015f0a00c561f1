"""Truths of Grad-Match, by mini-batches and in every class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.worlds import clump_pool, linear_probe

NAMES = ("grad-match", "grad-match-per-class")
POOL = clump_pool(150, classes=3)
GRADIENTS = linear_probe(POOL).last_layer_gradients(np.arange(150))


def refreshed(name, b=30, seed=0, epoch=10, pool=POOL, **options):
    match = provider(name, **options).fit(pool)
    first = match.subset_for(None, b, seed=seed)
    return match.refresh(first, None, epoch, linear_probe(pool), seed=seed)


def direction_missed(rows, weights):
    """1 - cosine of the weighted sum to the sum over the pool."""
    mine, whole = weights @ GRADIENTS[rows], GRADIENTS.sum(0)
    return 1 - mine @ whole / np.linalg.norm(mine) / np.linalg.norm(whole)


@pytest.mark.parametrize(("name", "options"), [(NAMES[0], {"batch": 5}), (NAMES[1], {})])
def test_the_weighted_gradients_add_up_to_the_pool_s_more_nearly_than_at_random(name, options):
    subset = refreshed(name, **options)
    rng, ones = np.random.default_rng(0), np.ones(30)
    others = [direction_missed(rng.choice(150, 30, replace=False), ones) for _ in range(20)]
    assert direction_missed(subset.indices, subset.weights) < min(others)


@pytest.mark.parametrize("name", NAMES)
@given(b=st.integers(1, 150))
def test_the_budget_is_exact_no_example_comes_twice_and_weights_are_positive(name, b):
    subset = refreshed(name, b)
    assert len(set(subset.indices.tolist())) == b
    assert (subset.weights > 0).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [12, 61])
def test_small_pools_and_whole_pools_are_served(name, n):
    pool = clump_pool(n, classes=4)
    assert len(refreshed(name, n, pool=pool)) == n
    assert len(refreshed(name, 1, pool=pool)) == 1


def test_examples_of_one_mini_batch_share_their_weight_and_the_last_is_cut():
    subset = refreshed("grad-match", 47, batch=10)
    runs = np.split(subset.weights, [10, 20, 30, 40])
    assert [len(np.unique(run)) for run in runs] == [1] * 5
    assert len(np.unique(subset.weights)) == 5
    assert len(runs[-1]) == 7


def test_classes_are_matched_one_by_one():
    rows = refreshed("grad-match-per-class", 30).indices
    assert np.bincount(POOL.labels[rows]).tolist() == [10, 10, 10]


def test_an_early_end_is_filled_and_the_notes_say_how_many():
    full, early = (refreshed("grad-match-per-class", tolerance=t) for t in (0.0, 0.5))
    assert early.provenance.notes["filled"] > full.provenance.notes["filled"]
    assert early.provenance.notes["error"] <= 0.5
    assert len(early) == len(full) == 30


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("grad-match", {"batch": 5}),
        ("grad-match", {"regulariser": 50.0}),
        ("grad-match", {"tolerance": 0.9}),
        ("grad-match-per-class", {"regulariser": 50.0}),
        ("grad-match-per-class", {"tolerance": 0.9}),
    ],
    ids=str,
)
def test_an_option_changes_the_choice_and_is_reported(name, options):
    base, other = refreshed(name, 60), refreshed(name, 60, **options)
    assert set(other.indices) != set(base.indices) or not np.allclose(other.weights, base.weights)
    assert options.items() <= provider(name, **options).options().items()


def test_mini_batches_follow_the_seed_and_the_epoch_and_classes_do_not():
    assert set(refreshed("grad-match", seed=1).indices) != set(refreshed("grad-match").indices)
    assert set(refreshed("grad-match", epoch=20).indices) != set(refreshed("grad-match").indices)
    one, two = (refreshed("grad-match-per-class", seed=seed) for seed in (0, 1))
    assert np.array_equal(one.indices, two.indices)


def test_permuting_the_pool_permutes_the_choice_of_every_class():
    order = np.random.default_rng(0).permutation(150)
    moved = POOL.take(order, "moved")
    here, there = (refreshed("grad-match-per-class", pool=pool) for pool in (POOL, moved))
    assert set(order[there.indices].tolist()) == set(here.indices.tolist())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [{"regulariser": -1}, {"tolerance": float("nan")}, {"refresh_every": 0}],
    ids=str,
)
def test_unusable_options_are_refused(name, options):
    with pytest.raises(BadInput, match=name):
        provider(name, **options)


def test_mini_batches_are_no_option_of_classes():
    assert "batch" not in provider("grad-match-per-class").options()
    with pytest.raises(BadInput, match="batch"):
        provider("grad-match-per-class", batch=20)
    with pytest.raises(BadInput, match="batch"):
        provider("grad-match", batch=0)
