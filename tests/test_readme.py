"""What the README shows runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from subsel_automl import dataset
from subsel_automl.core.errors import MissingData

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def block(part: str) -> str:
    """The one example that holds `part`."""
    found = [text for text in BLOCKS if part in text]
    assert len(found) == 1
    return found[0]


def run(*texts: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for text in texts:
        exec(compile(text, "README.md", "exec"), names)
    return names


@pytest.fixture(scope="module")
def first() -> str:
    try:
        dataset("fashion-mnist")
    except MissingData as error:
        pytest.skip(f"Fashion-MNIST is not here: {error}")
    return block("subset.provenance.seconds")


def test_your_own_data_example_selects_evenly() -> None:
    subset = run(block('name="mine"'))["subset"]
    assert len(subset) == 500


def test_the_first_example_selects_two_percent(first: str) -> None:
    subset = run(first)["subset"]
    assert len(subset) == 840
    assert subset.targets.shape == (840, 10)


def test_the_optuna_example_runs_as_an_objective(first: str) -> None:
    optuna = pytest.importorskip("optuna", reason="extra [optuna] is not installed")
    names = run(first, block("def objective"))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    trial = study.ask()
    names["objective"](trial)
    assert "optimizer" in {name.split("/")[0] for name in trial.params}


def test_the_ray_example_names_what_exists(first: str) -> None:
    pytest.importorskip("ray", reason="extra [ray] is not installed")
    text = block("tune.run(").split("tune.run(")[0]
    task = run(first, text)["task"]
    assert task.feed().at(0, task.architectures[0]).indices.shape == (4200,)
