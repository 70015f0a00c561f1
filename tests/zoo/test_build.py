"""A zoo survives interruption, is built once by many, and notices damage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, DamagedArtefact, RefusedArtefact, SubselError
from subsel_automl.data.splits import architecture_role
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.recipes import Recipe
from subsel_automl.worlds import clump_pool, some_cells
from subsel_automl.zoo.build import build_zoo, diverse_architectures
from subsel_automl.zoo.reference import ReferenceTraining
from subsel_automl.zoo.store import DiskZoo, claim, network_name

SPACE = NASBench101()
POOL = clump_pool(150)
CELLS = some_cells(3)
JOBS = [(cell, 0) for cell in CELLS]
TRAINING = ReferenceTraining(
    {"channels": 4, "stacks": 1, "cells": 1}, 2, Recipe({"name": "sgd", "lr": 0.05}, batch=32)
)
BUILDER = """
import sys, json
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.recipes import Recipe
from subsel_automl.zoo.build import build_zoo
from subsel_automl.zoo.reference import ReferenceTraining
from subsel_automl.worlds import clump_pool, some_cells
training = ReferenceTraining(
    {"channels": 4, "stacks": 1, "cells": 1}, 15, Recipe({"name": "sgd", "lr": 0.05}, batch=32)
)
jobs = [(cell, 0) for cell in some_cells(5)]
say = lambda did, done, of: print(did, flush=True)
build_zoo(sys.argv[1], NASBench101(), clump_pool(150), jobs, training, progress=say)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("zoo")
    build_zoo(folder, SPACE, POOL, JOBS, TRAINING)
    return folder


@pytest.fixture
def copy(built, tmp_path) -> Path:
    """A zoo of one's own to damage."""
    import shutil

    return Path(shutil.copytree(built, tmp_path / "copy"))


def test_a_zoo_holds_normalised_predictions_curve_seconds_and_accuracy(built):
    zoo = DiskZoo(built, POOL)
    assert {a.key for a in zoo.architectures} == {a.key for a in CELLS}
    key = CELLS[0].key
    predictions = zoo.predictions(key)
    assert predictions.shape == (150, 4)
    assert predictions.dtype == np.float16
    assert np.allclose(np.exp(predictions.astype(float)).sum(1), 1, atol=5e-3)
    assert len(zoo.curve(key).seconds) == len(zoo.curve(key).values["train_loss"]) == 2
    assert zoo.seconds(key) > 0
    assert 0 <= zoo.accuracy(key) <= 1
    assert zoo.verify() == []


def test_building_again_finds_everything(built):
    said = []
    build_zoo(built, SPACE, POOL, JOBS, TRAINING, progress=lambda *what: said.append(what))
    assert said == [("found", 3, 3)] * 3


def test_the_same_seed_trains_the_same_network(built, tmp_path):
    again = build_zoo(tmp_path, SPACE, POOL, JOBS[:1], TRAINING)
    key = CELLS[0].key
    assert np.array_equal(again.predictions(key), DiskZoo(built).predictions(key))


def test_a_network_that_another_builder_holds_is_left_to_it(tmp_path):
    build_zoo(tmp_path, SPACE, POOL, [], TRAINING)
    lock = claim(tmp_path, network_name(*JOBS[0]))
    said = []
    build_zoo(tmp_path, SPACE, POOL, JOBS[:1], TRAINING, progress=lambda *w: said.append(w[0]))
    os.close(lock)
    build_zoo(tmp_path, SPACE, POOL, JOBS[:1], TRAINING, progress=lambda *w: said.append(w[0]))
    assert said == ["busy", "trained"]


