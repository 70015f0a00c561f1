"""Optuna: the user's own objective, every trial on its subset; samplers and pruners untouched.

    def objective(trial, subset):
        loader = subset.loader(train_set, model=model, batch_size=64)    # was: DataLoader(...)
        ...
        return accuracy

    study.optimize(SubsetObjective(objective, provider, 0.1), ...)       # was: optimize(objective)

Each trial gets user attributes (`subset_provider`, `subset_size`, ..., seconds a stage), also when
it fails or is pruned. Several processes on one study share subsets through `cache=` and write one
ledger: an event is study, trial and stage, so a trial counts once. CPU seconds are the process's:
for parallel trials start processes, not `n_jobs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna

from ..core.budget import Budget
from ..core.feed import SoftTargets
from ..core.ledger import AmortizationLedger
from ..core.plan import SubsetPlan
from ..core.provider import SubsetProvider
from ..core.same_plan import same_plan
from ..hosting.clock import STAGES
from ..hosting.session import SubsetSession, charge_bill
from ..selectors.cached import Cached

Value = float | Sequence[float]
PLAN = "subset_plan"  # attribute of a study
Objective = Callable[[optuna.Trial, SubsetSession], Value]


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
        targets, redraw_every, seed, soft, epochs, prior: see `SubsetFeed`.
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
        redraw_every: int = 0,
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

    def __call__(self, trial: optuna.Trial) -> Value:
        if self.plan.provider.learns:
            self.plan.provider.forget()  # other processes' trials may have taught it since
        self._same_plan(trial.study)
        name = f"{trial.study.study_name}/{trial.number}"
        with SubsetSession(self.plan.feed(), name) as session:
            try:
                value = self.objective(trial, session)
                _tell(trial.study, session, value)
                session.teach()
                return value
            except optuna.TrialPruned:
                last = _last_report(trial)
                if last is not None:
                    _tell(trial.study, session, last)
                session.teach()
                raise
            finally:  # also of a trial that is pruned or fails
                self._write(trial, session, name)

    def _same_plan(self, study: optuna.Study) -> None:
        """A study that goes on does so with the plan that it began with."""
        asked = self.plan.feed().plan()
        held = study.user_attrs.get(PLAN)
        if held is None:
            study.set_user_attr(PLAN, asked)
        else:
            same_plan(held, asked, f"study {study.study_name!r}")

    def _write(self, trial: optuna.Trial, session: SubsetSession, name: str) -> None:
        bill = session.bill()
        facts = {
            "provider": bill["provider"],
            "architecture": bill["architecture_key"],
            "budget": str(session.feed.budget.size),
            "size": bill["subset_size"],
            "targets": self.plan.targets,
            "redraw_every": self.plan.redraw_every,
            "seed": self.plan.seed,
        }
        for stage in STAGES:
            for unit in ("seconds", "cpu_seconds"):
                key = f"{stage.lower()}_{unit}"
                facts[key] = bill[key]
        for key, value in facts.items():
            trial.set_user_attr(f"subset_{key}", value)
        if self.ledger is not None:
            _charge(self.ledger, trial.study.study_name, name, bill)


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


def _last_report(trial: optuna.Trial) -> float | None:
    known = trial.study.get_trials(deepcopy=False)
    values = next(one.intermediate_values for one in known if one.number == trial.number)
    return values[max(values)] if values else None


def _charge(path: Path, study: str, name: str, bill: dict[str, Any]) -> None:
    """One event a stage of a trial; the same event again changes nothing."""
    ledger = AmortizationLedger(path)
    try:
        charge_bill(ledger, study, name, name, bill)
    finally:
        ledger.close()
