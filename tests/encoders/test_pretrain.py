"""One door to pre-training: what it keeps, how it goes on, what it refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from subsel_automl.core.errors import BadInput, DamagedArtefact, UnknownName
from subsel_automl.encoders import loop
from subsel_automl.encoders.checkpoint import FILE
from subsel_automl.encoders.kinds import ENCODERS
from subsel_automl.encoders.pretrain import OBJECTIVES, pretrain
from subsel_automl.encoders.store import load_encoder, load_report
from subsel_automl.spaces.enumeration import SPACE
from subsel_automl.worlds import some_cells

SMALL = {
    "gvae": {"samples": 10},
    "arch2vec": {"samples": 10, "hidden": 16},
    "cate": {"width": 16, "heads": 2, "hidden": 16, "delta": 1e7, "dropout": 0.1},
    "io": {"samples": 10, "hidden": 16, "head": 16, "images": 4},
    "accuracy": {"samples": 10, "hidden": 16, "head": 16},
}
FROM_A_ZOO = ("io", "accuracy")
CELLS = some_cells(40)


ZOO = []


@pytest.fixture(autouse=True, scope="module")
def _zoo(tmp_path_factory):
    from kept_zoo import kept_zoo  # a killed child imports this file without its folder

    ZOO.append(kept_zoo(tmp_path_factory.mktemp("zoo")))
    yield
    ZOO.clear()


class Stopped(Exception):
    pass


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 3)
    monkeypatch.setattr(loop, "REPORT_EVERY", 1)


def trained(kind, folder=None, *, epochs=4, stop_at=0, **given):
    def told(step: int, steps: int, loss: float) -> None:
        if step == stop_at:
            raise Stopped

    numbers = {"seed": 2, "epochs": epochs, "batch": 16, "holdout": 0.1}
    if kind in FROM_A_ZOO:
        numbers["zoo"] = ZOO[0]
    return pretrain(
        kind,
        SPACE,
        CELLS,
        options=SMALL[kind],
        folder=folder,
        progress=told,
        **{**numbers, **given},
    )


def same(one, two) -> bool:
    pairs = zip(one.state_dict().items(), two.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


def test_what_is_trained_has_a_name():
    assert set(OBJECTIVES) <= set(ENCODERS)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_a_stopped_training_ends_with_the_weights_of_an_undisturbed_one(kind, tmp_path):
    whole, report = trained(kind)
    for stop in (5, 7):
        with pytest.raises(Stopped):
            trained(kind, tmp_path, stop_at=stop, resume=stop > 5)
    resumed, again = trained(kind, tmp_path, resume=True)
    assert same(whole, resumed)
    timeless = [{k: v for k, v in r.items() if "seconds" not in k} for r in (report, again)]
    assert timeless[0] == timeless[1]


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_equal_seeds_train_equal_weights_and_leave_the_global_state(kind):
    state = torch.random.get_rng_state()
    one, two, other = trained(kind)[0], trained(kind)[0], trained(kind, seed=3)[0]
    assert torch.equal(torch.random.get_rng_state(), state)
    assert same(one, two)
    assert not same(one, other)


def test_a_killed_training_ends_with_the_weights_of_an_undisturbed_one(tmp_path):
    code = f"""
import os, signal
from tests.encoders import test_pretrain as here
here.loop.CHECKPOINT_EVERY, here.loop.REPORT_EVERY = 3, 1
def told(step, steps, loss):
    if step == 5:
        os.kill(os.getpid(), signal.SIGKILL)
here.pretrain("cate", here.SPACE, here.CELLS, seed=2, epochs=4, batch=16, holdout=0.1,
              options=here.SMALL["cate"], folder={str(tmp_path)!r}, progress=told)
"""
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ})
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / FILE).exists()
    resumed, _ = trained("cate", tmp_path, resume=True)
    assert same(resumed, trained("cate")[0])
    assert same(resumed, load_encoder(tmp_path))
    assert not (tmp_path / FILE).exists()


def test_the_encoder_and_its_report_are_kept(tmp_path):
    model, report = trained("arch2vec", tmp_path)
    assert same(model, load_encoder(tmp_path))
    assert load_report(tmp_path) == report
    assert report["trained_on"] + report["held_out"] == 40
    read, again = trained("arch2vec", tmp_path, resume=True)  # it has ended: nothing is trained
    assert same(read, model)
    assert again == report


def test_what_stands_in_the_folder_is_not_overwritten(tmp_path):
    with pytest.raises(Stopped):
        trained("gvae", tmp_path, stop_at=4)
    with pytest.raises(BadInput, match=r"has not ended; resume it"):
        trained("gvae", tmp_path)
    trained("gvae", tmp_path, resume=True)
    with pytest.raises(BadInput, match="holds an encoder"):
        trained("gvae", tmp_path)


@pytest.mark.parametrize("ended", [False, True])
def test_another_training_is_not_resumed(ended, tmp_path):
    if ended:
        trained("gvae", tmp_path)
    else:
        with pytest.raises(Stopped):
            trained("gvae", tmp_path, stop_at=4)
    with pytest.raises(BadInput, match="has seed 2, not 5"):
        trained("gvae", tmp_path, seed=5, resume=True)


@pytest.mark.parametrize("at", [3, -3])
def test_a_changed_checkpoint_is_refused(at, tmp_path):
    with pytest.raises(Stopped):
        trained("gvae", tmp_path, stop_at=4)
    content = bytearray((tmp_path / FILE).read_bytes())
    content[at] ^= 1
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DamagedArtefact, match=r"training\.safetensors"):
        trained("gvae", tmp_path, resume=True)


@pytest.mark.parametrize(
    ("given", "error", "reason"),
    [
        ({"kind": "adjacency"}, BadInput, "not pre-trained; those that are: gvae, arch2vec, cate"),
        ({"space": "nasbench102"}, UnknownName, "nasbench101"),
        ({"options": {"hiden": 3}}, UnknownName, "Did you mean 'hidden'"),
        ({"options": {"samples": -1}}, BadInput, "0 or more"),
        ({"options": {"samples": True}}, BadInput, "is no int"),
        ({"options": {"width": "wide"}}, BadInput, "refused options"),
        ({"epochs": 0}, BadInput, "epochs 0"),
        ({"resume": True}, BadInput, "without a folder"),
    ],
)
def test_what_cannot_be_is_refused(given, error, reason):
    with pytest.raises(error, match=reason):
        pretrain(**{"kind": "arch2vec", "space": SPACE, "cells": CELLS, **given})