def builder(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(folder)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_builder_loses_nothing_finished_and_the_next_goes_on(tmp_path):
    first = builder(tmp_path)
    assert first.stdout.readline() == "trained\n"
    first.send_signal(signal.SIGKILL)
    rest = first.communicate()[0].split()
    kept = {path: path.read_bytes() for path in (tmp_path / "networks").glob("*.json")}
    assert 1 + len(rest) <= len(kept) < 5  # it may have saved one more than it could say
    said = builder(tmp_path).communicate()[0].split()
    assert said.count("found") == len(kept)
    assert said.count("trained") == 5 - len(kept)
    assert all(path.read_bytes() == content for path, content in kept.items())
    assert DiskZoo(tmp_path, POOL).verify() == []


def test_two_builders_never_train_the_same_network_twice(tmp_path):
    both = [builder(tmp_path) for _ in range(2)]
    said = [did for one in both for did in one.communicate()[0].split()]
    assert said.count("trained") == 5
    assert len(DiskZoo(tmp_path, POOL)) == 5


@pytest.mark.parametrize("place", [5, 200, -1])
def test_a_flipped_bit_in_the_predictions_is_found(copy, place):
    file = copy / "networks" / f"{network_name(*JOBS[1])}.npy"
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)
    zoo = DiskZoo(copy, POOL)
    assert zoo.verify() == [network_name(*JOBS[1])]
    with pytest.raises(DamagedArtefact, match="delete both files and build again") as caught:
        zoo.predictions(CELLS[1].key)
    assert caught.value.exit_code == 4


def test_truncated_predictions_are_found(copy):
    file = copy / "networks" / f"{network_name(*JOBS[1])}.npy"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(DamagedArtefact, match="sha256"):
        DiskZoo(copy, POOL).predictions(CELLS[1].key)


def test_missing_predictions_are_found(copy):
    (copy / "networks" / f"{network_name(*JOBS[1])}.npy").unlink()
    assert DiskZoo(copy, POOL).verify() == [network_name(*JOBS[1])]


def test_a_changed_record_is_found(copy):
    file = copy / "networks" / f"{network_name(*JOBS[1])}.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "validation_accuracy": 1.0}))
    with pytest.raises(DamagedArtefact, match="does not match its own sha256"):
        DiskZoo(copy, POOL)


@pytest.mark.parametrize("name", ["manifest", f"networks/{network_name(*JOBS[0])}"])
def test_a_truncated_json_is_found(copy, name):
    file = copy / f"{name}.json"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(DamagedArtefact, match="cannot be read as JSON"):
        DiskZoo(copy, POOL)


def test_a_zoo_of_another_pool_is_refused_naming_both_fingerprints(built):
    other = clump_pool(150, seed=4)
    with pytest.raises(RefusedArtefact) as caught:
        DiskZoo(built, other)
    assert POOL.fingerprint[:16] in str(caught.value)
    assert other.fingerprint[:16] in str(caught.value)


def test_a_zoo_of_other_settings_is_not_mixed(built):
    other = ReferenceTraining(TRAINING.sizes, 3, TRAINING.recipe)
    with pytest.raises(RefusedArtefact, match="begun with settings"):
        build_zoo(built, SPACE, POOL, JOBS, other)


def test_a_folder_that_is_no_zoo_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"no manifest\.json; build one first"):
        DiskZoo(tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_a_network_that_diverges_is_an_error_and_not_in_the_zoo(tmp_path):
    wild = ReferenceTraining(TRAINING.sizes, 2, Recipe({"name": "sgd", "lr": 1e30}, batch=32))
    with pytest.raises(SubselError, match="diverged"):
        build_zoo(tmp_path, SPACE, POOL, JOBS[:1], wild)
    assert len(DiskZoo(tmp_path, POOL)) == 0


def test_building_leaves_the_global_random_state_alone(tmp_path):
    import torch

    before = torch.get_rng_state()
    build_zoo(tmp_path, SPACE, POOL, JOBS[:1], TRAINING)
    assert torch.equal(torch.get_rng_state(), before)


def test_reference_cells_spread_over_sizes_and_come_from_their_fold():
    cells = diverse_architectures(SPACE, 8, candidates=120)
    sizes = sorted(SPACE.parameters(cell) for cell in cells)
    assert len({cell.key for cell in cells}) == 8
    assert {architecture_role(cell) for cell in cells} == {"training"}
    assert sizes[-1] > 4 * sizes[0]
    halves = [SPACE.parameters(cell) for cell in cells[:2]]  # any prefix spreads too
    assert max(halves) > 1.5 * min(halves)


def test_no_reference_cells_are_refused():
    with pytest.raises(BadInput, match="at least 1"):
        diverse_architectures(SPACE, 0)
