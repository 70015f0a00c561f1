"""Truths of one trial: the trainer, its probe, its recipes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.core.probe import Probe
from subsel_automl.data.images import digits
from subsel_automl.selectors.random import Random
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.batches import uniform_epoch
from subsel_automl.training.recipes import Recipe, paper_recipe
from subsel_automl.training.seeded import seeded
from subsel_automl.training.stream import feed_batches
from subsel_automl.training.trainer import Batch, Trainer
from subsel_automl.training.trial import run_trial
from subsel_automl.worlds import clump_pool, some_cells

SPLITS = digits()
POOL = SPLITS.train


class Tiny(nn.Module):
    """A perceptron that shows what its last layer reads."""

    def __init__(self, inputs: int = 64, classes: int = 10) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Flatten(), nn.Linear(inputs, 32), nn.ReLU())
        self.dense = nn.Linear(32, classes)

    def features(self, x):
        return self.inner(x)

    def forward(self, x):
        return self.dense(self.inner(x))


def trainer(pool: Pool = POOL, *, seed: int = 0, steps: int = 200, **options) -> Trainer:
    inputs = 64 if pool is POOL else pool.features.shape[1]
    with seeded(seed):
        model = Tiny(inputs, pool.classes)
    recipe = options.pop("recipe", Recipe())
    return Trainer(model, pool, recipe, steps=steps, seed=seed, precision="fp32", **options)


@pytest.fixture(scope="module")
def learned() -> Trainer:
    trial = trainer()
    for _ in range(10):
        trial.epoch(uniform_epoch(trial.rng, len(POOL), 64))
    return trial


def test_a_tiny_network_learns_digits(learned):
    assert learned.evaluate(SPLITS.test)[0] > 0.9


def test_the_curve_has_an_entry_an_epoch_and_falls(learned):
    losses = learned.curve["train_loss"]
    assert len(losses) == 10
    assert losses[-1] < 0.3 * losses[0]


def test_the_trainer_is_a_probe(learned):
    assert isinstance(learned, Probe)


def test_probe_losses_are_the_cross_entropy_of_its_logits(learned):
    rows = np.array([5, 1, 700])
    logits, labels = torch.from_numpy(learned.logits(rows)), torch.from_numpy(POOL.labels[rows])
    assert np.allclose(learned.losses(rows), F.cross_entropy(logits, labels, reduction="none"))


def test_last_layer_gradients_are_autograds(learned):
    rows = np.array([3, 99, 1000, 4])
    shown = learned.last_layer_gradients(rows)
    dense = learned.model.dense
    for row, gradient in zip(rows, shown, strict=True):
        x = learned.inputs(POOL, np.array([row]))
        loss = F.cross_entropy(learned.model(x), torch.tensor([POOL.labels[row]]))
        by_weight, by_bias = torch.autograd.grad(loss, [dense.weight, dense.bias])
        expected = torch.cat([by_weight, by_bias[:, None]], 1).flatten()
        assert np.allclose(gradient, expected, atol=1e-5)


def test_a_network_without_features_or_a_last_linear_layer_is_refused_by_name():
    with seeded(0):
        bare = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.Softmax(1))
    trial = Trainer(bare, POOL, Recipe(), steps=1, seed=0)
    with pytest.raises(BadInput, match="logits of Sequential are not the output"):
        trial.last_layer_gradients(np.array([0]))


def test_what_is_recorded_is_the_last_epoch():
    trial = trainer()
    assert len(trial.recorded().indices) == 0
    trial.epoch([Batch(np.array([1, 2])), Batch(np.array([3, 4]))])
    trial.epoch([Batch(np.array([7, 8]))])
    seen = trial.recorded()
    assert seen.indices.tolist() == [7, 8]
    assert len(seen.losses) == 2
    assert len(seen.curve["train_loss"]) == 2


def test_asking_a_probe_leaves_training_as_it_was():
    one, two = trainer(), trainer()
    one.step(Batch(np.arange(64)))
    two.step(Batch(np.arange(64)))
    one.losses(np.arange(100))
    assert one.step(Batch(np.arange(64, 128))) == two.step(Batch(np.arange(64, 128)))


def first_loss(batch: Batch, soft: SoftTargets | None = None) -> float:
    return trainer(soft=soft).step(batch)


def expected_loss(rows: np.ndarray, targets: np.ndarray, soft: SoftTargets) -> float:
    logits = torch.from_numpy(trainer().logits(rows))
    heated = torch.softmax(torch.from_numpy(targets).clamp_min(1e-8).log() / soft.temperature, 1)
    kl = F.cross_entropy(logits / soft.temperature, heated) * soft.temperature**2
    hard = F.cross_entropy(logits, torch.from_numpy(POOL.labels[rows]))
    return float((1 - soft.label_share) * kl + soft.label_share * hard)


@pytest.mark.parametrize(
    "soft", [SoftTargets(1.0, 0.0), SoftTargets(4.0, 0.0), SoftTargets(2, 0.3)]
)
def test_soft_targets_enter_the_loss_as_the_equation_says(soft):
    rows = np.arange(32)
    targets = np.random.default_rng(0).dirichlet(np.ones(10), 32).astype(np.float32)
    batch = Batch(rows, targets=targets)
    assert first_loss(batch, soft) == pytest.approx(expected_loss(rows, targets, soft), rel=1e-4)


def test_a_network_learns_what_soft_targets_say_and_not_the_labels():
    """Targets name the class after the label's."""
    trial = trainer(soft=SoftTargets(1.0, 0.0))
    targets = np.eye(10, dtype=np.float32)[(POOL.labels + 1) % 10]
    for _ in range(10):
        trial.epoch(
            Batch(b.indices, targets=targets[b.indices])
            for b in uniform_epoch(trial.rng, len(POOL), 64)
        )
    rows = np.arange(200)
    assert (trial.logits(rows).argmax(1) == (POOL.labels[rows] + 1) % 10).mean() > 0.9


