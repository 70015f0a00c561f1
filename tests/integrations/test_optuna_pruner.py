"""Optuna: trials are stopped by their curves, in the loop that Optuna's own tutorial has."""

from __future__ import annotations

import math
import pickle

import pytest

pytest.importorskip("optuna", reason="extra [optuna] is not installed")

import optuna
from optuna.trial import TrialState
from subsel_automl.integrations.optuna import CurvePruner, SubsetObjective, stopped_text
from subsel_automl.integrations.optuna_pruner import reports

from subsel_automl import provider
from subsel_automl.budgeting.passes import RUNG
from subsel_automl.budgeting.stopping import StoppingRule
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.worlds import clump_pool

EPOCHS = 32


@pytest.fixture(autouse=True)
def quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def study_of(pruner=None, direction="minimize", seed=0, **options) -> optuna.Study:
    sampler = optuna.samplers.RandomSampler(seed)
    return optuna.create_study(
        direction=direction, sampler=sampler, pruner=pruner or CurvePruner(), **options
    )


def trained(trial, epochs=EPOCHS, sign=1.0) -> float:
    """As Optuna's tutorial on pruning: report, should_prune, raise."""
    level = trial.suggest_float("x", 0, 1)
    for epoch in range(epochs):
        value = sign * (level + 1 / (epoch + 1))
        trial.report(value, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return value


def states(study) -> list[str]:
    return [trial.state.name for trial in study.trials]


@pytest.mark.parametrize(
    ("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)], ids=["loss", "accuracy"]
)
def test_most_trials_are_stopped_and_the_best_is_not(direction, sign):
    study = study_of(direction=direction)
    study.optimize(lambda trial: trained(trial, sign=sign), n_trials=40)
    assert states(study).count("PRUNED") > 20
    best = min(study.trials, key=lambda one: one.params["x"])
    assert study.best_trial.number == best.number


def test_no_trial_is_stopped_before_one_has_finished_or_epochs_are_told():
    told, untold = study_of(CurvePruner(epochs=EPOCHS)), study_of()
    for study in (told, untold):
        for level in range(12):
            trial = study.ask()
            trial.report(float(level), 0), trial.report(float(level), 1)
            if level == 11:
                assert trial.should_prune() is (study is told)


def test_a_trial_whose_loss_is_no_number_is_stopped():
    study = study_of()
    trial = study.ask()
    trial.report(math.nan, 0)
    assert trial.should_prune()
    assert study.trials[0].user_attrs["subset_stopped"]["stopped_by"] == "diverged"


def test_steps_may_begin_anywhere_and_have_gaps():
    def objective(trial):
        level = trial.suggest_float("x", 0, 1)
        for epoch in range(EPOCHS):
            trial.report(level + 1 / (epoch + 1), 100 + 5 * epoch)
            if trial.should_prune():
                raise optuna.TrialPruned()
        return level

    plain, gaps = study_of(), study_of()
    plain.optimize(trained, n_trials=30)
    gaps.optimize(objective, n_trials=30)
    assert states(plain) == states(gaps)


def test_reports_stand_in_the_order_of_their_steps():
    told = {4: 0.4, 1: 0.1, 2: 0.2}
    trial = optuna.trial.create_trial(value=1.0, intermediate_values=told)
    assert list(reports(trial)) == [0.1, 0.2, 0.4]


@pytest.mark.parametrize(("rung", "stops"), [(0, True), (1, False)])
def test_a_trial_is_compared_with_those_of_its_rung(rung, stops):
    """Short trials that anneal early are ahead of long ones at the same epoch."""
    study = study_of(CurvePruner(epochs=EPOCHS))
    for level in range(8):
        study.add_trial(
            optuna.trial.create_trial(
                value=float(level),
                user_attrs={RUNG: {"rung": 0}},
                intermediate_values={step: float(level) for step in range(EPOCHS)},
            )
        )
    trial = study.ask()
    trial.set_user_attr(RUNG, {"rung": rung})
    trial.report(9.0, 0)
    assert trial.should_prune() is stops


def test_a_trial_longer_than_a_whole_training_is_told_of():
    study = study_of(CurvePruner(epochs=4))
    with pytest.warns(UserWarning, match="reported 5 times and a whole training 4 times"):
        study.optimize(lambda trial: trained(trial, 5), n_trials=1)


def test_another_pruner_is_asked_first():
    study = study_of(CurvePruner(over=optuna.pruners.ThresholdPruner(upper=1.3)))
    study.optimize(trained, n_trials=30)
    reported = [max(one.intermediate_values) for one in study.trials if one.params["x"] > 0.3]
    assert set(reported) == {0}


def test_a_study_that_goes_on_in_another_process_judges_as_it_did(tmp_path):
    from optuna.storages.journal import JournalFileBackend

    storage = optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "study.log")))
    whole = study_of()
    whole.optimize(trained, n_trials=30)
    first = study_of(storage=storage, study_name="one")
    first.optimize(trained, n_trials=12)
    again = optuna.load_study(
        study_name="one", storage=storage, pruner=pickle.loads(pickle.dumps(CurvePruner()))
    )
    for trial in whole.trials[12:]:
        again.enqueue_trial(trial.params)
    again.optimize(trained, n_trials=18)
    assert states(again) == states(whole)


