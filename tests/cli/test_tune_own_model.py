"""`subsel tune --model`: a network that is in no search space, on data of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_running import CELL, Subsel

from subsel_automl.core.ledger import AmortizationLedger

pytest.importorskip("ray")

MODULE = """
from torch import nn

def build(classes, in_channels):
    return nn.Sequential(
        nn.Conv2d(in_channels, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(24, classes),
    )

def dense(classes, in_channels):
    return nn.Sequential(nn.Linear(in_channels, 8), nn.Tanh(), nn.Linear(8, classes))

class Auxiliary(nn.Linear):
    def forward(self, x):
        logits = super().forward(x.flatten(1))
        return (logits, logits) if self.training else logits

def auxiliary(classes, in_channels):
    return Auxiliary(64, classes)
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """my_module.py, images.npz and vectors.npz: 300 examples of three classes."""
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    images = (rng.random((300, 8, 8, 1)) * 80 + 60 * labels[:, None, None, None]).astype(np.uint8)
    (tmp_path / "my_module.py").write_text(MODULE)
    np.savez(tmp_path / "images.npz", images=images, labels=labels)
    vectors = images.reshape(300, -1)[:, :12].astype(np.float32) / 255
    np.savez(tmp_path / "vectors.npz", features=vectors, labels=labels)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What searches were asked for; they answer at once."""
    from subsel_automl.integrations.ray import search as ray_tune

    calls: list[dict[str, Any]] = []
    best = {"optimizer": {"name": "sgd", "lr": 0.1}, "scheduler": {"name": "cosine"}}

    def search(provider: Any, space: Any, cell: Any, **options: Any) -> ray_tune.SearchOutcome:
        calls.append({"provider": provider, "space": space, "cell": cell, **options})
        return ray_tune.SearchOutcome(best, 0.9, [{"accuracy": 0.9, "epochs": 2}], 3.0, 2.0)

    monkeypatch.setattr(ray_tune, "search", search)
    return calls


def command(files: Path, *more: object, data: str = "images.npz", build: str = "build") -> tuple:
    model = f"{files / 'my_module.py'}:{build}"
    return ("tune", "--model", model, "--data", files / data, "--out", files / "run", *more)


def test_the_model_is_traced_and_searched_with_a_provider_that_needs_no_zoo(
    subsel: Subsel, files: Path, asked: list[dict[str, Any]]
) -> None:
    ran = subsel(*command(files, "--budget", "0.1", "--json"))
    assert ran.code == 0, ran.err
    assert ran.document["provider"] == "guarded"
    assert asked[0]["cell"].ops[1] == "conv3x3-relu:6"
    assert (asked[0]["sizes"], asked[0]["budget"]) == ({}, 0.1)
    assert len(asked[0]["provider"].pool) == 210


def test_features_alone_are_read_as_vectors(
    subsel: Subsel, files: Path, asked: list[dict[str, Any]]
) -> None:
    ran = subsel(*command(files, data="vectors.npz", build="dense"))
    assert ran.code == 0, ran.err
    assert asked[0]["space"].in_channels == 12


def test_a_provider_that_plans_is_told_the_epochs_of_a_trial(
    subsel: Subsel, files: Path, asked: list[dict[str, Any]]
) -> None:
    subsel(*command(files, "--provider", "automata", "--epochs", 6))
    assert asked[0]["provider"].trial_epochs == 6


def test_nothing_was_spent_before_the_first_trial(
    subsel: Subsel, files: Path, asked: list[dict[str, Any]]
) -> None:
    subsel(*command(files))
    assert AmortizationLedger(files / "run" / "ledger.sqlite").preparation_seconds() == 0


def test_the_run_makes_a_page(subsel: Subsel, files: Path, asked: list[dict[str, Any]]) -> None:
    pytest.importorskip("matplotlib")
    subsel(*command(files))
    assert subsel("report", files / "r.html", "--run", files / "run").code == 0
    assert "conv3x3-relu:6" in (files / "r.html").read_text()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--provider", "subselnet"), "needs a zoo of reference networks"),
        (("--architecture", CELL), "Give either"),
        (("--bundle", "fashion-mnist/nasbench101"), "Give either"),
    ],
)
def test_what_belongs_to_a_zoo_is_refused(
    subsel: Subsel, files: Path, asked: list[dict[str, Any]], more: tuple, says: str
) -> None:
    ran = subsel(*command(files, *more))
    assert ran.code == 3
    assert says in " ".join(ran.err.split())
    assert not (files / "run").exists()


def test_a_model_that_cannot_train_is_refused_before_the_search(
    subsel: Subsel, files: Path, asked: list[dict[str, Any]]
) -> None:
    ran = subsel(*command(files, build="auxiliary"))
    assert ran.code == 3
    assert "it answers tuple in train mode; give 3 logits an example" in " ".join(ran.err.split())
    assert not asked
    assert not (files / "run").exists()


def test_a_model_without_data_is_refused(subsel: Subsel, files: Path) -> None:
    ran = subsel("tune", "--model", f"{files / 'my_module.py'}:build", "--out", files / "run")
    assert ran.code == 3
    assert "--model needs --data" in ran.err


@pytest.mark.slow
def test_a_real_search_of_one_s_own_model_runs_to_its_end(
    subsel: Subsel, files: Path, ray_here: None
) -> None:
    ran = subsel(
        *command(files, "--budget", "0.4", "--samples", 2, "--epochs", 2, "--json"),
    )
    assert ran.code == 0, ran.err
    assert ran.document["trials"] == 2
    assert ran.document["best_accuracy"] > 0.2
