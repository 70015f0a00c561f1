"""`subsel encode`: an encoder trained, its embeddings written, both refused in the usual words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_running import Subsel

from subsel_automl.data.images import digits
from subsel_automl.encoders import loop
from subsel_automl.encoders.checkpoint import FILE
from subsel_automl.encoders.embeddings import load_embeddings
from subsel_automl.encoders.store import load_encoder
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.spaces.nasbench201 import NASBench201
from subsel_automl.subselnet.bundle import load_bundle
from subsel_automl.worlds import some_cells

SMALL = ("--option", "hidden=16", "--option", "samples=5", "--epochs", 3)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """NAS-Bench-101 as if it had 40 cells."""
    monkeypatch.setattr(NASBench101, "enumerate", lambda _: some_cells(40))


def made(subsel: Subsel, out: Path, *given: object) -> dict:
    ran = subsel(
        "encode", "nasbench101", out, "--encoder", "arch2vec", "--pretrain", *given, "--json"
    )
    assert ran.code == 0, ran.err
    return ran.document


@pytest.mark.usefixtures("few")
def test_a_trained_encoder_embeds_all_cells_and_is_named_by_its_folder(subsel, tmp_path) -> None:
    report = made(subsel, tmp_path / "encoder", *SMALL)
    assert (report["epochs"], report["trained_on"], report["held_out"]) == (3, 36, 4)
    assert "position" in report["generated"]
    ran = subsel(
        "encode", "nasbench101", tmp_path / "all", "--encoder", tmp_path / "encoder", "--json"
    )
    assert (ran.document["cells"], ran.document["encoder"]) == (40, "arch2vec")
    found, cells = load_embeddings(tmp_path / "all"), some_cells(40)
    expected = load_encoder(tmp_path / "encoder").embed_architectures(cells).numpy()
    np.testing.assert_allclose(found.vectors, expected, atol=1e-5)
    assert found.keys.tolist() == [cell.key.encode() for cell in cells]


@pytest.mark.usefixtures("few")
def test_the_seed_and_the_epochs_are_those_that_were_asked_for(subsel, tmp_path) -> None:
    reports = [
        made(subsel, tmp_path / f"{seed}{n}", *SMALL[:4], "--seed", seed, "--epochs", n)
        for seed, n in ((0, 1), (1, 1), (0, 2))
    ]
    assert [(r["seed"], r["epochs"]) for r in reports] == [(0, 1), (1, 1), (0, 2)]


@pytest.mark.usefixtures("few")
def test_an_interrupted_training_goes_on_with_resume(subsel, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 1)
    whole = made(subsel, tmp_path / "whole", *SMALL)

    with monkeypatch.context() as patched:
        patched.setattr(loop, "REPORT_EVERY", 1)
        patched.setattr("subsel_automl.cli.output.progress", Stopping)
        ran = subsel(
            "encode", "nasbench101", tmp_path / "cut", "--encoder", "arch2vec", "--pretrain", *SMALL
        )
    assert ran.code == 130
    assert "--resume goes on" in ran.err
    assert (tmp_path / "cut" / FILE).exists()
    refused = subsel(
        "encode", "nasbench101", tmp_path / "cut", "--encoder", "arch2vec", "--pretrain", *SMALL
    )
    assert refused.code == 3
    resumed = made(subsel, tmp_path / "cut", "--resume", *SMALL)
    assert resumed["operation_accuracy"] == whole["operation_accuracy"]
    one, two = (load_encoder(tmp_path / name).state_dict() for name in ("whole", "cut"))
    assert all((one[name] == two[name]).all() for name in one)


class Stopping:
    """Progress that is interrupted after the second step."""

    def __init__(self, _: str) -> None:
        pass

    def __enter__(self):
        def told(step: int, steps: int) -> None:
            if step == 2:
                raise KeyboardInterrupt

        return told

    def __exit__(self, *_: object) -> None:
        pass


def test_a_space_without_a_shipped_encoder_is_read_by_its_matrix(subsel, tmp_path) -> None:
    ran = subsel("encode", "nasbench201", tmp_path, "--pool", "flat", "--json")
    assert ran.document["encoder"] == "adjacency"
    found = load_embeddings(tmp_path)
    cell = NASBench201().enumerate()[777]
    assert found.row_of(cell.key) == 777
    assert found.vectors.shape == (15_625, 8 * 15)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("nasbench102",), "Did you mean 'nasbench101'"),
        (("nasbench201", "--encoder", "gvea"), "Did you mean 'gvae'"),
        (("nasbench201", "--encoder", "cate"), "--encoder cate --pretrain"),
        (("nasbench201", "--pool", "men"), "Did you mean 'mean'"),
        (("nasbench201", "--resume"), "add --pretrain"),
        (("nasbench201", "--option", "delta=3"), "add --pretrain"),
        (("nasbench201", "--pretrain"), "give --encoder"),
        (("nasbench201", "--pretrain", "--encoder", "adjacency"), "not pre-trained"),
        (("nasbench201", "--pretrain", "--encoder", "arch3vec"), "Did you mean 'arch2vec'"),
        (("nasbench201", "--pretrain", "--encoder", "cate", "--option", "delta"), "name=value"),
        (("nasbench201", "--pretrain", "--encoder", "cate", "--option", "dleta=1"), "'delta'"),
        (("nasbench201", "--pretrain", "--encoder", "cate", "--seed", "-1"), "seed -1"),
        (("darts", "--encoder", "adjacency"), "too many"),
    ],
)
def test_what_cannot_be_is_bad_input(given, said, subsel, tmp_path) -> None:
    space, *options = given
    ran = subsel("encode", space, tmp_path / "out", *options)
    assert (ran.code, ran.out) == (3, "")
    assert said in ran.err


@pytest.mark.slow
def test_a_trained_encoder_is_what_fit_reads_networks_with(subsel, zoo, few, tmp_path) -> None:
    made(subsel, tmp_path / "encoder", *SMALL)
    given = ("--encoder", tmp_path / "encoder", "--epochs", 1, "--json")
    ran = subsel("fit", "digits", zoo, tmp_path / "bundle", *given)
    assert ran.document["encoder"] == "arch2vec"
    read = load_bundle(tmp_path / "bundle", digits().train).model.encoder
    assert read.config() == load_encoder(tmp_path / "encoder").config()


@pytest.mark.usefixtures("few")
def test_the_accuracy_model_learns_from_the_zoo_that_is_named(subsel, zoo, tmp_path) -> None:
    asked = ("encode", "nasbench101", tmp_path / "one", "--encoder", "accuracy", "--pretrain")
    refused = subsel(*asked)
    assert refused.code == 3
    assert "--zoo FOLDER" in refused.err
    ran = subsel(*asked, "--zoo", zoo, *SMALL, "--json")
    assert ran.code == 0, ran.err
    assert (ran.document["networks_learnt"], ran.document["networks_unseen"]) == (3, 2)
    assert ran.document["foretold"]["unseen"]["rmse"] >= 0
    assert load_encoder(tmp_path / "one").kind == "accuracy"


@pytest.mark.usefixtures("few")
def test_the_io_model_says_what_a_zoo_lacks(subsel, zoo, tmp_path) -> None:
    asked = ("encode", "nasbench101", tmp_path, "--encoder", "io", "--pretrain", "--zoo", zoo)
    ran = subsel(*asked)
    assert ran.code == 3
    assert "--keep-features" in ran.err


def test_a_zoo_is_for_a_training(subsel, zoo, tmp_path) -> None:
    ran = subsel("encode", "nasbench101", tmp_path, "--zoo", zoo)
    assert ran.code == 3
    assert "--zoo is for a training" in ran.err


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_io_model_learns_from_a_zoo_that_keeps_features(subsel, tmp_path) -> None:
    built = subsel(
        "zoo", "build", "digits", tmp_path / "zoo", "--count", 2, "--validation", 1, "--epochs", 1,
        "--channels", 5, "--stacks", 2, "--stem-stride", 2, "--keep-features", 20, "--json",
    )  # fmt: skip
    assert built.document["settings"]["keep_features"] == 20
    ran = subsel(
        "encode", "nasbench101", tmp_path / "io", "--encoder", "io", "--pretrain",
        "--zoo", tmp_path / "zoo", *SMALL, "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.document["foretold"]["unseen networks, unseen images"]["io"] > 0
