"""Every Optuna trial that is worth one leaves a lesson, however it ends."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("optuna", reason="extra [optuna] is not installed")

import optuna
import torch
import torch.nn.functional as F
from subsel_automl.integrations.optuna import SubsetObjective
from torch import nn

from subsel_automl import provider
from subsel_automl.core.lesson import Lesson
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subsel_automl.integrations.optuna._unsaid", {})
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def trained(trial: optuna.Trial, subset: Any) -> None:
    torch.manual_seed(0)
    width = trial.suggest_int("width", 4, 12)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, width), nn.ReLU(), nn.Linear(width, 4))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in subset.loader(model=model, batch_size=16):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def lessons_of(objective: Any, trials: int = 4, jobs: int = 1, **study: Any) -> list[Lesson]:
    wrapped = SubsetObjective(objective, provider("subselnet-online").fit(POOL), 40, redraw_every=1)
    sampler = optuna.samplers.RandomSampler(0)
    made = optuna.create_study(sampler=sampler, **{"direction": "maximize", **study})
    made.optimize(wrapped, n_trials=trials, n_jobs=jobs)
    assert all(one.state.is_finished() for one in made.trials)
    assert not [one for one in made.trials if one.state.name == "FAIL"]
    found: Any = wrapped.plan.provider
    lessons: list[Lesson] = found.teachers.lessons()
    return lessons


def test_a_value_to_maximize_is_the_lessons_accuracy() -> None:
    def objective(trial: optuna.Trial, subset: Any) -> float:
        trained(trial, subset)
        return 0.5 + trial.number / 10

    found = lessons_of(objective)
    assert sorted(one.accuracy for one in found) == pytest.approx([0.5, 0.6, 0.7, 0.8])


def test_a_study_that_minimizes_teaches_by_its_loss() -> None:
    def objective(trial: optuna.Trial, subset: Any) -> float:
        trained(trial, subset)
        return float(trial.number)  # a loss of 0, 1, 2

    found = lessons_of(objective, 3, direction="minimize")
    shares = {one.name.rsplit("/")[-1]: one.accuracy for one in found}
    assert shares["0"] == 1
    assert shares["0"] > shares["1"] > shares["2"] > 0


@pytest.mark.parametrize("reports", [True, False])
def test_a_pruned_trial_teaches_what_it_reported_or_what_is_measured(reports: bool) -> None:
    def objective(trial: optuna.Trial, subset: Any) -> float:
        trained(trial, subset)
        if reports:
            trial.report(0.3, 0)
            trial.report(0.625, 1)
        raise optuna.TrialPruned

    found = lessons_of(objective, 2)
    assert len(found) == 2
    assert all(one.accuracy == 0.625 for one in found) is reports


def test_a_study_of_several_objectives_teaches_by_what_is_measured() -> None:
    def objective(trial: optuna.Trial, subset: Any) -> tuple[float, float]:
        trained(trial, subset)
        return 123.0, -5.0

    found = lessons_of(objective, 3, direction=None, directions=["maximize", "minimize"])
    assert len(found) == 3
    assert all(0 <= one.accuracy <= 1 for one in found)


def test_trials_of_four_threads_all_teach() -> None:
    def objective(trial: optuna.Trial, subset: Any) -> float:
        trained(trial, subset)
        return 0.5

    found = lessons_of(objective, 8, jobs=4)
    assert sorted(int(one.name.rsplit("/")[-1]) for one in found) == list(range(8))


def test_a_trial_that_fails_teaches_nothing() -> None:
    def objective(trial: optuna.Trial, subset: Any) -> float:
        trained(trial, subset)
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        lessons_of(objective, 1)
