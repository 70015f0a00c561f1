"""Optuna: the user's own objective, every trial on its subset; samplers and pruners untouched.

    def objective(trial, subset):
        loader = subset.loader(train_set, model=model, batch_size=64)    # was: DataLoader(...)
        ...
        return accuracy

    study.optimize(SubsetObjective(objective, provider, 0.1), ...)       # was: optimize(objective)

Each trial gets user attributes (`subset_provider`, `subset_size`, ..., seconds a stage), also when
it fails or is pruned. Several processes on one study share subsets through `cache=` and write one
ledger: an event is study, trial and stage, so a trial counts once. Trials of `n_jobs` threads share
the CPU seconds of their process.

What was saved is `objective.summary(study)`, at any time. Optuna calls nobody when `optimize` ends,
and nothing of Optuna is replaced here: a summary that was not asked for since the last trial is
printed when the interpreter exits, once a study and process (in a notebook, ask for it).
"""

from __future__ import annotations

import atexit
import math
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna

from ..budgeting.final import FINAL, final_plan
from ..budgeting.passes import KEPT_LENGTH, RUNG, full_examples, plan_of_rung
from ..core.budget import Budget
from ..core.feed import SoftTargets, SubsetFeed
from ..core.plan import SubsetPlan
from ..core.provider import SubsetProvider
from ..core.same_plan import same_plan
from ..core.summary import SearchSummary
from ..hosting.account import SearchAccount
from ..hosting.bill import FACTS
from ..hosting.clock import STAGES
from ..hosting.session import SubsetSession
from ..selectors.cached import Cached
from .optuna_bill import COUNTED, charge, charge_attributes, state, winner
from .optuna_final import final_trial
from .optuna_pruner import CurvePruner, stopped_facts, stopped_text
from .optuna_rungs import RungSampler

__all__ = ["CurvePruner", "RungSampler", "SubsetObjective", "final_trial", "stopped_text"]

Value = float | Sequence[float]
PLAN = "subset_plan"  # attribute of a study
BY_DATA = "subset_rungs_by_data"  # attribute of a study whose objective keeps its own length
HOST = "Optuna"
SEVERAL = "none: the study has several objectives (study.best_trials)"
Objective = Callable[[optuna.Trial, SubsetSession], Value]
_unsaid: dict[str, tuple[SubsetObjective, optuna.Study]] = {}  # summaries to print at the exit