def test_weights_multiply_an_examples_loss():
    rows = np.arange(8)
    each = trainer().losses(rows)
    weights = np.array([0, 0, 1, 0, 0, 3, 0, 0], np.float32)
    assert first_loss(Batch(rows, weights)) == pytest.approx((each[2] + 3 * each[5]) / 4, rel=1e-5)


def test_equal_weights_change_nothing():
    rows = np.arange(8)
    assert first_loss(Batch(rows, np.full(8, 0.5))) == pytest.approx(first_loss(Batch(rows)))


def test_the_same_seed_is_the_same_training_and_another_is_not():
    feeds = [SubsetFeed(Random().fit(POOL), 100) for _ in range(3)]
    results = []
    for feed, seed in zip(feeds, (0, 0, 1), strict=True):
        trial = trainer(seed=seed)
        results.append(trial.epoch(feed_batches(feed, None, trial, 8)))
    assert results[0] == results[1] != results[2]


def test_a_pool_without_images_is_trained_on_its_features():
    pool = Pool("bare", clump_pool(150).features, clump_pool(150).labels)
    trial = trainer(pool, steps=150)
    trial.epoch(b for _ in range(60) for b in uniform_epoch(trial.rng, 150, 64))
    assert trial.evaluate(pool)[0] > 0.9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Trainer(Tiny(), POOL, Recipe(), steps=1, seed=0, precision="half"), "precision"),
        (lambda: Trainer(Tiny(), Pool("x", POOL.features), Recipe(), steps=1, seed=0), "no labels"),
        (lambda: Recipe(batch=1), "at least 2 examples"),
        (lambda: Recipe(augment="mirror"), "augmentation"),
        (lambda: trainer(recipe=Recipe({"name": "sgdd", "lr": 1})), "Did you mean 'sgd'"),
        (lambda: trainer(recipe=Recipe({"name": "sgd", "rate": 1})), "refused its options"),
        (lambda: trainer(recipe=Recipe({"name": "sgd", "lr": -1})), "refused its options"),
        (lambda: trainer(recipe=Recipe(scheduler={"name": "cos"})), "scheduler"),
        (lambda: trainer(recipe=Recipe(scheduler={"name": "step"})), "step_size"),
        (lambda: trainer(recipe=Recipe(scheduler={"name": "cosine", "x": 1})), "unusable"),
    ],
)
def test_unusable_settings_are_refused(make, message):
    with pytest.raises(BadInput, match=message):
        make()


def test_an_unknown_scheduler_is_an_unknown_name():
    with pytest.raises(UnknownName):
        trainer(recipe=Recipe(scheduler={"name": "cos"}))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize(
    "scheduler",
    [
        {"name": "one-cycle"},
        {"name": "cosine"},
        {"name": "constant"},
        {"name": "step", "step_size": 30, "gamma": 0.1},
    ],
    ids=lambda spec: spec["name"],
)
def test_every_optimizer_and_schedule_runs_to_the_end(optimizer, scheduler):
    trial = trainer(recipe=Recipe({"name": optimizer, "lr": 0.01}, scheduler), steps=20)
    assert np.isfinite(trial.epoch(Batch(np.arange(k, k + 8)) for k in range(20)))


def test_a_step_schedule_counts_hundredths_of_the_training():
    scheduler = {"name": "step", "step_size": 50, "gamma": 0.1}
    trial = trainer(recipe=Recipe({"name": "sgd", "lr": 1e-3}, scheduler), steps=20)
    trial.epoch(Batch(np.arange(8)) for _ in range(11))
    assert trial.schedule.get_last_lr()[0] == pytest.approx(1e-4)


def test_the_papers_recipe_has_its_numbers():
    recipe = paper_recipe()
    assert (recipe.optimizer["lr"], recipe.optimizer["weight_decay"], recipe.batch) == (
        1e-3,
        1e-5,
        128,
    )


def test_a_trial_trains_and_tests_a_cell_and_measures_itself():
    feed = SubsetFeed(Random().fit(POOL), 300)
    result = run_trial(
        NASBench101(),
        some_cells(1)[0],
        feed,
        Recipe(batch=32),
        steps=12,
        test=SPLITS.test,
        sizes={"channels": 4, "stacks": 1, "cells": 1},
        seed=0,
        test_examples=100,
    )
    assert result.steps == 12
    assert 0 <= result.accuracy <= 1
    assert result.seconds > result.select_seconds > 0


def test_a_probe_about_another_pool_answers_for_its_rows(learned):
    other = POOL.take(np.array([9, 4, 2]), "other")
    here, there = learned.losses(np.array([9, 2])), learned.about(other).losses(np.array([0, 2]))
    assert np.allclose(here, there, atol=1e-5)
    error, inner = learned.about(other).last_layer_factors(np.array([1]))
    assert np.allclose(
        np.outer(error[0], inner[0]).ravel(), learned.last_layer_gradients(np.array([4]))[0]
    )


class Calling(Tiny):
    """Its forward pass goes through its own `features`."""

    def forward(self, x):
        return self.dense(self.features(x))


def test_factors_do_not_depend_on_how_the_network_calls_its_features(learned):
    with seeded(0):
        other = Trainer(Calling(), POOL, Recipe(), steps=1, seed=0, precision="fp32")
    other.model.load_state_dict(learned.model.state_dict())
    rows = np.arange(700)
    for one, two in zip(
        learned.last_layer_factors(rows), other.last_layer_factors(rows), strict=True
    ):
        assert np.allclose(one, two, atol=1e-6)
    assert "features" not in other.model.__dict__
