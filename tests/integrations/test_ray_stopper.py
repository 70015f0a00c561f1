"""Ray Tune: trials are stopped by their curves; alone, over ASHA, after a restore."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import numpy as np
import torch
from ray import cloudpickle, tune
from ray.tune.experiment import Trial
from ray.tune.schedulers import (
    ASHAScheduler,
    FIFOScheduler,
    PopulationBasedTraining,
    TrialScheduler,
)
from subsel_automl.integrations.ray import CurveStopper, LedgerCallback, start_ray, with_subset
from subsel_automl.integrations.ray.wrap import subset_loader

from subsel_automl import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.worlds import clump_pool

EPOCHS = 16
POOL = clump_pool(64)
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see the tests


def loss(level: float, epoch: int) -> float:
    return level + 1 / epoch


class Search:
    """A scheduler under the calls that Ray's controller makes."""

    def __init__(self, stopper: CurveStopper, mode: str | None = "min") -> None:
        self.stopper = stopper
        if mode is not None:
            stopper.set_search_properties("loss", mode)

    def trial(self, name: str, **more: Any) -> Any:
        trial = SimpleNamespace(
            **{
                "trial_id": name,
                "storage": None,
                "last_result": {},
                "status": Trial.PENDING,
                **more,
            }
        )
        self.stopper.on_trial_add(None, trial)
        return trial

    def run(self, name: str, values: list[float]) -> int:
        """Reports until it is stopped; how many."""
        trial = self.trial(name)
        for epoch, value in enumerate(values, 1):
            result = {"loss": value, "training_iteration": epoch}
            decision = self.stopper.on_trial_result(None, trial, result)
            if decision == TrialScheduler.STOP:
                break
        self.stopper.on_trial_complete(None, trial, result)
        return epoch


def whole(level: float) -> list[float]:
    return [loss(level, epoch) for epoch in range(1, EPOCHS + 1)]


def test_a_trial_behind_the_others_is_stopped_and_one_ahead_is_not():
    search = Search(CurveStopper(epochs=EPOCHS))
    lengths = [search.run(str(level), whole(level)) for level in (5, 4, 3, 2, 1, 6, 0)]
    assert lengths == [EPOCHS] * 5 + [1, EPOCHS]


def test_accuracies_are_judged_the_other_way_round():
    search = Search(CurveStopper(epochs=EPOCHS), "max")
    lengths = [
        search.run(str(level), [-v for v in whole(level)]) for level in (5, 4, 3, 2, 1, 6, 0)
    ]
    assert lengths == [EPOCHS] * 5 + [1, EPOCHS]


def test_a_diverged_trial_is_stopped_at_once():
    assert Search(CurveStopper(epochs=EPOCHS)).run("x", [1.0, 1.0, float("nan"), 1.0]) == 3


def test_what_the_scheduler_below_stops_is_stopped():
    search = Search(CurveStopper(epochs=EPOCHS, over=ASHAScheduler(max_t=4)))
    assert search.run("x", whole(0)) == 4


def test_what_the_scheduler_below_pauses_is_paused():
    class Pausing(FIFOScheduler):
        def on_trial_result(self, tune_controller, trial, result):
            return TrialScheduler.PAUSE if trial.trial_id == "x" else TrialScheduler.CONTINUE

    search = Search(CurveStopper(epochs=EPOCHS, over=Pausing()))
    for level in (5, 4, 3, 2, 1):
        search.run(str(level), whole(level))
    assert search.run("7", whole(7)) == 1
    late = search.stopper.on_trial_result(
        None, search.trial("x"), {"loss": 9.0, "training_iteration": 1}
    )
    assert late == TrialScheduler.PAUSE


def test_metric_and_mode_reach_the_scheduler_below():
    below = ASHAScheduler(max_t=4)
    Search(CurveStopper(epochs=EPOCHS, over=below), "max")
    assert (below._metric, below._mode) == ("loss", "max")


def test_without_a_metric_it_refuses_before_the_first_trial():
    with pytest.raises(BadInput, match="was told no metric and mode"):
        Search(CurveStopper(epochs=EPOCHS), mode=None).trial("x")


