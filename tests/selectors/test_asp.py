"""Truths of ASP: the memory, the metrics, the draw, the ratio, the mixture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.probe import Recorded
from subsel_automl.worlds import clump_pool, linear_probe

N, B = 120, 20
POOL = clump_pool(N)
PROBE = linear_probe(POOL)
SINGLE = ("loss", "entropy", "gradient", "prediction")


def record(rows, value=1.0, correct=False):
    value = np.broadcast_to(np.asarray(value, np.float32), len(rows))
    right = np.broadcast_to(np.asarray(correct), len(rows))
    return Recorded({}, np.asarray(rows), value, value, value, right)


def told(recorded):
    return replace(PROBE, seen=recorded)


def begun(name, b=B, **options):
    asp = provider(name, **options).fit(POOL)
    return asp, asp.subset_for(None, b)


def refreshed(name, recorded, *, epoch=1, b=B, **options):
    asp, first = begun(name, b, **options)
    return asp.refresh(first, None, epoch, told(recorded))


HARD = np.arange(40, 60)


def one_group(correct=True):
    """The whole pool was seen; rows 40..59 have 9, the others 0 (wrong where it is 9)."""
    value = np.zeros(N)
    value[HARD] = 9
    return record(np.arange(N), value, np.where(value > 0, False, correct))


@pytest.mark.parametrize("metric", SINGLE)
def test_the_top_of_the_metric_is_taken(metric):
    subset = refreshed(f"asp-{metric}", one_group(), pick="top")
    assert set(subset.indices) == set(HARD)
    assert subset.provenance.notes == {"metric": metric, "asked": 0}


@pytest.mark.parametrize("metric", ["loss", "entropy", "gradient"])
def test_a_draw_by_softmax_favours_the_high_and_a_high_temperature_does_not(metric):
    def hits(temperature):
        chosen = refreshed(f"asp-{metric}", one_group(), temperature=temperature).indices
        return np.isin(chosen, HARD).sum()

    assert hits(None) >= 19
    assert hits(1e6) < 10


def test_the_memory_keeps_what_was_not_trained_on_and_updates_what_was():
    asp, first = begun("asp-loss", pick="top")
    second = asp.refresh(first, None, 1, told(one_group()))
    third = asp.refresh(second, None, 2, told(record(HARD[:10], 0.0)))
    values = third.memory["values"][0]
    assert (values[HARD[10:]] == 9).all()
    assert (values[HARD[:10]] == 0).all()
    assert set(HARD[10:]) <= set(third.indices)


def test_the_prediction_score_counts_wrong_against_right():
    asp, subset = begun("asp-prediction")
    for epoch, correct in enumerate([True, False, False], 1):
        subset = asp.refresh(subset, None, epoch, told(record(HARD, correct=correct)))
    assert (subset.memory["values"][3][HARD] == 1).all()
    assert subset.memory["values"][3][:40].tolist() == [0] * 40


def test_an_example_that_came_twice_counts_once_as_it_was_last():
    twice = record([5, 6, 5], [1.0, 2.0, 3.0], [True, True, False])
    subset = refreshed("asp-loss", twice)
    assert subset.memory["values"][:, 5].tolist() == [3, 3, 3, 1]
    assert subset.memory["values"][3, 6] == -1


def test_what_was_never_trained_on_stands_at_the_mean():
    """Of two seen examples one is above it and comes first, one below and comes last."""
    subset = refreshed("asp-loss", record([7, 8], [5.0, 1.0]), pick="top", b=N)
    assert subset.indices[0] == 7
    assert subset.indices[-1] == 8


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_epoch_leaves_the_memory_as_it_was(bad):
    subset = refreshed("asp", record(np.arange(N), bad))
    assert not subset.memory["seen"].any()
    assert np.isfinite(subset.memory["values"]).all()


def test_a_host_that_records_losses_alone_is_asked_about_its_subset():
    asp, first = begun("asp-entropy")
    losses = Recorded({}, first.indices, np.ones(B, np.float32))
    subset = asp.refresh(first, None, 2, told(losses))
    assert subset.provenance.notes["asked"] == B
    assert set(np.flatnonzero(subset.memory["seen"])) == set(first.indices)


def test_after_the_warm_up_such_a_host_is_asked_about_the_whole_pool():
    assert refreshed("asp-loss", Recorded()).provenance.notes["asked"] == N
    assert refreshed("asp-loss", Recorded(), warm_epochs=0).provenance.notes["asked"] == B


def sizes(r, epochs=10, **options):
    asp = provider("asp-random", trial_epochs=epochs, warm_epochs=0, **options).fit(POOL)
    feed = SubsetFeed(asp, r)
    return [len(feed.at(epoch, None, PROBE)) for epoch in range(epochs)]


def test_a_constant_ratio_keeps_the_budget_and_a_dynamic_one_falls_around_it():
    assert sizes(0.25) == [30] * 10
    assert sizes(0.25, ratio="dynamic") == [30, *np.round(np.linspace(60, 0.6, 10))[1:]]
    assert sizes(0.75, ratio="dynamic") == [90, *np.round(np.linspace(120, 60, 10))[1:]]


def test_the_first_epoch_trains_on_everything():
    feed = SubsetFeed(provider("asp").fit(POOL), 0.25)
    assert [len(feed.at(epoch, None, PROBE)) for epoch in range(3)] == [N, 30, 30]


def metrics(**options):
    asp, first = begun("asp", trial_epochs=100, **options)
    probe = told(one_group())
    notes = [asp.refresh(first, None, e, probe, seed=3).provenance.notes for e in range(1, 100)]
    return [note["metric"] for note in notes]


def test_the_mixture_begins_at_random_and_ends_with_loss_and_entropy():
    chosen = metrics()
    assert chosen[:25].count("random") > 15
    assert {"prediction", "gradient"} <= set(chosen[25:75])
    assert sum(m in ("loss", "entropy") for m in chosen[75:]) > 15


def test_the_spread_decides_how_sharply_the_metrics_follow_each_other():
    assert metrics(spread=0.01)[:30] == ["random"] * 30
    assert set(metrics(spread=10.0)[:30]) == {"random", *SINGLE}


def test_a_feed_s_state_carries_the_memory():
    feed = SubsetFeed(provider("asp-loss", pick="top", warm_epochs=0).fit(POOL), B)
    feed.at(0, None)
    feed.at(1, None, told(one_group()))
    other = SubsetFeed(provider("asp-loss", pick="top", warm_epochs=0).fit(POOL), B)
    other.load_state_dict(feed.state_dict())
    late = told(record(HARD[:3], 0.0))
    assert np.array_equal(other.at(2, None, late).indices, feed.at(2, None, late).indices)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"ratio": "falling"}, UnknownName, "ratio"),
        ({"pick": "best"}, UnknownName, "pick"),
        ({"temperature": 0.0}, BadInput, "temperature"),
        ({"pick": "top", "temperature": 2.0}, BadInput, "pick='top' has none"),
        ({"spread": 0.0}, BadInput, "spread"),
        ({"trial_epochs": 0}, BadInput, "trial_epochs"),
    ],
)
def test_unusable_options_are_refused(options, error, says):
    with pytest.raises(error, match=says):
        provider("asp", **options)
