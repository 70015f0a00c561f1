"""A feed that keeps the classes' shares: weights beside the provider's own."""

from __future__ import annotations

import numpy as np
import pytest
from feeds import Adaptive, rows

from subsel_automl.core.arrays import unpacked
from subsel_automl.core.errors import (
    BadInput,
    MissingNeed,
    UnknownName,
)
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.feed_file import read_feed, save_feed
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.core.pool import Pool
from subsel_automl.core.subset import Subset
from subsel_automl.selectors.random import Random, RandomPerClass

RARE = Pool("rare", np.random.default_rng(0).random((1000, 3)), np.repeat([0, 1], [990, 10]))


def per_class(pool=RARE, **options) -> SubsetFeed:
    return SubsetFeed(RandomPerClass().fit(pool), 100, **options)


def shares(subset: Subset) -> list[float]:
    """What each class weighs."""
    weights = np.bincount(RARE.labels[subset.indices], subset.weights)
    return (weights / weights.sum()).tolist()


@pytest.mark.parametrize("every", [0, 1])
def test_a_kept_prior_weighs_every_class_by_its_share_of_the_pool(every):
    feed = per_class(prior="keep", redraw_every=every)
    for epoch in range(3):
        subset = feed.at(epoch, None)
        assert shares(subset) == pytest.approx([0.99, 0.01])
        assert subset.weights.mean() == pytest.approx(1)
    assert np.bincount(RARE.labels[subset.indices]).tolist() == [90, 10]
    assert subset.provenance.notes["prior"] == "keep"
    assert subset.provenance.notes["prior_changed"] == pytest.approx(0.09)


def test_a_prior_that_may_change_leaves_the_subset_without_weights():
    assert per_class().at(0, None).weights is None


def test_the_same_weighed_object_comes_back_while_nothing_changed():
    feed = per_class(prior="keep", redraw_every=0)
    first = feed.at(0, None)
    assert all(feed.at(epoch, None) is first for epoch in range(5))
    assert feed.subset is first


class Weighing(Adaptive):
    """Doubles its own weights at every refresh, from what it handed out itself."""

    name = "weighing"

    def _select(self, request):
        return Subset(np.arange(900, 1000), np.ones(100))

    def _refresh(self, request, probe):
        return Subset(request.previous.indices, 2 * request.previous.weights)


def test_a_refresh_sees_its_own_weights_and_the_host_the_priors():
    feed = SubsetFeed(Weighing().fit(RARE), 100, prior="keep")
    seen = [feed.at(epoch, None, object()) for epoch in range(3)]
    assert seen[0] is seen[1]
    assert seen[1] is not seen[2]
    assert shares(seen[2]) == pytest.approx([0.99, 0.01])
    assert unpacked(feed.state_dict())["subset"]["weights"].tolist() == [2.0] * 100


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_kept_prior_goes_on_after_a_pause(tmp_path, on_disk):
    first, second = (per_class(prior="keep", redraw_every=0) for _ in range(2))
    before = first.at(0, None)
    save_feed(first, tmp_path)
    second.load_state_dict(read_feed(tmp_path)[0] if on_disk else first.state_dict())
    after = second.at(1, None)
    assert rows(after) == rows(before)
    assert np.array_equal(after.weights, before.weights)


def test_the_state_of_a_feed_with_another_prior_is_refused():
    with pytest.raises(BadInput, match="the saved feed has prior 'keep', this one 'change'"):
        per_class().load_state_dict(per_class(prior="keep").state_dict())


def test_a_state_from_before_priors_is_one_that_may_change_it():
    state = per_class().state_dict()
    del state["prior"]
    per_class().load_state_dict(state)
    with pytest.raises(BadInput, match="the saved feed has prior 'change', this one 'keep'"):
        per_class(prior="keep").load_state_dict(state)


def test_keeping_the_prior_needs_labels():
    unlabelled = Random().fit(Pool("bare", RARE.features))
    with pytest.raises(MissingNeed, match="pool 'bare' has no labels"):
        SubsetFeed(unlabelled, 5, prior="keep")


def test_an_unknown_prior_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'keep'"):
        per_class(prior="kept")


def test_a_plan_hands_the_prior_to_its_feeds():
    plan = SubsetPlan(RandomPerClass().fit(RARE), 100, prior="keep")
    assert shares(plan.feed().at(0, None)) == pytest.approx([0.99, 0.01])
