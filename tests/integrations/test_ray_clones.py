"""Pauses, clones and teachers: what a scheduler does to a trial leaves its subset right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import ray
from ray import tune
from ray.tune.schedulers import HyperBandScheduler, PopulationBasedTraining
from subsel_automl.integrations.ray.lessons import RayTeachers, shared
from subsel_automl.integrations.ray.search import SubsetTrainable, TrialTask, search

from subsel_automl import dataset, provider, search_space
from subsel_automl.core.errors import BadInput
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.worlds import some_cells

SIZES = {"channels": 8, "stacks": 2, "cells": 1}
CELLS = some_cells(2)


def sgd(rate: float) -> dict[str, object]:
    optimizer = {"name": "sgd", "lr": rate, "momentum": 0.9, "weight_decay": 1e-4}
    return {"optimizer": optimizer, "scheduler": {"name": "cosine"}}


def task_of(chooser: SubsetProvider, **options: object) -> TrialTask:
    space = search_space("nasbench101")
    given = {"budget": 128, "epochs": 4, "sizes": SIZES, "batch": 32, **options}
    return TrialTask(chooser, space, CELLS, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def task() -> TrialTask:
    return task_of(provider("random").fit(dataset("digits").train))


def trial(task: TrialTask, config: dict[str, object]) -> SubsetTrainable:
    made = tune.with_parameters(SubsetTrainable, task=task)(config=config)
    assert isinstance(made, SubsetTrainable)
    return made


def weights(made: SubsetTrainable) -> np.ndarray:
    values = made.trainer.model.parameters()
    return np.concatenate([value.detach().numpy().ravel() for value in values])


def test_a_clone_takes_weights_and_keeps_its_own_settings(task: TrialTask, tmp_path: Path) -> None:
    donor, clone = trial(task, sgd(0.05)), trial(task, sgd(0.01))
    donor.train()
    donor.save_checkpoint(str(tmp_path))
    clone.load_checkpoint(str(tmp_path))
    np.testing.assert_array_equal(weights(clone), weights(donor))
    rates = [made.trainer.optimizer.param_groups[0]["lr"] for made in (donor, clone)]
    assert rates[0] / rates[1] == pytest.approx(5)
    assert clone.epoch == 1


def test_a_clone_with_another_kind_of_optimizer_trains_on(task: TrialTask, tmp_path: Path) -> None:
    donor = trial(task, sgd(0.05))
    donor.train()
    donor.save_checkpoint(str(tmp_path))
    adam = {"name": "adam", "lr": 0.001, "weight_decay": 1e-4}
    clone = trial(task, {"optimizer": adam, "scheduler": {"name": "cosine"}})
    clone.load_checkpoint(str(tmp_path))
    assert clone.train()["train_loss"] < 10


def test_a_clone_of_another_architecture_is_refused(task: TrialTask, tmp_path: Path) -> None:
    donor, clone = trial(task, sgd(0.05)), trial(task, {**sgd(0.05), "architecture": 1})
    donor.train()
    donor.save_checkpoint(str(tmp_path))
    with pytest.raises(BadInput, match="architecture"):
        clone.load_checkpoint(str(tmp_path))


def test_a_paused_adaptive_trial_keeps_the_subset_it_had_chosen(tmp_path: Path) -> None:
    chooser = provider("el2n", refresh_every=1, warm_epochs=0).fit(dataset("digits").train)
    task = task_of(chooser)
    paused, fresh = trial(task, sgd(0.05)), trial(task, sgd(0.05))
    paused.train()
    paused.train()
    paused.save_checkpoint(str(tmp_path))
    fresh.load_checkpoint(str(tmp_path))
    assert fresh.feed.subset is not None
    assert paused.feed.subset is not None
    np.testing.assert_array_equal(fresh.feed.subset.indices, paused.feed.subset.indices)


def test_an_epoch_may_have_fewer_steps_than_a_pass() -> None:
    chooser = provider("full").fit(dataset("digits").train)
    made = trial(task_of(chooser, budget=1.0, steps=3), sgd(0.05))
    made.train()
    assert made.trainer.steps_done == 3
    with pytest.raises(BadInput, match="at least 1"):
        task_of(chooser, steps=0)


def test_a_trial_teaches_when_it_ends_and_not_before() -> None:
    chooser = provider("subselnet-online").fit(dataset("digits").train)
    made = trial(task_of(chooser, epochs=2, targets="soft", redraw_every=1), sgd(0.05))
    own = made.task.provider.teachers  # a copy of the chooser's where Ray runs already
    assert made.train()["refresh_cpu_seconds"] == 0
    assert not own.lessons()
    assert made.train()["refresh_cpu_seconds"] > 0
    assert [lesson.examples for lesson in own.lessons()] == [2 * 128]


@pytest.mark.slow
def test_trials_of_a_ray_search_share_their_lessons(tmp_path: Path, ray_here: None) -> None:
    chooser = provider("subselnet-online").fit(dataset("digits").train)
    found = search(
        chooser, search_space("nasbench101"), CELLS[0], budget=0.3, epochs=2, samples=4, seed=0,
        folder=tmp_path, sizes=SIZES, targets="soft", redraw_every=1, searcher="random",
    )  # fmt: skip
    ended = sum(row["epochs"] == 2 for row in found.trials)
    restored = provider("subselnet-online", folder=tmp_path / "subsel-lessons")
    kept = restored.fit(chooser.pool).teachers.lessons()  # type: ignore[attr-defined]
    assert 0 < ended <= len(kept) <= 4  # those that the scheduler stopped teach, too


@pytest.mark.slow
def test_an_actor_gives_every_worker_what_one_told(ray_here: None) -> None:
    chooser = shared(provider("subselnet-online").fit(dataset("digits").train))

    @ray.remote
    def told(learner: SubsetProvider, name: str) -> int:
        from subsel_automl.core.lesson import Lesson

        pool = learner.pool
        answers = np.full((len(pool), pool.classes), -np.log(pool.classes))
        learner.learn(Lesson(CELLS[0], np.arange(len(pool)), answers, 0.5, 64, name))
        return len(learner.teachers.lessons())  # type: ignore[attr-defined]

    assert [ray.get(told.remote(chooser, name)) for name in "ab"] == [1, 2]
    assert isinstance(chooser.teachers, RayTeachers)  # type: ignore[attr-defined]
    assert len(chooser.teachers.lessons()) == 2  # type: ignore[attr-defined]


def test_a_provider_that_does_not_learn_is_not_shared(task: TrialTask) -> None:
    with pytest.raises(BadInput, match="does not learn"):
        shared(task.provider)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hyperband", "pbt"])
def test_schedulers_that_pause_and_clone_finish_every_trial(
    kind: str, task: TrialTask, tmp_path: Path, ray_here: None
) -> None:
    metric = {"metric": "accuracy", "mode": "max"}
    schedulers = {
        "hyperband": lambda: HyperBandScheduler(max_t=4, **metric),
        "pbt": lambda: PopulationBasedTraining(
            **metric,
            perturbation_interval=1,
            hyperparam_mutations={"optimizer": {"lr": [0.001, 0.01, 0.05]}},
        ),
    }
    results = tune.Tuner(
        tune.with_parameters(SubsetTrainable, task=task),
        param_space={**sgd(0.05), "optimizer": {**sgd(0)["optimizer"], "lr": tune.choice([0.01])}},  # type: ignore[dict-item]
        tune_config=tune.TuneConfig(num_samples=3, scheduler=schedulers[kind](), reuse_actors=True),
        run_config=tune.RunConfig(
            storage_path=str(tmp_path),
            checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=1),
            verbose=0,
        ),
    ).fit()
    assert not results.errors
    assert max(result.metrics["training_iteration"] for result in results) == 4
