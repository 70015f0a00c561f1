"""Trials of Optuna climb rungs: who goes up, what TPE is shown, what the study says at its end."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

pytest.importorskip("optuna", reason="extra [optuna] is not installed")

import optuna
from optuna.trial import TrialState
from subsel_automl.integrations.optuna import RungSampler, SubsetObjective, final_trial
from subsel_automl.integrations.optuna_rungs import RUNG
from subsel_automl.integrations.optuna_trials import placed

from subsel_automl import provider
from subsel_automl.budgeting.final import FINAL
from subsel_automl.budgeting.rungs import Rung, RungPlan
from subsel_automl.core.errors import BadInput
from subsel_automl.worlds import clump_pool

POOL = clump_pool(160)
PLAN = RungPlan((Rung(9, 1 / 16), Rung(3, 1 / 4), Rung(1, 1.0)))
EPOCHS = 16


@pytest.fixture(autouse=True)
def quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def wrapped(objective, **options) -> SubsetObjective:
    options = {"redraw_every": 1, "epochs": EPOCHS, **options}
    return SubsetObjective(objective, provider("random").fit(POOL), 0.5, **options)


def best_at_a_third(trial, subset) -> float:
    """Longer trials look worse here, so that a short one never stands beside a long one unseen."""
    return 1 - abs(trial.suggest_float("x", 0, 1) - 1 / 3) - 0.01 * subset.epochs


def rung(trial) -> dict:
    return trial.user_attrs[RUNG]


def study_of(final=None, **options):
    inner = options.pop("sampler", optuna.samplers.RandomSampler(0))
    sampler = RungSampler(PLAN, inner, final=final)
    return optuna.create_study(direction="maximize", sampler=sampler, **options)


@pytest.mark.parametrize("workers", [1, 4])
def test_the_best_climb_with_the_same_parameters_and_the_study_ends(workers):
    study = study_of()
    study.optimize(wrapped(best_at_a_third), n_trials=100, n_jobs=workers)
    trials = [one for one in study.trials if RUNG in one.user_attrs]
    first = {rung(one)["configuration"]: one for one in trials if not rung(one)["rung"]}
    assert 9 <= len(first) <= 9 + workers  # who began when the others had just ended
    best = max(list(first.values())[:9], key=lambda one: one.value)
    winner = study.best_trial
    assert rung(winner) | {"last": True, "rung": 2} == rung(winner)
    assert winner.params == best.params
    promoted = [one for one in trials if rung(one)["rung"]]
    assert len(promoted) == PLAN.jobs - 9
    assert all(one.params == first[rung(one)["configuration"]].params for one in promoted)


def test_a_trial_has_its_rungs_passes_and_share():
    seen = []

    def objective(trial, subset):
        seen.append((subset.epochs, len(subset.loader(batch_size=8))))
        return trial.suggest_float("x", 0, 1)

    study_of().optimize(wrapped(objective), n_trials=100)
    assert seen == [(4, 5)] * 9 + [(8, 10)] * 3 + [(32, 10)]


def test_trials_below_the_last_rung_are_pruned_and_the_best_trial_is_of_the_last():
    study = study_of()
    study.optimize(wrapped(best_at_a_third), n_trials=100)
    states = [one.state for one in study.trials]
    assert states == [TrialState.PRUNED] * 12 + [TrialState.COMPLETE]
    assert study.best_trial.number == 12
    assert study.best_value < max(one.value for one in study.trials)


def test_the_wrapped_sampler_is_shown_every_configuration_once_in_its_place():
    study = study_of()
    study.optimize(wrapped(best_at_a_third), n_trials=100)
    shown = placed(study.trials, maximizes=True)
    assert [rung(one)["rung"] for one in shown] == [0] * 6 + [1] * 2 + [2]
    assert len({rung(one)["configuration"] for one in shown}) == 9
    scores = [one.value for one in shown]
    assert scores[:6] == sorted(scores[:6])
    assert scores[6:8] == sorted(scores[6:8])


def test_tpe_learns_from_the_rungs():
    plan = RungPlan((Rung(40, 0.5), Rung(1, 1.0)))
    near = {}
    for name, sampler in (
        ("tpe", optuna.samplers.TPESampler(seed=1)),
        ("random", optuna.samplers.RandomSampler(1)),
    ):
        study = optuna.create_study(direction="maximize", sampler=RungSampler(plan, sampler))
        study.optimize(wrapped(best_at_a_third), n_trials=100)
        near[name] = sum(abs(one.params["x"] - 1 / 3) < 0.1 for one in study.trials[20:40])
    assert near["tpe"] >= near["random"] + 4


def test_a_study_goes_on_in_another_process_as_if_it_had_not_stopped(tmp_path: Path):
    undisturbed = study_of()
    undisturbed.optimize(wrapped(best_at_a_third), n_trials=100)
    storage = f"sqlite:///{tmp_path}/study.db"
    for _ in range(13):  # a sampler and an objective of its own each time
        study = study_of(
            storage=storage, study_name="one", load_if_exists=True,
            sampler=optuna.samplers.BruteForceSampler(),
        )  # fmt: skip
        study.optimize(
            wrapped(lambda trial, subset: trial.suggest_int("x", 0, 30) / 30 * subset.epochs),
            n_trials=1,
        )
    jobs = [(rung(one)["rung"], rung(one)["last"]) for one in study.trials]
    assert jobs == [(rung(one)["rung"], rung(one)["last"]) for one in undisturbed.trials]
    assert (
        rung(study.best_trial)["configuration"]
        == max(study.trials[:9], key=lambda one: one.params["x"]).number
    )


def test_less_is_better_where_a_study_minimizes():
    study = optuna.create_study(sampler=RungSampler(PLAN, optuna.samplers.RandomSampler(0)))
    study.optimize(wrapped(lambda trial, subset: trial.suggest_float("x", 0, 1)), n_trials=100)
    assert study.best_params["x"] == min(one.params["x"] for one in study.trials)
    assert len(study.trials) == PLAN.jobs


def test_a_trial_that_fails_is_not_promoted_and_the_study_ends():
    def objective(trial, subset):
        value = trial.suggest_float("x", 0, 1)
        if trial.number % 2:
            raise RuntimeError("out of memory")
        return value

    study = study_of()
    study.optimize(wrapped(objective), n_trials=100, catch=RuntimeError)
    failed = {
        rung(one)["configuration"] for one in study.trials[:9] if one.state == TrialState.FAIL
    }
    assert failed == {1, 3, 5, 7}
    assert not any(rung(one)["configuration"] in failed for one in study.trials[9:])


def test_a_loop_that_keeps_its_length_is_shortened_by_data_and_told_of_once():
    sizes = []

    def objective(trial, subset):
        sizes.append(len(subset.loader(batch_size=1)))
        return trial.suggest_float("x", 0, 1)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        study_of().optimize(wrapped(objective), n_trials=100)
    assert sum("subset.epochs" in str(one.message) for one in said) == 1
    assert sizes[1:] == [10] * 8 + [40] * 3 + [160]


def test_the_summary_compares_with_training_every_configuration_fully():
    study = study_of()
    objective = wrapped(best_at_a_third)

    def trained(trial, subset):
        for _ in range(subset.epochs):
            for _ in subset.loader(batch_size=8):
                pass
        return best_at_a_third(trial, subset)

    objective.objective = trained
    study.optimize(objective, n_trials=100)
    found = objective.summary(study).as_dict()
    assert found["trials"] == PLAN.jobs
    full = sum(one.user_attrs["subset_full_examples"] for one in study.trials)
    assert full == 9 * EPOCHS * len(POOL)
    handed = sum(one.user_attrs["subset_examples"] for one in study.trials)
    assert full / handed == pytest.approx(9 / PLAN.cost)


def test_a_study_of_several_objectives_is_refused():
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=RungSampler(PLAN))
    with pytest.raises(BadInput, match="2 objectives"):
        study.optimize(wrapped(lambda trial, subset: (0.0, 0.0)), n_trials=1)


def test_an_objective_without_a_length_is_refused():
    with pytest.raises(BadInput, match="epochs="):
        study_of().optimize(wrapped(best_at_a_third, epochs=None), n_trials=1)


def test_a_trial_that_a_killed_process_left_running_does_not_hold_up_the_search(monkeypatch):
    monkeypatch.setattr("subsel_automl.integrations.optuna_trials.LEAST_PATIENCE", 0.2)
    study = study_of()
    left = study.ask()  # nobody will end it
    study.sampler._proposals.clear()  # of another process
    study.optimize(wrapped(best_at_a_third), n_trials=100)
    assert rung(study.best_trial)["last"]
    assert not any(
        rung(one)["configuration"] == left.number for one in study.trials[1:] if rung(one)["rung"]
    )


@pytest.mark.parametrize("workers", [1, 3])
def test_the_winner_is_trained_on_all_data_once_and_last(workers):
    seen = {}

    def objective(trial, subset):
        seen[trial.number] = (subset.epochs, len(subset.loader(batch_size=8)))
        return best_at_a_third(trial, subset)

    study, searched = study_of(final="labels"), wrapped(objective)
    study.optimize(searched, n_trials=100, n_jobs=workers)
    (final,) = (one for one in study.trials if FINAL in one.user_attrs)
    assert seen[final.number] == (EPOCHS, len(POOL) // 8)
    climbed = [one for one in study.trials if RUNG in one.user_attrs]
    last = next(one for one in climbed if rung(one)["last"])
    assert final.params == last.params
    assert final.state == TrialState.COMPLETE
    assert len(study.trials) < PLAN.jobs + 2 * workers
    assert searched.summary(study).as_dict()["subset_size"] == len(POOL) // 2


def test_a_search_whose_trials_all_failed_has_no_last_training():
    def objective(trial, subset):
        trial.suggest_float("x", 0, 1)
        raise RuntimeError("out of memory")

    study = study_of(final="labels")
    study.optimize(wrapped(objective), n_trials=100, catch=RuntimeError)
    assert len(study.trials) == 9


def test_the_winner_of_any_study_is_trained_on_all_data_taught_by_its_trials(monkeypatch):
    """The teachers' answers are what the trials' networks said."""
    import torch

    told = []

    def objective(trial, subset):
        trial.suggest_float("x", 0, 1)
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 4))
        optimizer = torch.optim.Adam(model.parameters(), 0.03)
        loader = subset.loader(model=model, batch_size=8)
        for _ in range(subset.epochs):
            for x, y in loader:
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(model(x), y).backward()
                optimizer.step()
        told.append((subset.feed.targets, subset.feed.told_soft, len(loader) * 8))
        return 0.3

    study = optuna.create_study(direction="maximize")
    learner = provider("subselnet-online").fit(POOL)
    plain = SubsetObjective(objective, learner, 0.5, epochs=4)
    study.optimize(plain, n_trials=3)
    final_trial(study, "taught")
    study.optimize(plain, n_trials=1)
    assert [one[0] for one in told] == ["labels"] * 3 + ["soft"]
    assert told[-1][1].label_share < 1
    assert told[-1][2] == len(POOL)
    assert study.trials[-1].params == study.trials[0].params
    assert study.trials[-1].user_attrs["subset_full_examples"] == 0
