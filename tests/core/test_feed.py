"""Truths of the feed, the one object that a host loop holds."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from feeds import ONE, POOL, TWO, Adaptive, Knowing, Warm, rows
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.errors import (
    BadInput,
    BudgetError,
    MissingNeed,
    UnknownName,
)
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.selectors.full import Full
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import linear_probe


def test_the_same_object_comes_back_while_nothing_changed():
    feed = SubsetFeed(Random().fit(POOL), 5, redraw_every=0)
    assert len({id(feed.at(epoch, ONE)) for epoch in range(10)}) == 1


def test_every_epoch_draws_afresh_where_nobody_says_otherwise_and_the_provider_draws():
    assert SubsetFeed(Random().fit(POOL), 5).redraw_every == 1
    assert SubsetFeed(Adaptive().fit(POOL), 5).redraw_every == 0
    assert SubsetFeed(Full().fit(POOL), 1.0).redraw_every == 0


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


def test_a_warm_up_trains_on_the_whole_pool_and_ends_with_a_refresh():
    feed, probe = SubsetFeed(Warm().fit(POOL), 5), linear_probe(POOL)
    seen = [feed.at(epoch, ONE, probe) for epoch in range(6)]
    assert [len(subset) for subset in seen] == [30, 30, 5, 5, 5, 5]
    assert [int(s.memory["times"]) for s in seen[2:]] == [1, 1, 2, 2]
    assert feed.refresh_seconds > 0


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
