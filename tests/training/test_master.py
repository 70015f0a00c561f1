"""Truths of the master network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput, SubselError, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.core.probe import Probe
from subsel_automl.maths import scores
from subsel_automl.training.master import (
    BLOCK,
    gradient_norms,
    master_recipe,
    train_master,
)
from subsel_automl.training.recipes import Recipe
from subsel_automl.worlds import clump_pool, linear_probe

POOL = clump_pool(150)
BARE = replace(POOL, images=None, fingerprint="")


@pytest.fixture(scope="module")
def watched():
    return train_master(BARE, epochs=6, watch=True)


def test_a_master_learns_its_pool(watched):
    assert (watched.log_probabilities.argmax(1) == BARE.labels).mean() > 0.95


def test_its_answers_are_log_probabilities_of_every_example(watched):
    assert watched.log_probabilities.shape == (150, 4)
    assert np.allclose(np.exp(watched.log_probabilities).sum(1), 1, atol=1e-5)


def test_a_watched_master_knows_every_example_after_every_epoch(watched):
    assert watched.margins.shape == watched.correct.shape == (6, 150)
    right = watched.log_probabilities.argmax(1) == BARE.labels
    assert np.array_equal(watched.correct[-1], right)


def test_watching_changes_nothing_else(watched):
    unwatched = train_master(BARE, epochs=6)
    assert unwatched.margins is None
    assert unwatched.correct is None
    assert np.array_equal(unwatched.log_probabilities, watched.log_probabilities)


def test_gradient_norms_are_those_of_the_whole_gradients(watched):
    assert isinstance(watched.probe, Probe)
    gradients = watched.probe.last_layer_gradients(np.arange(150))
    assert np.allclose(watched.gradient_norms(), np.linalg.norm(gradients, axis=1), rtol=1e-4)


def test_gradient_norms_of_many_examples_come_in_blocks():
    n = BLOCK + 3
    pool = clump_pool(n)
    rows, probe = np.arange(n), linear_probe(pool)
    assert np.allclose(gradient_norms(probe, n), scores.grand(*probe.last_layer_factors(rows)))


@pytest.mark.parametrize("pool", [POOL, BARE, clump_pool(12)], ids=["images", "bare", "tiny"])
def test_the_same_seed_gives_the_same_master_and_another_seed_another(pool):
    one, two = (train_master(pool, epochs=1).log_probabilities for _ in range(2))
    other = train_master(pool, epochs=1, seed=1).log_probabilities
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_callers_random_state_is_left_alone():
    before = torch.get_rng_state()
    train_master(BARE, epochs=1)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("pool", "name"), [(POOL, "resnet-8"), (BARE, "mlp")])
def test_the_default_network_reads_what_there_is(pool, name):
    assert train_master(pool, epochs=1).network == name


@pytest.mark.parametrize("name", ["mlp", "lenet", "resnet-20"])
def test_a_network_can_be_named(name):
    assert train_master(clump_pool(24), epochs=1, network=name).network == name


def test_epochs_and_recipe_change_what_is_learned():
    plain = train_master(BARE, epochs=1).log_probabilities
    longer = train_master(BARE, epochs=2).log_probabilities
    adam = Recipe({"name": "adam", "lr": 1e-3}, {"name": "constant"})
    other = train_master(BARE, epochs=1, recipe=adam).log_probabilities
    assert not np.array_equal(plain, longer)
    assert not np.array_equal(plain, other)


def test_the_default_recipe_has_the_papers_rate_and_enough_steps():
    assert master_recipe(42_000).optimizer["lr"] == 0.025
    assert [master_recipe(n).batch for n in (12, 400, 42_000)] == [8, 20, 128]


def test_a_batch_never_exceeds_the_pool():
    master = train_master(clump_pool(12), epochs=1, recipe=Recipe(batch=500))
    assert master.probe.recipe.batch == 12


@pytest.mark.parametrize("epochs", [0, -1, 1.5, True])
def test_epochs_that_are_no_whole_number_are_refused(epochs):
    with pytest.raises(BadInput, match="epochs is"):
        train_master(BARE, epochs=epochs)


def test_a_network_of_images_needs_images():
    with pytest.raises(BadInput, match="'lenet' reads images; pool 'clumps' has none"):
        train_master(BARE, network="lenet")


def test_an_unknown_network_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'lenet'"):
        train_master(BARE, network="lenett")


def test_a_pool_without_labels_is_refused():
    with pytest.raises(BadInput, match="'blank' has no labels"):
        train_master(Pool("blank", POOL.features))


def test_a_training_that_diverges_is_said_and_not_scored():
    wild = Recipe({"name": "sgd", "lr": 1e30, "momentum": 0.9}, {"name": "constant"}, batch=8)
    with pytest.raises(SubselError, match="diverged on pool 'clumps'"):
        train_master(BARE, epochs=2, recipe=wild)
