"""Truths of GraNd: on the trial's own network, and once on a master."""

from __future__ import annotations

import numpy as np
from mislabelled import WRONG, differ, knowing_probe, mislabelled, same

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.maths import draws
from subsel_automl.selectors.grand import Grand, GrandOnce
from subsel_automl.training.master import train_master
from subsel_automl.worlds import linear_probe

POOL = mislabelled()


def test_after_five_whole_epochs_the_mislabelled_are_kept():
    feed = SubsetFeed(Grand().fit(POOL), len(WRONG))
    warm = [feed.at(epoch, None, knowing_probe(POOL)) for epoch in range(5)]
    assert [len(subset) for subset in warm] == [200] * 5
    assert set(feed.at(5, None, knowing_probe(POOL)).indices.tolist()) == set(WRONG.tolist())


def test_the_score_is_the_norm_of_the_last_layers_gradient():
    probe = linear_probe(POOL)
    feed = SubsetFeed(Grand(warm_epochs=1).fit(POOL), 30)
    feed.at(0, None, probe)
    norms = np.linalg.norm(probe.last_layer_gradients(np.arange(200)), axis=1)
    assert set(feed.at(1, None, probe).indices) == set(draws.top_b(norms, 30))


def test_refresh_every_is_how_often_it_looks():
    feed = SubsetFeed(Grand(warm_epochs=1, refresh_every=3).fit(POOL), 20)
    seen = [feed.at(epoch, None, linear_probe(POOL, seed=epoch)) for epoch in range(6)]
    looked = [not same(seen[e], seen[e - 1]) for e in range(1, 6)]
    assert looked == [True, False, False, True, False]


def test_per_class_takes_even_shares_of_the_highest():
    feed = SubsetFeed(Grand(warm_epochs=1, per_class=True).fit(POOL), 20)
    feed.at(0, None, knowing_probe(POOL))
    subset = feed.at(1, None, knowing_probe(POOL))
    assert np.bincount(POOL.labels[subset.indices]).tolist() == [5] * 4


def test_once_keeps_the_mislabelled():
    subset = GrandOnce().fit(POOL).subset_for(None, len(WRONG))
    assert set(subset.indices.tolist()) == set(WRONG.tolist())


def test_repeats_average_over_masters_of_following_seeds():
    norms = [train_master(POOL, seed=seed).gradient_norms() for seed in (7, 8)]
    subset = GrandOnce(repeats=2, master_seed=7).fit(POOL).subset_for(None, 200)
    assert np.array_equal(subset.indices, draws.top_b(np.mean(norms, axis=0), 200))
    assert differ(GrandOnce, POOL, repeats=2)
