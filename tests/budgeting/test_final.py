"""The winner's training takes teachers where they help, and all of the data anyway."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.budgeting.final import final_about, final_feed, final_plan
from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.lesson import Lesson
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.worlds import clump_pool, some_cells

POOL = clump_pool(200)


def taught(accuracy):
    """A search one of whose trials answered about everything, right in a share of it."""
    learner = provider("subselnet-online").fit(POOL)
    right = np.random.default_rng(0).random(len(POOL)) < accuracy
    said = np.where(right, POOL.labels, (POOL.labels + 1) % POOL.classes)
    answers = np.log(0.9 * np.eye(POOL.classes)[said] + 0.1 / POOL.classes).astype(np.float32)
    learner.learn(Lesson(some_cells(1)[0], np.arange(len(POOL)), answers, accuracy, 1000, "one"))
    return learner


def test_a_winner_behind_its_teachers_is_taught():
    feed = final_feed(taught(0.95), own=[(1000, 0.5)], examples=4000)
    assert feed.targets == "soft"
    assert feed.told_soft.label_share == 0.3
    assert sorted(feed.at(0, None).indices) == list(range(len(POOL)))


@pytest.mark.parametrize("own", [[(1000, 0.01)], []])
def test_a_winner_ahead_of_them_or_unknown_has_labels(own):
    feed = final_feed(taught(0.6), own=own, examples=4000)
    assert feed.targets == "labels"
    assert sorted(feed.at(0, None).indices) == list(range(len(POOL)))


def test_a_provider_that_does_not_learn_has_labels():
    feed = final_feed(provider("random").fit(POOL), own=[(1000, 0.5)], examples=4000)
    assert feed.targets == "labels"
    assert len(feed.at(0, None)) == len(POOL)


@pytest.mark.parametrize(("score", "mode"), [(0.5, "max"), (50.0, "max")])
def test_a_host_says_what_its_winner_came_to_and_the_plan_is_one_of_all_data(score, mode):
    about = final_about("taught", [(0.25, score)], mode)
    assert about == {"targets": "taught", "own": [[0.25, 0.5]]}
    plan = final_plan(SubsetPlan(taught(0.95), 0.1, epochs=20), about)
    assert (plan.targets, plan.soft.label_share, plan.epochs) == ("soft", 0.3, 20)
    assert sorted(plan.feed().at(0, None).indices) == list(range(len(POOL)))


@pytest.mark.parametrize(
    ("score", "mode"), [(0.7, "min"), (float("nan"), "max"), (None, "max"), (-3.0, "max")]
)
def test_of_a_loss_nothing_is_known_and_the_winner_has_labels(score, mode):
    about = final_about("taught", [(0.25, score)], mode)
    assert about["own"] == []
    assert final_plan(SubsetPlan(taught(0.95), 0.1, epochs=20), about).targets == "labels"


def test_a_final_training_is_refused_by_what_it_lacks():
    with pytest.raises(UnknownName, match="labels"):
        final_about("soft")
    plan = SubsetPlan(provider("random").fit(POOL), 0.1, epochs=20)
    with pytest.raises(BadInput, match="does not learn"):
        final_plan(plan, final_about("taught"))
    with pytest.raises(BadInput, match="epochs="):
        final_plan(SubsetPlan(provider("random").fit(POOL), 0.1), final_about("labels"))
