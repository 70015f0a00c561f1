"""Every search, on both cell spaces, with any subset."""

from __future__ import annotations

import numpy as np
import pytest
from smoke_search import BY_TRIALS, ENGINES, POOL, SMALL, Asked, feed_of, searched, small

from subsel_automl.catalog import (
    SEARCHES,
    provider,
    provider_class,
    provider_names,
    search_class,
    search_space,
)
from subsel_automl.core.errors import BadInput, MissingNeed, SubselError, UnknownName
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Needs
from subsel_automl.data.images import digits
from subsel_automl.search.controller import Controller
from subsel_automl.search.supernet import plan_of


def test_every_search_of_the_catalog_is_tried_here():
    assert set(SMALL) == set(SEARCHES)


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_a_class_is_called_by_its_catalog_name(name):
    assert search_class(name).name == name


@pytest.mark.parametrize("subset", ["full", "random"])
@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_a_cell_of_nasbench201_is_found(name, subset):
    found = searched(name, "nasbench201", subset)
    search_space("nasbench201").validate(found.architecture)


@pytest.mark.parametrize("subset", ["full", "random"])
@pytest.mark.parametrize("name", ENGINES)
def test_a_pair_of_darts_cells_is_found(name, subset):
    found = searched(
        name,
        "darts",
        subset,
        epochs=1,
        **({"trial_epochs": 1} if name in BY_TRIALS else {}),
    )
    search_space("darts").validate(found.architecture)


@pytest.mark.parametrize("name", ENGINES)
def test_the_same_seed_finds_the_same_cell_at_the_same_losses(name):
    one, other = searched(name), searched(name)
    assert (one.genotype, one.curve) == (other.genotype, other.curve)


@pytest.mark.parametrize("name", ENGINES)
def test_another_seed_trains_otherwise(name):
    assert searched(name).curve != searched(name, seed=1).curve


@pytest.mark.parametrize("name", ENGINES)
def test_the_feed_is_asked_about_the_cells_that_are_spelled(name):
    asked = Asked()
    asked.fit(POOL)
    found = small(name, epochs=3).run("nasbench201", SubsetFeed(asked, 0.4))
    spelled = [one["key"] for one in found.curve]
    assert set(spelled) <= set(asked.keys)
    assert asked.keys[0] == spelled[0]


def test_the_subset_follows_a_search_that_changes_its_mind():
    asked = Asked()
    asked.fit(POOL)
    small("darts", epochs=8, alpha_rate=0.5).run("nasbench201", SubsetFeed(asked, 0.4))
    assert len(set(asked.keys)) > 1


@pytest.mark.parametrize("adaptive", ["glister", "asp", "grad-match"])
@pytest.mark.parametrize("name", ["darts", "gdas", "evolution"])
def test_providers_that_watch_the_network_are_served(name, adaptive):
    assert searched(name, subset=adaptive).costs["weight_steps"] > 0


@pytest.mark.parametrize("name", ["gdas", "evolution"])
def test_a_provider_that_learns_is_taught(name):
    feed = feed_of("subselnet-online")
    taught = []
    feed.provider.learn = taught.append  # type: ignore[method-assign]
    small(name).run("nasbench201", feed)
    assert len(taught) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "subset", [name for name in provider_names() if Needs.ZOO not in provider_class(name).needs]
)
def test_every_subset_that_needs_no_zoo_serves_a_search(subset):
    assert searched("gdas", subset=subset).costs["weight_steps"] == 2


def test_costs_count_steps_and_seconds():
    costs = searched("darts", epochs=3, steps_an_epoch=2).costs
    assert (costs["weight_steps"], costs["architecture_steps"]) == (6, 6)
    assert 0 < costs["select_seconds"] <= costs["seconds"]


def test_an_epoch_is_one_pass_over_the_weight_half():
    found = searched("gdas", epochs=1, steps_an_epoch=0)  # 60 of 150 examples, half, by 8
    assert found.curve[0]["steps"] == 3


