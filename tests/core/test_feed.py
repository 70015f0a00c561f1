"""Truths of the feed, the one object that a host loop holds."""

from __future__ import annotations

import json
import pickle
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.arrays import unpacked
from subsel_automl.core.errors import (
    BadInput,
    BudgetError,
    DamagedArtefact,
    MissingNeed,
    UnknownName,
)
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.feed_file import read_feed, save_feed
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.core.subset import Provenance, Subset
from subsel_automl.maths import draws
from subsel_automl.selectors.el2n import El2n, El2nOnce
from subsel_automl.selectors.random import Random, RandomPerClass
from subsel_automl.worlds import clump_pool, linear_probe, some_cells

POOL = clump_pool(30, classes=3)
ONE, TWO = some_cells(2)


class Adaptive(Random):
    """Counts its refreshes in its memory."""

    name = "adaptive"
    refresh_every = 2

    def _refresh(self, request, probe):
        times = request.previous.memory.get("times", np.array(0)) + 1
        rows = draws.top_b(probe.losses(np.arange(30)), request.count)
        return Subset(rows, memory={"times": times})


class Knowing(SubsetProvider):
    """Predicts a distribution, and recorded how to use it."""

    name = "knowing"
    source = "test"

    def _select(self, request):
        notes = {"target_temperature": 4.0, "label_share": 0.3}
        return Subset(
            np.arange(request.count),
            targets=np.full((request.count, 3), 1 / 3),
            provenance=Provenance(notes=notes),
        )


def rows(subset: Subset) -> tuple[int, ...]:
    return tuple(subset.indices.tolist())


def test_the_same_object_comes_back_while_nothing_changed():
    feed = SubsetFeed(Random().fit(POOL), 5)
    assert len({id(feed.at(epoch, ONE)) for epoch in range(10)}) == 1


@given(every=st.integers(1, 5), epochs=st.integers(1, 12))
def test_a_fresh_subset_is_drawn_every_so_many_epochs(every, epochs):
    feed = SubsetFeed(Random().fit(POOL), 5, redraw_every=every)
    seen = [rows(feed.at(epoch, ONE)) for epoch in range(epochs)]
    assert len(set(seen)) == -(-epochs // every)
    assert all(a == b for i, (a, b) in enumerate(pairwise(seen), 1) if i % every)


def test_another_architecture_gets_another_subset_object():
    feed = SubsetFeed(Random().fit(POOL), 5)
    assert feed.at(0, ONE) is not feed.at(0, TWO)


def test_an_adaptive_provider_refreshes_on_its_own_epochs():
    feed, probe = SubsetFeed(Adaptive().fit(POOL), 5), linear_probe(POOL)
    times = [feed.at(e, ONE, probe).memory.get("times", np.array(0)) for e in range(7)]
    assert [int(t) for t in times] == [0, 0, 1, 1, 2, 2, 3]


def test_asking_twice_in_an_epoch_refreshes_once():
    feed, probe = SubsetFeed(Adaptive().fit(POOL), 5), linear_probe(POOL)
    feed.at(0, ONE, probe)
    assert feed.at(2, ONE, probe) is feed.at(2, ONE, probe)


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
        ("redraw_every", SubsetFeed(Random().fit(POOL), 5, redraw_every=1)),
    ],
)
def test_the_state_of_another_feed_is_refused_naming_the_difference(name, other):
    with pytest.raises(BadInput, match=f"the saved feed has {name}"):
        SubsetFeed(Random().fit(POOL), 5).load_state_dict(other.state_dict())


@pytest.mark.parametrize("every", [-1, 1.0, True, "1"])
def test_what_is_no_number_of_epochs_is_refused(every):
    with pytest.raises(BadInput, match="redraw_every"):
        SubsetFeed(Random().fit(POOL), 5, redraw_every=every)


def test_a_budget_above_the_pool_is_refused_at_once():
    with pytest.raises(BudgetError, match="more than the 30 examples"):
        SubsetFeed(Random().fit(POOL), 31)


def test_an_unknown_kind_of_target_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'soft'"):
        SubsetFeed(Random().fit(POOL), 5, targets="softs")


def test_soft_targets_need_a_provider_that_predicts_them():
    with pytest.raises(MissingNeed, match="'random' predicts none"):
        SubsetFeed(Random().fit(POOL), 5, targets="soft").at(0, ONE)


def test_how_soft_targets_are_used_is_what_the_provider_recorded():
    feed = SubsetFeed(Knowing().fit(POOL), 5, targets="soft")
    feed.at(0, ONE)
    assert feed.soft == SoftTargets(4.0, 0.3)


def test_the_host_may_say_otherwise():
    feed = SubsetFeed(Knowing().fit(POOL), 5, targets="soft", soft=SoftTargets(1.0, 0.0))
    feed.at(0, ONE)
    assert feed.soft == SoftTargets(1.0, 0.0)


