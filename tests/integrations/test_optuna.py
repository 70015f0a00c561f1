"""Truths of SubsetObjective, with the real Optuna."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna", reason="extra [optuna] is not installed")

import optuna
import torch
import torch.nn.functional as F
from subsel_automl.integrations.optuna import SubsetObjective
from torch import nn

from subsel_automl import AmortizationLedger, provider
from subsel_automl.core.errors import BadInput
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool, some_cells

POOL = clump_pool(120)
CELLS = some_cells(3)
TRIAL = optuna.trial.TrialState


@pytest.fixture(autouse=True)
def _silent_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies of the tests are not summed up when the tests end."""
    monkeypatch.setattr("subsel_automl.integrations.optuna._unsaid", {})


class Pupil(Random):
    name = "pupil"
    learns = True

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def _learn(self, lesson: Any) -> None:
        self.told.append(lesson)


def objective(trial: optuna.Trial, subset: Any) -> float:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    optimizer = torch.optim.SGD(model.parameters(), trial.suggest_float("lr", 0.01, 1.0, log=True))
    loader = subset.loader(model=model, architecture=CELLS[trial.number % 3], batch_size=16)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return 0.5


def study(direction: str = "maximize", **options: Any) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(study_name="s", direction=direction, **options)


def test_a_trial_carries_its_provenance() -> None:
    found = study()
    found.optimize(SubsetObjective(objective, provider("random").fit(POOL), 40), n_trials=1)
    attributes = found.trials[0].user_attrs
    assert attributes["subset_provider"] == "random"
    assert attributes["subset_size"] == 40
    assert attributes["subset_budget"] == "40"
    assert attributes["subset_architecture"] == CELLS[0].key
    assert attributes["subset_select_seconds"] > 0
    assert attributes["subset_train_seconds"] > 0
    assert found.trials[0].params.keys() == {"lr"}


def test_the_ledger_has_one_row_a_stage_of_each_trial(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    found = study()
    found.optimize(
        SubsetObjective(objective, provider("random").fit(POOL), 40, ledger=path), n_trials=3
    )
    ledger = AmortizationLedger(path)
    assert [ledger.totals()[s]["count"] for s in ("SELECT", "TRAIN", "EVALUATE")] == [3, 3, 3]
    assert ledger.test_architectures == 3
    spent = sum(trial.user_attrs["subset_train_seconds"] for trial in found.trials)
    assert ledger.totals()["TRAIN"]["wall"] == pytest.approx(spent)


def test_a_pruned_trial_stays_pruned_and_is_billed(tmp_path: Path) -> None:
    def pruned(trial: optuna.Trial, subset: Any) -> float:
        next(iter(subset.loader()))
        raise optuna.TrialPruned

    found, path = study(), tmp_path / "ledger.sqlite"
    found.optimize(SubsetObjective(pruned, Random().fit(POOL), 40, ledger=path), n_trials=2)
    assert [trial.state for trial in found.trials] == [TRIAL.PRUNED] * 2
    assert all(trial.user_attrs["subset_size"] == 40 for trial in found.trials)
    assert AmortizationLedger(path).totals()["TRAIN"]["count"] == 2


def test_a_pruner_sees_the_trials_reports() -> None:
    def reporting(trial: optuna.Trial, subset: Any) -> float:
        for step in range(3):
            trial.report(-trial.number, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return -trial.number

    found = study(pruner=optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=0))
    found.optimize(SubsetObjective(reporting, Random().fit(POOL), 40), n_trials=3)
    assert [t.state for t in found.trials] == [TRIAL.COMPLETE, TRIAL.PRUNED, TRIAL.PRUNED]


def test_a_value_that_is_not_a_number_fails_as_optuna_says() -> None:
    found = study()
    nan = SubsetObjective(lambda trial, subset: float("nan"), Random().fit(POOL), 40)
    found.optimize(nan, n_trials=1)
    assert found.trials[0].state == TRIAL.FAIL
    assert found.trials[0].user_attrs["subset_provider"] == "random"


@pytest.mark.parametrize("learner", [Random, Pupil])
@pytest.mark.parametrize(
    ("value", "state"),
    [(None, TRIAL.FAIL), ("good", TRIAL.FAIL), (float("nan"), TRIAL.FAIL), (0.5, TRIAL.COMPLETE)],
    ids=str,
)
def test_what_an_objective_returns_is_treated_as_optuna_treats_it(
    learner: type[Random], value: Any, state: Any
) -> None:
    def plain(trial: optuna.Trial) -> Any:
        return value

    def subset_aware(trial: optuna.Trial, subset: Any) -> Any:
        model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
        list(subset.loader(model=model, architecture=CELLS[0]))
        return value

    without, found = study(), study()
    without.optimize(plain, n_trials=1)
    found.optimize(SubsetObjective(subset_aware, learner().fit(POOL), 40), n_trials=1)
    assert found.trials[0].state == without.trials[0].state == state
    assert found.trials[0].user_attrs["subset_train_seconds"] > 0


def test_a_study_goes_on_with_the_plan_that_it_began_with() -> None:
    found = study()
    found.optimize(SubsetObjective(objective, Random().fit(POOL), 40), n_trials=1)
    with pytest.raises(BadInput, match="study 's' has budget 40, this one 20"):
        found.optimize(SubsetObjective(objective, Random().fit(POOL), 20), n_trials=1)


def test_an_exception_is_the_users_own() -> None:
    def broken(trial: optuna.Trial, subset: Any) -> float:
        raise KeyError("mine")

    found = study()
    with pytest.raises(KeyError, match="mine"):
        found.optimize(SubsetObjective(broken, Random().fit(POOL), 40), n_trials=1)
    assert found.trials[0].state == TRIAL.FAIL


def test_finished_trials_teach_and_pruned_ones_do_not() -> None:
    def sometimes(trial: optuna.Trial, subset: Any) -> float:
        value = objective(trial, subset)
        if trial.number == 1:
            raise optuna.TrialPruned
        return value

    pupil = Pupil().fit(POOL)
    study().optimize(SubsetObjective(sometimes, pupil, 40), n_trials=3)
    assert [lesson.name for lesson in pupil.told] == ["s/0", "s/2"]
    assert [lesson.accuracy for lesson in pupil.told] == [0.5, 0.5]


def test_a_diverged_trial_teaches_nothing() -> None:
    def diverged(trial: optuna.Trial, subset: Any) -> float:
        objective(trial, subset)
        return float("nan")

    pupil = Pupil().fit(POOL)
    study().optimize(SubsetObjective(diverged, pupil, 40), n_trials=1)
    assert pupil.told == []


def test_a_cached_learner_is_still_taught(tmp_path: Path) -> None:
    pupil = Pupil().fit(POOL)
    made = SubsetObjective(objective, pupil, 40, cache=tmp_path)
    study().optimize(made, n_trials=1)
    assert len(made.plan.provider.inner.told) == 1


@pytest.mark.parametrize("shared", [False, True])
def test_a_study_makes_its_own_teachers_from_traced_networks(shared: bool, tmp_path: Path) -> None:
    soft = []

    def own(trial: optuna.Trial, subset: Any) -> float:
        torch.manual_seed(trial.number)
        model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 4))
        optimizer = torch.optim.SGD(model.parameters(), 0.5)
        loader = subset.loader(model=model)
        for _ in range(10):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(model(x), y).backward()
                optimizer.step()
        soft.append(bool((y.max(1).values < 1).all()))
        return 0.9

    learner = provider("subselnet-online", folder=tmp_path / "lessons" if shared else None)
    cache = tmp_path / "subsets" if shared else None
    pupil = learner.fit(POOL)
    made = SubsetObjective(own, pupil, 40, targets="soft", redraw_every=0, cache=cache)
    found = study()
    found.optimize(made, n_trials=3)
    assert soft == [False, True, True]  # the first has no teacher, and trains on labels
    assert found.trials[2].user_attrs["subset_refresh_seconds"] > 0
    assert found.trials[2].user_attrs["subset_architecture"]