def test_real_digits_are_learned_while_darts_searches():
    pool = digits().train
    feed = SubsetFeed(provider("random").fit(pool), 0.4)
    sizes = {"epochs": 3, "channels": 4, "cells": 1, "batch": 32, "rate": 0.1}
    curve = search_class("darts")(**sizes).run("nasbench201", feed).curve
    assert curve[-1]["loss"] < 0.8 * curve[0]["loss"]


def test_progress_is_told_after_every_epoch():
    told = []
    small("gdas").run("nasbench201", feed_of("random"), progress=lambda *at: told.append(at))
    assert told == [(1, 2), (2, 2)]


def test_an_unknown_search_offers_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'gdas'"):
        search_class("gdsa")


def test_an_unknown_space_is_refused():
    with pytest.raises(UnknownName, match="no cell space"):
        small("darts").run("nasbench101", feed_of("random"))


def test_a_pool_without_images_is_refused():
    bare = Pool("bare", POOL.features, POOL.labels)
    with pytest.raises(MissingNeed, match="images"):
        small("darts").run("nasbench201", SubsetFeed(provider("random").fit(bare), 0.4))


def test_trials_without_validation_images_are_refused():
    bare = Pool("bare", POOL.features, POOL.labels, POOL.images)
    with pytest.raises(MissingNeed, match="validation"):
        small("random").run("nasbench201", SubsetFeed(provider("random").fit(bare), 0.4))


def test_too_few_examples_for_two_halves_are_refused():
    with pytest.raises(BadInput, match="halves"):
        small("darts").run("nasbench201", feed_of("random", budget=3))


@pytest.mark.parametrize("name", ENGINES)
def test_none_can_be_left_out_of_what_is_spelled(name):
    longer = {"spos": {"population": 8}, **{one: {"epochs": 6} for one in BY_TRIALS}}
    found = searched(name, spell_none=False, **longer.get(name, {}))
    spelled = [one["genotype"]["cell"] for one in found.curve] + [found.genotype["cell"]]
    assert not any("none" in cell for cell in spelled)
    judged = found.notes.get("candidates", [])
    assert not any("none" in one.get("ops", []) for one in judged)
    assert all(np.min(one.get("cells", 1)) > 0 for one in judged)


def test_bf16_that_would_train_a_supernet_wrongly_is_refused():
    with pytest.raises(BadInput, match="1 wide with stride 2"):
        searched("gdas", stem_stride=4, precision="bf16")
    searched("gdas", stem_stride=4)


@pytest.mark.parametrize("none", [True, False])
def test_the_controller_of_enas_writes_none_only_where_it_may(none):
    controller, rng = Controller(plan_of("nasbench201", none)), np.random.default_rng(0)
    written = np.array([controller.write(rng)[0] for _ in range(20)])
    assert (written.min() == 0) == none


HUGE = {"rate": 1e38, "clip": 1e38, "precision": "fp32", "steps_an_epoch": 3}


@pytest.mark.parametrize("name", sorted({*SEARCHES} - {*BY_TRIALS}))
def test_a_supernet_whose_loss_is_not_finite_ends_the_search(name):
    with pytest.raises(SubselError, match=f"{name}.*diverged in epoch .*fp32"):
        searched(name, **HUGE)


@pytest.mark.parametrize("name", ["evolution", "random"])
def test_a_candidate_whose_loss_is_not_finite_is_a_bad_candidate(name):
    found = searched(name, subset="subselnet-online", **HUGE)
    assert all(one["loss"] is None for one in found.curve)
    assert len(found.notes["candidates"]) == 2


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("darts", {"epochs": 0}),
        ("darts", {"weight_share": 1.0}),
        ("darts", {"alpha_rate": 0.0}),
        ("darts", {"precision": "fp64"}),
        ("gdas", {"heat": float("nan")}),
        ("enas", {"drawn": 0}),
        ("spos", {"population": 1}),
        ("hm-nas", {"order": 3}),
        ("evolution", {"tournament": 9, "population": 3}),
        ("random", {"epochs": 3, "trial_epochs": 2}),
    ],
)
def test_an_option_out_of_range_is_named(name, option):
    with pytest.raises(BadInput, match=next(iter(option))):
        small(name, **option)