def test_a_learned_predictor_takes_over_and_the_study_says_so():
    rule = StoppingRule(predictor="ridge", after=8, share=0.4)
    study = study_of(CurvePruner(rule))
    study.optimize(trained, n_trials=60)
    by = [one.user_attrs["subset_stopped"]["stopped_by"] for one in study.trials if
          one.state == TrialState.PRUNED]  # fmt: skip
    assert set(by) == {"last", "ridge"}
    assert stopped_text(study).startswith("ridge after 8 finished trials, before that last: stop")
    assert f"{by.count('ridge')} by ridge" in stopped_text(study)


@pytest.mark.parametrize("kept", [True, False], ids=["ledger", "attributes"])
def test_the_summary_says_who_stopped_how_many_and_what_that_spared(tmp_path, kept):
    def objective(trial, subset):
        level = trial.suggest_float("x", 0, 1)
        for epoch in range(EPOCHS):
            list(subset.loader(batch_size=64))
            trial.report(level + 1 / (epoch + 1), epoch)
            if trial.should_prune():
                raise optuna.TrialPruned()
        return level

    ledger = tmp_path / "ledger.sqlite" if kept else None
    fitted = provider("random").fit(clump_pool(64))
    wrapped = SubsetObjective(objective, fitted, 0.5, ledger=ledger)
    study = study_of()
    study.optimize(wrapped, n_trials=20)
    summary = wrapped.summary(study)
    pruned = [one for one in study.trials if one.state == TrialState.PRUNED]
    unspent = sum(EPOCHS - len(one.intermediate_values) for one in pruned)
    assert summary.stopped == {"last": len(pruned)}
    assert summary.unspent == unspent > 0
    assert f"last: stopped {len(pruned)} by last; {unspent:,} epochs not trained" in str(summary)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"rule": 3}, BadInput, "rule is 3; give a StoppingRule or the name of a predictor"),
        ({"rule": "lasst"}, UnknownName, "mean 'last'"),
        ({"epochs": 1}, BadInput, "epochs is 1"),
        ({"over": "median"}, BadInput, "over is 'median'; give a pruner of Optuna"),
    ],
)
def test_what_is_no_pruner_is_refused(options, error, words):
    with pytest.raises(error, match=words):
        CurvePruner(**options)


def test_threads_of_one_study_share_the_pruner():
    rule = StoppingRule(predictor="ridge", after=5)
    study = study_of(CurvePruner(rule))
    study.optimize(trained, n_trials=60, n_jobs=4)
    assert states(study).count("FAIL") == 0
    assert states(study).count("PRUNED") > 20
