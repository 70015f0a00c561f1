"""A zoo that keeps penultimate features: what they are, that damage is seen, that old zoos load."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput, DamagedArtefact, MissingNeed, RefusedArtefact
from subsel_automl.maths.weighted_features import weighted_features
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.batches import steps_an_epoch, uniform_epoch
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.seeded import seeded
from subsel_automl.training.trainer import Trainer
from subsel_automl.worlds import clump_pool, some_cells
from subsel_automl.zoo.build import build_zoo
from subsel_automl.zoo.kept import FILE, examples_to_keep
from subsel_automl.zoo.reference import ReferenceTraining, train_reference
from subsel_automl.zoo.store import DiskZoo, network_name

SPACE = NASBench101()
POOL = clump_pool(150)
CELLS = some_cells(2)
JOBS = [(cell, 0) for cell in CELLS]
PLAIN = ReferenceTraining(
    {"channels": 5, "stacks": 2, "cells": 1}, 1, Recipe({"name": "sgd", "lr": 0.05}, batch=32)
)
KEEPING = replace(PLAIN, keep_features=9)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("zoo")
    build_zoo(folder, SPACE, POOL, JOBS, KEEPING)
    return folder


@pytest.fixture
def copy(built, tmp_path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "copy"))


def test_weighted_features_and_bias_are_the_logits_of_the_network(built):
    """The network trained once more, asked for its logits without hooks."""
    zoo, cell = DiskZoo(built, POOL), CELLS[0]
    kept, layer = zoo.kept_examples(), zoo.last_layer(cell.key)
    with seeded(0):
        model = SPACE.module(cell, classes=4, in_channels=1, **PLAIN.sizes)
    steps = steps_an_epoch(len(POOL), 32)
    trainer = Trainer(model, POOL, PLAIN.recipe, steps=steps, seed=0)
    trainer.epoch(uniform_epoch(trainer.rng, len(POOL), 32))
    model.eval()
    with torch.no_grad():
        logits = model(trainer.inputs(POOL.validation, kept.rows)).numpy()
    np.testing.assert_allclose(layer.logits(), logits, atol=1e-4)
    width = layer.weight.shape[1]
    total = weighted_features(layer.features, layer.weight, kept.labels, width).sum(1)
    own = layer.logits()[np.arange(len(kept)), kept.labels]
    np.testing.assert_allclose(total + layer.bias[kept.labels], own, atol=1e-4)


def test_they_are_of_drawn_validation_images_the_same_for_every_network(built):
    zoo = DiskZoo(built, POOL)
    kept, held = zoo.kept_examples(), POOL.validation
    assert len(kept) == len(set(kept.rows.tolist())) == 9
    assert np.array_equal(kept.labels, np.asarray(held.labels)[kept.rows])
    assert np.array_equal(kept.images, held.images.batch(kept.rows))
    assert all(zoo.last_layer(cell.key).features.shape == (9, 10) for cell in CELLS)


def test_building_again_finds_everything_with_its_features(built):
    said = []
    build_zoo(built, SPACE, POOL, JOBS, KEEPING, progress=lambda *what: said.append(what[0]))
    assert said == ["found", "found"]
    assert DiskZoo(built, POOL).verify() == []


def test_a_flipped_bit_in_the_features_is_found(copy):
    name = network_name(*JOBS[1])
    file = copy / "networks" / f"{name}.safetensors"
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    zoo = DiskZoo(copy, POOL)
    assert zoo.verify() == [name]
    with pytest.raises(DamagedArtefact, match="build again"):
        zoo.last_layer(CELLS[1].key)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-3], lambda raw: raw[:-1] + b"x"])
def test_changed_kept_examples_are_found(copy, damage):
    (copy / FILE).write_bytes(damage((copy / FILE).read_bytes()))
    zoo = DiskZoo(copy, POOL)
    assert zoo.verify() == [FILE]
    with pytest.raises(DamagedArtefact, match="build again"):
        zoo.kept_examples()


def test_kept_examples_that_were_deleted_come_back_with_the_next_build(copy):
    before = (copy / FILE).read_bytes()
    (copy / FILE).unlink()
    build_zoo(copy, SPACE, POOL, JOBS, KEEPING)
    assert (copy / FILE).read_bytes() == before
    assert DiskZoo(copy, POOL).verify() == []


def test_a_zoo_without_features_is_what_it_was_and_says_so(tmp_path):
    zoo = build_zoo(tmp_path, SPACE, POOL, JOBS[:1], PLAIN)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert "keep_features" not in manifest["settings"]
    assert "kept" not in manifest
    assert not list(tmp_path.rglob("*.safetensors"))
    assert zoo.verify() == []
    with pytest.raises(MissingNeed, match="--keep-features"):
        zoo.kept_examples()
    with pytest.raises(MissingNeed, match="--keep-features"):
        zoo.last_layer(CELLS[0].key)


def test_a_zoo_begun_without_features_does_not_begin_to_keep_them(tmp_path):
    build_zoo(tmp_path, SPACE, POOL, [], PLAIN)
    with pytest.raises(RefusedArtefact, match="begun with settings"):
        build_zoo(tmp_path, SPACE, POOL, [], KEEPING)


@pytest.mark.parametrize("count", [0, 10_000])
def test_more_images_than_there_are_are_refused(count):
    with pytest.raises(BadInput, match="validation images; give 1"):
        examples_to_keep(POOL, count)


def test_a_pool_without_validation_images_is_refused():
    with pytest.raises(BadInput, match="features are kept of validation images"):
        examples_to_keep(replace(POOL, validation=None), 5)


class Convolved(NASBench101):
    """Its networks end in a convolution: there is no dense layer."""

    def module(self, architecture, **sizes):
        return torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
        )


def test_a_network_without_a_dense_end_is_refused_before_it_is_trained(monkeypatch):
    monkeypatch.setattr(Trainer, "step", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(BadInput, match=r"not the output of an nn\.Linear"):
        train_reference(Convolved(), CELLS[0], POOL, KEEPING, seed=0)
