"""What an Optuna study saved: from its ledger, or from the attributes of its trials."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna", reason="extra [optuna] is not installed")

import optuna
from subsel_automl.integrations.optuna import SubsetObjective

from subsel_automl import AmortizationLedger
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)


@pytest.fixture(autouse=True)
def _silent_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies of the tests are not summed up when the tests end."""
    monkeypatch.setattr("subsel_automl.integrations.optuna._unsaid", {})


def study(**options: Any) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(study_name="s", direction="maximize", **options)


def told_only(trial: optuna.Trial, subset: Any) -> float:
    return 0.5


@pytest.mark.parametrize("last", ["", "print(made.summary(study))"], ids=["not asked", "asked"])
def test_a_plain_script_says_once_at_its_end_what_was_saved(last: str, tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    script.write_text(SCRIPT + last)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.startswith("optimized")
    assert done.stdout.count("What was saved: search 'plain' in Optuna, 3 trials") == 1
    assert "winner          trial 2, value 0.2" in done.stdout


SCRIPT = """
import optuna
from subsel_automl import provider
from subsel_automl.integrations.optuna import SubsetObjective
from subsel_automl.worlds import clump_pool

def objective(trial, subset):
    list(subset.loader())
    return trial.number / 10

made = SubsetObjective(objective, provider("random").fit(clump_pool(60)), 20)
study = optuna.create_study(study_name="plain", direction="maximize")
study.optimize(made, n_trials=3)
print("optimized")
"""


def told(trial: optuna.Trial, subset: Any) -> float:
    list(subset.loader(batch_size=10))
    if trial.number == 1:
        raise optuna.TrialPruned
    if trial.number == 2:
        raise KeyError("mine")
    return 0.5 + trial.number / 10 + trial.suggest_float("lr", 0, 1e-3)


@pytest.mark.parametrize("kept", [False, True], ids=["attributes", "ledger"])
def test_pruned_and_failed_trials_are_in_the_summary(kept: bool, tmp_path: Path) -> None:
    made = SubsetObjective(
        told, Random().fit(POOL), 40, ledger=tmp_path / "ledger" if kept else None
    )
    found = study()
    found.optimize(made, n_trials=4, catch=KeyError)
    summary = made.summary(found)
    assert summary.states == {"complete": 2, "pruned": 1, "failed": 1}
    assert (summary.examples, summary.pool_size, summary.budget) == (160, 120, 40)
    spent = sum(trial.user_attrs["subset_train_seconds"] for trial in found.trials)
    assert summary.spent["training"].wall == pytest.approx(spent)
    assert summary.full is not None
    held = summary.spent["validation"].wall
    assert summary.full.wall == pytest.approx(3 * spent + held)
    assert summary.winner is not None
    assert (summary.winner.trial, summary.winner.config) == ("trial 3", found.best_params)


def test_a_study_of_several_objectives_has_no_winner() -> None:
    made = SubsetObjective(lambda trial, subset: (1.0, 2.0), Random().fit(POOL), 40)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found = optuna.create_study(directions=["maximize", "minimize"])
    found.optimize(made, n_trials=2)
    summary = made.summary(found)
    assert summary.winner is None
    assert "winner          none: the study has several objectives" in str(summary)


def test_threads_share_the_seconds_of_their_process() -> None:
    def busy(trial: optuna.Trial, subset: Any) -> float:
        until = time.thread_time() + 0.2
        while time.thread_time() < until:
            pass
        return 0.5

    made, found = SubsetObjective(busy, Random().fit(POOL), 40), study()
    began = time.process_time()
    found.optimize(made, n_trials=8, n_jobs=4)
    spent = time.process_time() - began
    assert made.summary(found).spent["total"].cpu == pytest.approx(spent, rel=0.1)


def test_a_fit_is_in_the_ledger_of_the_study(tmp_path: Path) -> None:
    chooser = Random().fit(POOL)
    chooser.fit_seconds = 7.0
    made = SubsetObjective(told_only, chooser, 40, ledger=tmp_path / "ledger")
    study().optimize(made, n_trials=2)
    assert AmortizationLedger(tmp_path / "ledger").totals()["FIT_SAMPLER"]["wall"] == 7.0


def test_processes_that_share_a_study_without_a_ledger_are_all_counted(tmp_path: Path) -> None:
    """Another process's trials are known by their attributes alone."""
    storage = f"sqlite:///{tmp_path}/study.db"
    script = tmp_path / "study.py"
    shared = f"study_name='plain', load_if_exists=True, storage={storage!r}, "
    script.write_text(SCRIPT.replace('study_name="plain", ', shared))
    for _ in range(2):
        subprocess.run([sys.executable, str(script)], check=True, capture_output=True)
    found = optuna.load_study(study_name="plain", storage=storage)
    pool = clump_pool(60)
    summary = SubsetObjective(told_only, Random().fit(pool), 20).summary(found)
    assert (summary.trials, summary.examples, summary.subset_size) == (6, 120, 20)
