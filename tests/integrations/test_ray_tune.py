"""SubsetTrainable alone, without a cluster; and one real Ray search for each searcher."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

from ray import tune
from subsel_automl.integrations.ray.search import (
    LedgerCallback,
    SubsetTrainable,
    TrialTask,
    search,
    tpe,
)

from subsel_automl import AmortizationLedger, dataset, provider, search_space
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.provider import Request, SubsetProvider
from subsel_automl.core.subset import Subset

SIZES = {"channels": 8, "stacks": 2, "cells": 1}
ADAM = {"name": "adam", "lr": 0.01, "weight_decay": 1e-4}
CONFIG = {"optimizer": ADAM, "scheduler": {"name": "cosine"}}


class ByArchitecture(SubsetProvider):
    """Rows that depend on the architecture, so that a stale subset is seen."""

    name = "by-architecture"
    source = "this test"

    def _select(self, request: Request) -> Subset:
        assert request.architecture is not None
        rng = np.random.default_rng(int(request.architecture.key[:8], 16))
        return Subset(rng.permutation(len(request.pool))[: request.count])


@pytest.fixture(scope="module")
def task() -> TrialTask:
    space = search_space("nasbench101")
    rng = np.random.default_rng(0)
    cells = [space.sample(rng), space.sample(rng)]
    chooser = ByArchitecture().fit(dataset("digits").train)
    return TrialTask(chooser, space, cells, 128, 3, sizes=SIZES, batch=32)


def trial(task: TrialTask, **config: object) -> SubsetTrainable:
    made = tune.with_parameters(SubsetTrainable, task=task)(config={**CONFIG, **config})
    assert isinstance(made, SubsetTrainable)
    return made


def weights(made: SubsetTrainable) -> np.ndarray:
    return np.concatenate(
        [value.detach().numpy().ravel() for value in made.trainer.model.parameters()]
    )


def test_a_trial_reports_what_it_trained_on_and_what_it_cost(task: TrialTask) -> None:
    made = trial(task)
    results = [made.train() for _ in range(3)]
    assert [r["done"] for r in results] == [False, False, True]
    assert results[0]["subset_size"] == 128
    assert results[0]["provider"] == "by-architecture"
    assert results[0]["train_seconds"] > 0
    assert results[0]["evaluate_seconds"] > 0


def test_selection_is_reported_once_in_the_first_report(task: TrialTask) -> None:
    fresh = TrialTask(
        ByArchitecture().fit(task.provider.pool), task.space, task.architectures, 128, 3,
        sizes=SIZES, batch=32, redraw_every=0,
    )  # fmt: skip
    made = trial(fresh)
    first, second = made.train(), made.train()
    assert first["select_seconds"] > 0
    assert second["select_seconds"] == 0


def test_a_reused_actor_trains_on_the_new_architectures_subset(task: TrialTask) -> None:
    reused, fresh = trial(task, architecture=0), trial(task, architecture=1)
    reused.train()
    assert reused.reset({**CONFIG, "architecture": 1})
    chosen = reused.feed.at(0, reused.architecture).indices
    np.testing.assert_array_equal(chosen, fresh.feed.at(0, fresh.architecture).indices)
    np.testing.assert_array_equal(weights(reused), weights(fresh))


def test_a_restored_trial_goes_on_as_if_undisturbed(task: TrialTask, tmp_path: Path) -> None:
    undisturbed = trial(task)
    undisturbed.train()
    undisturbed.save_checkpoint(str(tmp_path))
    undisturbed.train()
    restored = trial(task)
    restored.load_checkpoint(str(tmp_path))
    restored.train()
    assert restored.epoch == 2
    np.testing.assert_allclose(weights(restored), weights(undisturbed), atol=1e-6)


def test_a_diverging_trial_stops_at_its_first_report(task: TrialTask) -> None:
    made = trial(task)
    for value in made.trainer.model.parameters():
        value.data.fill_(math.nan)
    result = made.train()
    assert result["diverged"]
    assert result["done"]
    assert result["accuracy"] == 0


def test_a_trainable_without_a_task_says_how_to_pass_one() -> None:
    with pytest.raises(BadInput, match="with_parameters"):
        SubsetTrainable(config=CONFIG)


def test_an_unknown_searcher_is_named(task: TrialTask) -> None:
    with pytest.raises(UnknownName, match="hyperopt, optuna"):
        tpe("grid", task.optimizer_space, seed=0)


def test_the_ledger_counts_a_repeated_report_once(tmp_path: Path) -> None:
    class Trial:
        trial_id = "t1"
        config: ClassVar[dict[str, float]] = {"lr": 0.1}

    parts = ("select", "refresh", "train", "evaluate")
    report = {"architecture_key": "k", "training_iteration": 1, "gb_minutes": 0.0}
    report |= {f"{part}_seconds": 1.0 for part in parts}
    report |= {f"{part}_cpu_seconds": 1.0 for part in parts}
    callback = LedgerCallback(tmp_path / "ledger.sqlite", "search")
    callback.on_trial_result(0, [], Trial(), report)
    callback.on_trial_result(1, [], Trial(), report)
    assert callback.ledger.total_seconds() == 4.0
    assert callback.ledger.test_architectures == 1


def test_a_trial_writes_what_it_cost_before_it_reports(task: TrialTask, tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    made = trial(dataclasses.replace(task, ledger=file, search="s"))
    first = made.train()
    made.save_checkpoint(str(tmp_path))
    made.train()
    made.load_checkpoint(str(tmp_path))  # the second epoch is trained, and paid, again
    made.train()
    ledger = AmortizationLedger(file)
    assert ledger.totals()["TRAIN"]["count"] == 3

    class Trial:
        trial_id = made.trial_id
        config = made.config

    LedgerCallback(file, "s").on_trial_result(0, [], Trial(), first)  # the driver tells it too
    assert ledger.totals()["TRAIN"]["count"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("searcher", ["hyperopt", "optuna"])
def test_a_search_finishes_every_trial_and_its_ledger_agrees(
    searcher: str, task: TrialTask, tmp_path: Path, ray_here: None
) -> None:
    chooser = provider("random-per-class").fit(task.provider.pool)
    found = search(
        chooser,
        task.space,
        task.architectures[0],
        budget=0.2,
        epochs=2,
        samples=4,
        seed=0,
        folder=tmp_path,
        searcher=searcher,
        sizes=SIZES,
        ledger=tmp_path / "ledger.sqlite",
    )
    ledger = AmortizationLedger(tmp_path / "ledger.sqlite")
    assert len(found.trials) == 4
    assert ledger.cpu_seconds == pytest.approx(found.cpu_seconds, rel=0.01)
    assert ledger.totals()["TRAIN"]["count"] == sum(row["epochs"] for row in found.trials)
    longest = max(row["epochs"] for row in found.trials)
    finished = [row["accuracy"] for row in found.trials if row["epochs"] == longest]
    assert found.best_accuracy == max(finished)  # what was stopped early does not stand beside