@pytest.mark.parametrize(
    "values", [(0.0, 0.0), (-1.0, 0.0), (float("nan"), 0.0), (1.0, -0.1), (1.0, 1.1)]
)
def test_unusable_soft_targets_are_refused(values):
    with pytest.raises(BadInput, match="give a number"):
        SoftTargets(*values)


class Warm(Adaptive):
    """Trains on everything for two epochs, then refreshes every second one."""

    name = "warm"
    warm_epochs = 2


def test_a_warm_up_trains_on_the_whole_pool_and_ends_with_a_refresh():
    feed, probe = SubsetFeed(Warm().fit(POOL), 5), linear_probe(POOL)
    seen = [feed.at(epoch, ONE, probe) for epoch in range(6)]
    assert [len(subset) for subset in seen] == [30, 30, 5, 5, 5, 5]
    assert [int(s.memory["times"]) for s in seen[2:]] == [1, 1, 2, 2]
    assert feed.refresh_seconds > 0


def test_a_feed_goes_on_inside_the_warm_up():
    probe = linear_probe(POOL)
    first, second = (SubsetFeed(Warm().fit(POOL), 5) for _ in range(2))
    first.at(0, ONE, probe)
    second.load_state_dict(first.state_dict())
    assert len(second.at(1, ONE, probe)) == 30
    assert rows(second.at(2, ONE, probe)) == rows(first.at(2, ONE, probe))


def test_redrawing_from_an_adaptive_provider_is_refused():
    with pytest.raises(BadInput, match="'adaptive' refreshes"):
        SubsetFeed(Adaptive().fit(POOL), 5, redraw_every=1)


# accounts and state
class Costly(Adaptive):
    """Selecting sleeps, refreshing computes: wall seconds of one, CPU seconds of the other."""

    name = "costly"

    def _select(self, request):
        time.sleep(0.2)
        return super()._select(request)

    def _refresh(self, request, probe):
        until = time.process_time() + 0.2
        while time.process_time() < until:
            pass
        return super()._refresh(request, probe)


def test_cpu_seconds_are_cpu_seconds():
    feed = SubsetFeed(Costly().fit(POOL), 5)
    for epoch in range(3):
        feed.at(epoch, ONE, linear_probe(POOL))
    assert feed.select_seconds == pytest.approx(0.2, abs=0.05)
    assert feed.select_cpu_seconds < 0.05
    assert feed.refresh_cpu_seconds == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(
    ("visits", "refreshed"),
    [
        ([0, 1, 2, 3, 4], [0, 0, 1, 1, 2]),
        ([0, 3, 4], [0, 1, 2]),  # 2 fell between the visits
        ([0, 5, 6], [0, 1, 2]),  # 2 and 4 did: one refresh makes up for both
        ([3], [1]),
        ([0, 2, 2, 3], [0, 1, 1, 1]),
    ],
    ids=str,
)
def test_a_refresh_between_two_visits_is_made_late_and_once(visits, refreshed):
    feed, times = SubsetFeed(Adaptive().fit(POOL), 5), []
    for epoch in visits:
        subset = feed.at(epoch, ONE, linear_probe(POOL))
        times.append(int(subset.memory.get("times", 0)))
    assert times == refreshed


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


class Told(Random):
    """Notes how long a trial it was told."""

    name = "told"
    refresh_every = 1

    def _select(self, request):
        self.lengths = [request.epochs]
        return super()._select(request)

    def _refresh(self, request, probe):
        self.lengths.append(request.epochs)
        return request.previous


@pytest.mark.parametrize("epochs", [None, 7])
def test_providers_are_told_a_trials_length(epochs):
    feed = SubsetFeed(Told().fit(POOL), 5, epochs=epochs)
    for epoch in range(2):
        feed.at(epoch, ONE, linear_probe(POOL))
    assert feed.provider.lengths == [epochs, epochs]


@pytest.mark.parametrize("epochs", [0, -1, True])
def test_an_unusable_length_is_refused(epochs):
    with pytest.raises(BadInput, match="length of a trial"):
        SubsetFeed(Random().fit(POOL), 5, epochs=epochs)


def test_a_fold_is_fitted_once_and_keeps_its_epoch():
    feed, rows_of_it = SubsetFeed(Random().fit(POOL), 0.5), np.arange(20)
    fold = feed.over(POOL.take(rows_of_it, "fold"))
    fold.next_epoch = 4
    again = feed.over(POOL.take(rows_of_it, "fold"))
    assert again is fold
    assert (again.next_epoch, feed.next_epoch) == (4, 0)
    assert len(again.at(0, None)) == 10


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
    feed = per_class(prior="keep")
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
    first, second = per_class(prior="keep"), per_class(prior="keep")
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
