"""Truths of EL2N: on the trial's own network, and once on a master."""

from __future__ import annotations

import numpy as np
import pytest
from mislabelled import WRONG, differ, knowing_probe, mislabelled, same

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.maths import draws, scores
from subsel_automl.selectors.el2n import El2n, El2nOnce
from subsel_automl.selectors.random import Random
from subsel_automl.training.master import train_master
from subsel_automl.worlds import LinearProbe, linear_probe

POOL = mislabelled()


def test_after_five_whole_epochs_the_mislabelled_are_kept():
    feed = SubsetFeed(El2n().fit(POOL), len(WRONG))
    warm = [feed.at(epoch, None, knowing_probe(POOL)) for epoch in range(5)]
    assert [len(subset) for subset in warm] == [200] * 5
    assert set(feed.at(5, None, knowing_probe(POOL)).indices.tolist()) == set(WRONG.tolist())


def test_the_score_is_the_length_of_the_error_over_the_whole_pool():
    probe = linear_probe(POOL)
    feed = SubsetFeed(El2n(warm_epochs=0, refresh_every=1).fit(POOL), 30)
    feed.at(0, None, probe)
    el2n = scores.el2n(scores.log_softmax(probe.logits(np.arange(200))), POOL.labels)
    assert np.array_equal(feed.at(1, None, probe).indices, draws.top_b(el2n, 30))


def test_it_looks_again_every_five_epochs_at_a_network_that_moves():
    feed = SubsetFeed(El2n().fit(POOL), 20)
    for epoch in range(5):
        feed.at(epoch, None, linear_probe(POOL, seed=0))
    first = feed.at(5, None, linear_probe(POOL, seed=0))
    assert all(feed.at(epoch, None, linear_probe(POOL, seed=1)) is first for epoch in range(6, 10))
    assert not same(feed.at(10, None, linear_probe(POOL, seed=1)), first)


@pytest.mark.parametrize(("options", "epoch"), [({"warm_epochs": 2}, 2), ({"warm_epochs": 7}, 7)])
def test_warm_epochs_is_when_it_first_looks(options, epoch):
    feed = SubsetFeed(El2n(**options).fit(POOL), len(WRONG))
    sizes = [len(feed.at(e, None, knowing_probe(POOL))) for e in range(epoch + 1)]
    assert sizes == [200] * epoch + [16]


def test_refresh_every_is_how_often_it_looks():
    feed = SubsetFeed(El2n(warm_epochs=1, refresh_every=2).fit(POOL), 20)
    seen = [feed.at(epoch, None, linear_probe(POOL, seed=epoch)) for epoch in range(6)]
    looked = [not same(seen[e], seen[e - 1]) for e in range(1, 6)]
    assert looked == [True, False, True, False, True]


def test_before_it_looks_the_subset_is_a_random_one():
    ours, random = El2n().fit(POOL), Random().fit(POOL)
    assert same(ours.subset_for(None, 20, seed=4), random.subset_for(None, 20, seed=4))


def test_per_class_takes_even_shares_of_the_highest():
    feed = SubsetFeed(El2n(warm_epochs=1, per_class=True).fit(POOL), 20)
    feed.at(0, None, knowing_probe(POOL))
    subset = feed.at(1, None, knowing_probe(POOL))
    assert np.bincount(POOL.labels[subset.indices]).tolist() == [5] * 4


def test_a_trial_that_diverged_keeps_its_subset():
    broken = LinearProbe(POOL, np.full((2, 4), np.nan))
    provider = El2n().fit(POOL)
    subset = provider.subset_for(None, 20)
    assert same(provider.refresh(subset, None, 5, broken), subset)


def test_once_keeps_the_mislabelled():
    subset = El2nOnce().fit(POOL).subset_for(None, len(WRONG))
    assert set(subset.indices.tolist()) == set(WRONG.tolist())


def test_repeats_average_over_masters_of_following_seeds():
    answers = [train_master(POOL, seed=seed).log_probabilities for seed in (7, 8)]
    mean = np.mean([scores.el2n(log_p, POOL.labels) for log_p in answers], axis=0)
    subset = El2nOnce(repeats=2, master_seed=7).fit(POOL).subset_for(None, 200)
    assert np.array_equal(subset.indices, draws.top_b(mean, 200))
    assert differ(El2nOnce, POOL, repeats=2)
