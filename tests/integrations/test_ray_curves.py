"""A real experiment of Ray Tune is read as its trials, from each kind of file that it leaves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

from ray import cloudpickle, tune

from subsel_automl.data.curve_files import read_reports
from subsel_automl.data.curve_rows import Asked
from subsel_automl.data.reports import Reports

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ray_here")]
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see the tests
EPOCHS = 3


def train_fn(config: dict[str, Any]) -> None:
    for epoch in range(EPOCHS - config["seed"]):
        lost = config["lr"] / (epoch + 1)
        tune.report({"val_loss": float("nan") if config["lr"] == 2 else lost, "in": {"acc": -lost}})


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory, ray_here: None) -> Path:
    """Two configurations by two seeds; one configuration diverges, the second seed ends early."""
    folder = tmp_path_factory.mktemp("results")
    space = {"lr": tune.grid_search([1, 2]), "seed": tune.grid_search([0, 1])}
    run = tune.RunConfig(storage_path=str(folder), name="experiment", verbose=0)
    tune.Tuner(train_fn, param_space=space, run_config=run).fit()
    return folder / "experiment"


def of_one(reports: Reports) -> list[list[tuple[float, float]]]:
    """What the configuration that did not diverge reported, the longer run first."""
    named = {name for name, run in reports.runs.items() if run[0][1] == pytest.approx(1)}
    return sorted((list(reports.runs[name]) for name in named), key=len, reverse=True)


def test_its_trials_are_runs_grouped_by_configuration(experiment: Path) -> None:
    found = read_reports(experiment, Asked(metric="val_loss"))
    assert "4 trials of Ray, 2 configurations" in found.notes
    assert of_one(found) == [[(1, 1), (2, 1 / 2), (3, pytest.approx(1 / 3))], [(1, 1), (2, 1 / 2)]]
    curves = found.curves("min")
    assert (curves.diverged, sorted(curves.curves.lengths.tolist())) == (2, [2, 3])
    assert len(set(curves.curves.groups)) == 1


def test_nested_metrics_have_their_names_joined(experiment: Path) -> None:
    found = read_reports(experiment, Asked(metric="in/acc"))
    assert sorted(map(len, found.runs.values())) == [2, 2, 3, 3]


@pytest.mark.parametrize("name", ["result.json", "progress.csv"])
def test_one_trials_file_is_one_run(name: str, experiment: Path) -> None:
    found = [
        read_reports(path, Asked(metric="val_loss"))
        for path in sorted(experiment.glob(f"*/{name}"))
    ]
    assert [len(one.runs) for one in found] == [1, 1, 1, 1]
    assert sorted(len(run) for one in found for run in one.runs.values()) == [2, 2, 3, 3]


def test_its_event_files_say_the_same(experiment: Path) -> None:
    found = read_reports(experiment, Asked(metric="ray/tune/val_loss"), "tensorboard")
    assert [[value for _, value in run] for run in of_one(found)] == [
        pytest.approx([1, 1 / 2, 1 / 3]),
        pytest.approx([1, 1 / 2]),
    ]