@pytest.mark.parametrize("kind", [np.float32, torch.tensor, int])
def test_a_metric_is_any_number(kind):
    search = Search(CurveStopper(epochs=EPOCHS))
    lengths = [search.run(str(level), [kind(level)] * EPOCHS) for level in (5, 4, 3, 2, 1, 6)]
    assert lengths == [EPOCHS] * 5 + [1]


def test_trials_that_change_their_configuration_are_not_judged():
    pbt = PopulationBasedTraining(hyperparam_mutations={"lr": [0.1, 0.2]})
    with pytest.raises(BadInput, match="PopulationBasedTraining, whose trials change"):
        CurveStopper(epochs=EPOCHS, over=pbt)


def test_reports_that_are_repeated_count_once():
    search = Search(CurveStopper(epochs=EPOCHS))
    trial = search.trial("x")
    for _ in range(3):
        search.stopper.on_trial_result(None, trial, {"loss": 1.0, "training_iteration": 1})
    assert search.stopper.running == {"x": {1.0: 1.0}}


def test_curves_of_a_restored_search_are_read_from_its_files(tmp_path):
    from pyarrow.fs import LocalFileSystem

    def kept(name: str, values: list[float], tail: str = "") -> dict[str, Any]:
        folder = tmp_path / name
        folder.mkdir()
        rows = [{"loss": v, "training_iteration": t} for t, v in enumerate(values, 1)]
        (folder / "result.json").write_text("\n".join(map(json.dumps, rows)) + "\n" + tail)
        storage = SimpleNamespace(trial_fs_path=str(folder), storage_filesystem=LocalFileSystem())
        return {"storage": storage, "last_result": rows[-1], "status": Trial.TERMINATED}

    search = Search(CurveStopper(epochs=EPOCHS))
    for level in (5, 4, 3, 2, 1):
        search.trial(str(level), **kept(str(level), whole(level), '{"loss": 3.'))
    assert search.run("new", whole(6)) == 1


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"epochs": 1}, BadInput, "epochs is 1"),
        ({"rule": 3, "epochs": 9}, BadInput, "rule is 3; give a StoppingRule"),
        ({"rule": "lasst", "epochs": 9}, UnknownName, "mean 'last'"),
        ({"over": "asha", "epochs": 9}, BadInput, "over is 'asha'; give a scheduler"),
        ({"mode": "down", "epochs": 9}, UnknownName, "down"),
    ],
)
def test_what_is_no_scheduler_is_refused(options, error, words):
    with pytest.raises(error, match=words):
        CurveStopper(**options)


def train_fn(config: dict[str, Any]) -> None:
    loader = subset_loader(batch_size=32)
    for epoch in range(1, EPOCHS + 1):
        list(loader)
        tune.report({"loss": loss(config["level"], epoch)})


@pytest.mark.slow
@pytest.mark.parametrize("over", [None, pytest.param("asha", marks=pytest.mark.long)])
def test_a_real_search_stops_trials_keeps_the_winner_and_says_so(tmp_path, over):
    below = ASHAScheduler(max_t=EPOCHS, grace_period=4) if over else None
    levels = [5.0, 4.0, 3.0, 2.0, 1.0, 6.0, 7.0, 0.0, 8.0, 9.0]
    start_ray(2)
    fitted = provider("random").fit(POOL)
    callback = LedgerCallback(tmp_path / "ledger.sqlite", "curves", show=False)
    results = tune.Tuner(
        with_subset(train_fn, fitted, 0.5),
        param_space={"level": tune.grid_search(levels)},
        tune_config=tune.TuneConfig(
            metric="loss", mode="min", scheduler=CurveStopper(epochs=EPOCHS, over=below),
            max_concurrent_trials=1, reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            storage_path=str(tmp_path), name="curves", callbacks=[callback], verbose=0
        ),
    ).fit()  # fmt: skip
    lengths = {one.config["level"]: one.metrics["training_iteration"] for one in results}
    assert results.get_best_result().config["level"] == 0.0
    assert lengths[0.0] == EPOCHS
    assert {lengths[level] for level in (6.0, 7.0, 8.0, 9.0)} == {1}
    assert callback.summary.stopped == {"last": 4}
    assert callback.summary.unspent == 4 * (EPOCHS - 1)
    assert callback.summary.states["stopped"] == 4
    assert "stopper         last: stopped 4 by last; 60 epochs not trained" in str(callback.summary)
