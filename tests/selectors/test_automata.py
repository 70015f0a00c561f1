"""Truths of AUTOMATA: the warm start over the whole pool, then Grad-Match every few epochs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.worlds import clump_pool, linear_probe

POOL = clump_pool(150, classes=3)
PROBE = linear_probe(POOL)


def subsets(epochs, b=30, **options):
    feed = SubsetFeed(provider("automata", **options).fit(POOL), b)
    return [feed.at(epoch, None, PROBE) for epoch in range(epochs)]


def kinds(found):
    return ["warm" if "warm" in s.provenance.notes else "chosen" for s in found]


def test_half_of_the_epochs_are_the_warm_start_and_kappa_decides():
    assert kinds(subsets(10)) == ["warm"] * 5 + ["chosen"] * 5
    assert kinds(subsets(10, kappa=0.2)) == ["warm"] * 2 + ["chosen"] * 8
    assert kinds(subsets(10, trial_epochs=4)) == ["warm"] * 2 + ["chosen"] * 8


def test_the_warm_start_sees_every_example_once_before_any_comes_twice():
    slices = subsets(10, trial_epochs=20)
    first, second = (np.concatenate([s.indices for s in part]) for part in (slices[:5], slices[5:]))
    assert sorted(first) == sorted(second) == list(range(150))
    assert not np.array_equal(first, second)


def test_it_chooses_again_every_five_epochs_and_keeps_the_subset_between():
    found = subsets(16, trial_epochs=2)
    same = [np.array_equal(a.indices, b.indices) for a, b in itertools.pairwise(found[1:])]
    assert [i + 2 for i, equal in enumerate(same) if not equal] == [6, 11]
    assert [int(s.memory["chosen"]) for s in found[1:12:5]] == [1, 6, 11]


def test_reselect_every_is_its_number_of_epochs():
    found = subsets(8, trial_epochs=2, reselect_every=2)
    assert [int(s.memory["chosen"]) for s in found[1:]] == [1, 1, 3, 3, 5, 5, 7]


def test_after_the_warm_start_it_is_grad_match_without_regulariser():
    automata = provider("automata", kappa=0.0).fit(POOL)
    match = provider("grad-match", regulariser=0.0).fit(POOL)
    one, two = (p.refresh(p.subset_for(None, 30), None, 10, PROBE) for p in (automata, match))
    assert np.array_equal(one.indices, two.indices)
    assert np.array_equal(one.weights, two.weights)


def test_without_a_warm_start_the_first_epoch_is_a_slice_as_there_is_no_network_yet():
    assert kinds(subsets(3, kappa=0.0)) == ["warm", "chosen", "chosen"]


def test_a_restored_trial_goes_on_between_two_choices():
    feed, other = (SubsetFeed(provider("automata", trial_epochs=2).fit(POOL), 30) for _ in "ab")
    for epoch in range(4):
        feed.at(epoch, None, PROBE)
    other.load_state_dict(feed.state_dict())
    assert np.array_equal(other.at(4, None, PROBE).indices, feed.at(4, None, PROBE).indices)
    assert int(other.at(6, None, PROBE).memory["chosen"]) == 6


@pytest.mark.parametrize("options", [{"kappa": 1.1}, {"reselect_every": 0}, {"trial_epochs": 0}])
def test_unusable_options_are_refused(options):
    with pytest.raises(BadInput, match=next(iter(options))):
        provider("automata", **options)


@pytest.mark.parametrize(("given", "told", "warm"), [(None, 20, 10), (None, None, 5), (4, 20, 2)])
def test_the_warm_start_takes_its_length_from_the_option_then_from_the_host(given, told, warm):
    feed = SubsetFeed(provider("automata", trial_epochs=given).fit(POOL), 40, epochs=told)
    probe = linear_probe(POOL)
    kinds = [feed.at(epoch, None, probe).weights is None for epoch in range(16)]
    assert kinds == [epoch < warm for epoch in range(16)]