def test_an_unknown_kind_of_target_is_refused_at_once() -> None:
    with pytest.raises(BadInput, match="'hard'"):
        SubsetObjective(objective, Random().fit(POOL), 40, targets="hard")


def test_it_travels_to_another_process() -> None:
    made = SubsetObjective(objective, provider("random").fit(POOL), 40)
    again = pickle.loads(pickle.dumps(made))
    study().optimize(again, n_trials=1)


WORKER = """
import sys, time
from pathlib import Path
import optuna
from subsel_automl import Architecture
from subsel_automl.core.subset import Subset
from subsel_automl.integrations.optuna import SubsetObjective
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

folder = Path(sys.argv[1])
cells = [Architecture("t", ("in",) * (2 + k), ((0, 1),)) for k in range(4)]

class Counted(Random):
    name = "counted"
    def _select(self, request):
        time.sleep(0.2)  # long enough that both processes want it
        with open(folder / "selections", "a") as log:
            log.write(request.architecture.key + "\\n")
        return super()._select(request)

def objective(trial, subset):
    cell = cells[trial.suggest_int("cell", 0, 3)]
    for _ in subset.loader(architecture=cell): time.sleep(0.02)
    return 0.5

study = optuna.create_study(
    study_name="two", storage=f"sqlite:///{folder}/study.db", load_if_exists=True,
    direction="maximize", sampler=optuna.samplers.RandomSampler(),
)
study.optimize(
    SubsetObjective(objective, Counted().fit(clump_pool(60)), 20, cache=folder / "subsets",
                    ledger=folder / "ledger.sqlite"),
    callbacks=[optuna.study.MaxTrialsCallback(14)],
)
"""


@pytest.mark.slow
def test_two_processes_on_one_study_count_each_trial_once_and_select_once(tmp_path: Path) -> None:
    optuna.create_study(
        study_name="two", storage=f"sqlite:///{tmp_path}/study.db", direction="maximize"
    )
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(script), str(tmp_path)]
    workers = [subprocess.Popen(command, env=environment, cwd=tmp_path) for _ in range(2)]
    assert [worker.wait(timeout=200) for worker in workers] == [0, 0]
    found = optuna.load_study(study_name="two", storage=f"sqlite:///{tmp_path}/study.db")
    done = [trial for trial in found.trials if trial.state == TRIAL.COMPLETE]
    asked = {trial.user_attrs["subset_architecture"] for trial in done}
    selections = (tmp_path / "selections").read_text().split()
    ledger = AmortizationLedger(tmp_path / "ledger.sqlite")
    assert sorted(selections) == sorted(asked)
    assert ledger.totals()["TRAIN"]["count"] == len(done) == ledger.trials
    assert ledger.test_architectures == len(asked)