class SubsetObjective:
    """What `study.optimize` is given; it pickles, and may be made in several processes.

    A study keeps its plan (provider with its options, budget, redraws, targets, seed): going on
    with another one is refused by the name of what differs.

    A provider that learns is taught by every trial that ends with a value or is pruned: how good it
    is is what the trial told (`subset.tell`), else its value (of a study that minimizes, a loss),
    or of a pruned trial what it last reported. A study of several objectives tells nothing: a trial
    that does not either is measured by what it answered before it was trained on it.

    Args:
        objective: the user's, with the trial's session as second argument.
        provider: fitted; its pool holds the user's training examples in their order.
        targets, redraw_every, seed, soft, epochs, prior: see `SubsetFeed`. Under a `RungSampler`
            `epochs` are those of a full training on all data, and the budget the most of a pass.
        cache: folder of subsets that processes share: one selection an architecture, in all.
        ledger: its file, or None.

    Raises:
        BadInput: what `SubsetFeed` refuses.
    """

    def __init__(
        self,
        objective: Objective,
        provider: SubsetProvider,
        budget: Budget | int | float,
        *,
        targets: str = "labels",
        redraw_every: int | None = None,
        seed: int = 0,
        soft: SoftTargets | None = None,
        epochs: int | None = None,
        prior: str = "change",
        cache: Path | str | None = None,
        ledger: Path | str | None = None,
    ) -> None:
        self.objective = objective
        kept = provider if cache is None else Cached(provider, Path(cache).resolve())
        self.plan = SubsetPlan(kept, budget, targets, redraw_every, seed, soft, epochs, prior)
        self.plan.feed()
        self.ledger = None if ledger is None else Path(ledger).resolve()
        self._accounts: dict[str, SearchAccount] = {}

    def __call__(self, trial: optuna.Trial) -> Value:
        if self.plan.provider.learns:
            self.plan.provider.forget()  # other processes' trials may have taught it since
        self._same_plan(trial.study)
        name = f"{trial.study.study_name}/{trial.number}"
        _unsaid[trial.study.study_name] = self, trial.study
        value: Value | None = None
        rung, final = trial.user_attrs.get(RUNG), FINAL in trial.user_attrs
        with SubsetSession(self._feed(trial), name) as session:
            if final:
                session.stands_for, session.last_training = 0.0, True
            elif rung is not None:
                session.stands_for = full_examples(self.plan, rung["rung"])
            try:
                value = self.objective(trial, session)
                _tell(trial.study, session, value)
                session.teach()
                if rung is not None and not final:
                    _climb(trial, rung, session, value)
                return value
            except optuna.TrialPruned:
                last = _last_report(trial)
                if last is not None:
                    _tell(trial.study, session, last)
                session.teach()
                raise
            finally:  # also of a trial that is pruned or fails
                self._write(trial, session, name, value)

    def summary(self, study: optuna.Study) -> SearchSummary:
        """What the study's trials cost, in all processes, what they would have cost on all data,
        and who won: the best trial of a study with one objective; of several there is none.

        From the ledger, or without one from the attributes of the study's trials.

        Raises:
            UnknownName: the ledger has nothing of this study.
        """
        _unsaid.pop(study.study_name, None)
        account = SearchAccount(study.study_name, self.ledger, HOST)
        account.prepared(self.plan.provider)
        single = len(study.directions) == 1
        if self.ledger is None:
            for trial in study.get_trials(deepcopy=False):
                charge_attributes(account, trial, stopped_facts(study, trial))
        try:
            found = account.summary()
        finally:
            account.close()
        if not single:
            return replace(found, winner=None, no_winner=SEVERAL)
        return replace(found, winner=winner(study))

    def _feed(self, trial: optuna.Trial) -> SubsetFeed:
        """Of a search by rungs, its rung's part of a full training; of the winner's last, all."""
        if FINAL in trial.user_attrs:
            return final_plan(self.plan, trial.user_attrs[FINAL]).feed()
        rung = trial.user_attrs.get(RUNG)
        if rung is None:
            return self.plan.feed()
        by_data = bool(trial.study.user_attrs.get(BY_DATA))
        return plan_of_rung(self.plan, rung["length"], by_data).feed()

    def _same_plan(self, study: optuna.Study) -> None:
        """A study that goes on does so with the plan that it began with."""
        asked = self.plan.feed().plan()
        held = study.user_attrs.get(PLAN)
        if held is None:
            study.set_user_attr(PLAN, asked)
        else:
            same_plan(held, asked, f"study {study.study_name!r}")

    def _write(self, trial: optuna.Trial, session: SubsetSession, name: str, value: Any) -> None:
        bill = session.bill()
        facts = {
            **{name: bill[name] for name in (*FACTS, *COUNTED)},
            "architecture": bill["architecture_key"],
            "budget": str(bill["budget"]),
            "size": bill["subset_size"],
            "seed": self.plan.seed,
        }
        del facts["subset_size"]
        for stage in STAGES:
            for unit in ("seconds", "cpu_seconds"):
                key = f"{stage.lower()}_{unit}"
                facts[key] = bill[key]
        for key, fact in facts.items():
            trial.set_user_attr(f"subset_{key}", fact)
        if self.ledger is None:
            return
        study = trial.study.study_name
        account = self._accounts.setdefault(study, SearchAccount(study, self.ledger, HOST))
        try:
            account.prepared(self.plan.provider)
            stopped = stopped_facts(trial.study, trial)
            charge(account, name, bill, trial.params, value, state(value), stopped)
        finally:
            account.close()


def _tell(study: optuna.Study, session: SubsetSession, value: Any) -> None:
    """The objective's value says how good the network is, where a provider learns and the trial has
    not told. What is no number is Optuna's to judge (None, NaN and text fail a trial there)."""
    told = session.accuracy is not None or not session.feed.provider.learns
    if told or len(study.directions) > 1:
        return
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    maximizes = study.direction == optuna.study.StudyDirection.MAXIMIZE
    session.tell(number, "max" if maximizes else "min")


def _climb(
    trial: optuna.Trial, rung: Mapping[str, Any], session: SubsetSession, value: Value
) -> None:
    """A trial below the last rung ends as pruned, with its value reported; one that kept its own
    length is told of, once a study."""
    if not session.read_epochs and not trial.study.user_attrs.get(BY_DATA):
        trial.study.set_user_attr(BY_DATA, True)
        warnings.warn(KEPT_LENGTH, stacklevel=2)
    if rung["last"] or not isinstance(value, (int, float)) or not math.isfinite(value):
        return
    reported = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values
    trial.report(value, 1 + max(reported, default=-1))
    raise optuna.TrialPruned(f"rung {rung['rung']} of the plan")


def _last_report(trial: optuna.Trial) -> float | None:
    known = trial.study.get_trials(deepcopy=False)
    values = next(one.intermediate_values for one in known if one.number == trial.number)
    return values[max(values)] if values else None


@atexit.register
def _say_at_exit() -> None:
    """Print the summaries that nobody asked for."""
    for objective, study in list(_unsaid.values()):
        try:
            found = objective.summary(study)
            if found.trials:
                print(found, flush=True)
        except Exception as error:  # a storage that is gone; a search is not spoilt by its summary
            told = f"{type(error).__name__}: {error}"
            print(f"no summary of study {study.study_name!r} ({told})", file=sys.stderr)
    _unsaid.clear()
