"""What a Ray Tune search saved: printed and kept when it ends."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

from ray import tune
from subsel_automl.integrations.ray import (
    LedgerCallback,
    start_ray,
    subset_loader,
    with_subset,
)
from subsel_automl.integrations.ray.ledger import used

from subsel_automl import AmortizationLedger
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(60)
SECONDS = {
    f"{stage}_{unit}": 1.0
    for stage in ("select", "refresh", "train", "evaluate")
    for unit in ("seconds", "cpu_seconds")
}


class Trial:
    """What the callback asks of Ray's."""

    def __init__(self, name: str, config: dict[str, Any] | None = None) -> None:
        self.trial_id, self.config = name, config or {}


def result(number: int, accuracy: float | None = None, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "training_iteration": number, "provider": "random", "subset_size": 20, "pool": "clumps",
        "pool_size": 60, "architecture_key": "k", "gb_minutes": 0.0, "examples": 20.0,
        "full_examples": 60.0, **SECONDS, **more,
    }  # fmt: skip
    return told if accuracy is None else {**told, "accuracy": accuracy}


def report(callback: LedgerCallback, trial: Trial, told: dict[str, Any]) -> None:
    callback.on_trial_result(0, [], trial, told)


def test_the_block_is_printed_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    callback = LedgerCallback()
    for name, accuracy in (("a", 0.5), ("b", 0.7)):
        trial = Trial(name, {"lr": np.float32(0.5), "net": POOL})
        report(callback, trial, result(1, accuracy))
        callback.on_trial_complete(0, [], trial)
    callback.on_experiment_end([])
    summary = callback.summary
    assert summary is not None
    assert capsys.readouterr().out == f"{summary}\n"
    assert (summary.trials, summary.examples, summary.host) == (2, 40, "Ray Tune")
    assert summary.full is not None
    assert summary.full.wall == 2 * (3 + 1)
    assert summary.winner is not None
    assert (summary.winner.trial, summary.winner.value) == ("b", 0.7)
    assert summary.winner.config is not None
    assert summary.winner.config["lr"] == 0.5
    assert (
        summary.winner.config["net"].startswith("Pool(") or "Pool" in summary.winner.config["net"]
    )


def test_a_result_says_what_it_is_judged_by() -> None:
    callback = LedgerCallback(show=False)
    for name, loss in (("a", 0.5), ("b", 0.7)):
        told = result(1, 0.9, loss=loss, subset_facts={"metric": "loss", "mode": "min"})
        report(callback, Trial(name), told)
    callback.on_experiment_end([])
    assert callback.summary is not None
    winner = callback.summary.winner
    assert winner is not None
    assert (winner.trial, winner.metric, winner.value, winner.mode) == ("a", "loss", 0.5, "min")


def test_a_trial_that_ends_in_an_error_is_counted() -> None:
    callback = LedgerCallback(show=False)
    report(callback, Trial("a"), result(1, 0.5))
    callback.on_trial_error(0, [], Trial("a"))
    callback.on_experiment_end([])
    assert callback.summary is not None
    assert callback.summary.states == {"failed": 1}


def test_results_of_an_older_search_are_summed_up_as_far_as_they_go() -> None:
    callback = LedgerCallback(show=False)
    told = result(1, 0.5)
    for name in ("examples", "full_examples", "pool", "pool_size"):
        del told[name]
    report(callback, Trial("a"), told)
    callback.on_experiment_end([])
    assert callback.summary is not None
    assert callback.summary.full is None
    assert callback.summary.spent["total"].wall == 4.0


@pytest.mark.parametrize("kept", [False, True], ids=["memory", "file"])
def test_a_restored_search_counts_what_went_before_and_repeats_nothing(
    kept: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    callback = LedgerCallback(tmp_path / "ledger" if kept else None, "mine")
    report(callback, Trial("a"), result(1, 0.5))
    again = pickle.loads(pickle.dumps(callback))
    state = callback.get_state()
    if state is not None:
        again.set_state(pickle.loads(pickle.dumps(state)))
    again.on_experiment_end([])
    assert capsys.readouterr().out == ""  # nothing was left to do
    report(again, Trial("a"), result(1, 0.5))
    report(again, Trial("a"), result(2, 0.6))
    again.on_experiment_end([])
    assert again.summary.examples == 40
    assert capsys.readouterr().out.count("What was saved: search 'mine'") == 1


def test_preparation_of_the_drivers_provider_is_charged_once() -> None:
    chooser, callback = Random().fit(POOL), LedgerCallback(show=False)
    chooser.fit_seconds = 5.0
    used(chooser)
    for number in (1, 2):
        report(callback, Trial("a"), result(number, 0.5))
    assert callback.ledger.totals()["FIT_SAMPLER"]["wall"] == 5.0


def test_a_search_without_a_report_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    callback = LedgerCallback()
    callback.on_experiment_end([])
    assert callback.summary is None
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_a_real_search_ends_with_its_block(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def train(config: dict[str, Any]) -> None:
        loader = subset_loader(batch_size=10)
        for _ in range(2):
            list(loader)
            tune.report({"accuracy": config["lr"]})

    start_ray()
    callback = LedgerCallback(tmp_path / "ledger", "real")
    chooser = Random().fit(POOL)
    tune.Tuner(
        with_subset(train, chooser, 20, redraw_every=1),
        param_space={"lr": tune.grid_search([0.1, 0.2])},
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0, callbacks=[callback]),
    ).fit()
    assert callback.summary is not None
    assert callback.summary.states == {"complete": 2}
    assert callback.summary.examples == 80
    assert callback.summary.winner is not None
    assert callback.summary.winner.config == {"lr": 0.2}
    assert capfd.readouterr().out.count("What was saved: search 'real' in Ray Tune, 2 trials") == 1
    assert AmortizationLedger(tmp_path / "ledger").totals()["FIT_SAMPLER"]["count"] == 1
