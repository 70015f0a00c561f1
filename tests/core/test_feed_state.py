"""A feed's state: enough to go on elsewhere, and only with the same plan."""

from __future__ import annotations

import json
import pickle

import pytest
from feeds import ONE, POOL, Adaptive, Knowing, Warm, rows

from subsel_automl.core.errors import (
    BadInput,
    DamagedArtefact,
)
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.selectors.el2n import El2n, El2nOnce
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import linear_probe


@pytest.mark.parametrize("stop", [1, 3, 4])
def test_a_resumed_feed_goes_on_as_if_it_had_not_stopped(stop):
    probe = linear_probe(POOL)
    whole = SubsetFeed(Adaptive().fit(POOL), 5, seed=3)
    expected = [rows(whole.at(e, ONE, probe)) for e in range(8)]
    first = SubsetFeed(Adaptive().fit(POOL), 5, seed=3)
    begun = [rows(first.at(e, ONE, probe)) for e in range(stop)]
    state = pickle.loads(pickle.dumps(first.state_dict()))
    second = SubsetFeed(Adaptive().fit(POOL), 5, seed=3)
    second.load_state_dict(state)
    assert begun + [rows(second.at(e, ONE, probe)) for e in range(stop, 8)] == expected
    assert second.select_seconds == first.select_seconds


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("provider", SubsetFeed(Adaptive().fit(POOL), 5)),
        ("budget", SubsetFeed(Random().fit(POOL), 6)),
        ("seed", SubsetFeed(Random().fit(POOL), 5, seed=1)),
        ("redraw_every", SubsetFeed(Random().fit(POOL), 5, redraw_every=2)),
    ],
)
def test_the_state_of_another_feed_is_refused_naming_the_difference(name, other):
    with pytest.raises(BadInput, match=f"the saved feed has {name}"):
        SubsetFeed(Random().fit(POOL), 5).load_state_dict(other.state_dict())


def test_a_feed_goes_on_inside_the_warm_up():
    probe = linear_probe(POOL)
    first, second = (SubsetFeed(Warm().fit(POOL), 5) for _ in range(2))
    first.at(0, ONE, probe)
    second.load_state_dict(first.state_dict())
    assert len(second.at(1, ONE, probe)) == 30
    assert rows(second.at(2, ONE, probe)) == rows(first.at(2, ONE, probe))


def test_a_restored_feed_makes_no_refresh_twice_and_none_too_few():
    feed = SubsetFeed(Adaptive().fit(POOL), 5)
    for epoch in range(3):
        feed.at(epoch, ONE, linear_probe(POOL))
    again = SubsetFeed(Adaptive().fit(POOL), 5)
    again.load_state_dict(json.loads(json.dumps(feed.state_dict())))
    assert int(again.at(3, ONE, linear_probe(POOL)).memory["times"]) == 1
    assert int(again.at(5, ONE, linear_probe(POOL)).memory["times"]) == 2


@pytest.mark.parametrize(
    ("saved", "now", "named"),
    [
        (El2n(refresh_every=2), El2n(refresh_every=3), "option 'refresh_every'"),
        (El2nOnce(per_class=False), El2nOnce(per_class=True), "option 'per_class'"),
    ],
    ids=["adaptive", "scored"],
)
def test_another_option_of_the_provider_is_refused_by_name(saved, now, named):
    for one in (saved, now):
        one._pool = POOL
    with pytest.raises(BadInput, match=named):
        SubsetFeed(now, 5).load_state_dict(SubsetFeed(saved, 5).state_dict())


def test_a_state_holds_plain_values_alone():
    def plain(value) -> bool:
        if isinstance(value, dict):
            return all(isinstance(k, str) and plain(v) for k, v in value.items())
        if isinstance(value, list):
            return all(plain(v) for v in value)
        return value is None or type(value) in (str, int, float, bool)

    feed = SubsetFeed(Knowing().fit(POOL), 5, targets="soft")
    feed.at(0, ONE)
    assert plain(feed.state_dict())


def test_a_state_whose_array_was_cut_is_refused():
    feed = SubsetFeed(Random().fit(POOL), 5)
    feed.at(0, ONE)
    state = feed.state_dict()
    state["subset"]["indices"]["base64"] = state["subset"]["indices"]["base64"][:8]
    with pytest.raises(DamagedArtefact, match="array"):
        SubsetFeed(Random().fit(POOL), 5).load_state_dict(state)
