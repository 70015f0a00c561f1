"""Optuna: a pruner that stops a trial whose curve foretells no good end.

    optuna.create_study(direction="minimize", pruner=CurvePruner())      # was: MedianPruner()

    trial.report(loss, epoch)                      # in the objective, as Optuna's tutorial has it
    if trial.should_prune():
        raise optuna.TrialPruned()

A curve is what a trial reports, in the order of its steps; a whole training has as many reports as
the longest trial that was completed, or `epochs`. Until one was, nothing is stopped. Trials of the
rungs of a `RungSampler` are compared within their rung. The state is the study's: threads and
processes share it, and a study that goes on after a kill judges as it did.

What was decided stands in the attribute `subset_stopped` of a pruned trial, and in the summary.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

from ..budgeting.passes import RUNG
from ..budgeting.stopping import Judge, StoppingRule, Verdict, told_of
from ..core.errors import BadInput

STOPPER, STOPPED = "subset_stopper", "subset_stopped"
JUDGED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class CurvePruner(BasePruner):
    """Stops by curves.

    Args:
        rule: a `StoppingRule`, or the name of its predictor ("last", "lcsvr", "wpm", ...).
        epochs: reports of a whole training; by default those of the longest completed trial.
        over: a pruner that is asked first; what it prunes is pruned.

    Raises:
        BadInput: epochs below 2, or an `over` that is no pruner. UnknownName: no such predictor.
    """

    def __init__(
        self,
        rule: StoppingRule | str = "last",
        *,
        epochs: int | None = None,
        over: BasePruner | None = None,
    ) -> None:
        self.rule = StoppingRule(predictor=rule) if isinstance(rule, str) else rule
        if not isinstance(self.rule, StoppingRule):
            raise BadInput(f"rule is {rule!r}; give a StoppingRule or the name of a predictor")
        if epochs is not None and epochs < 2:
            raise BadInput(f"epochs is {epochs}; give the reports of a whole training, 2 or more")
        if over is not None and not isinstance(over, BasePruner):
            raise BadInput(f"over is {over!r}; give a pruner of Optuna, or None")
        self.epochs, self.over = epochs, over
        self._judges: dict[str, Judge] = {}

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Whether the trial ends after what it reported last."""
        if self.over is not None and self.over.prune(study, trial):
            return True
        goal = "max" if study.direction == optuna.study.StudyDirection.MAXIMIZE else "min"
        if study.user_attrs.get(STOPPER) != self.rule.told():
            study.set_user_attr(STOPPER, self.rule.told())
        trials = _compared(study, trial)
        epochs = self.epochs or _longest(trials)
        mine = reports(trial)
        if not mine or (epochs is None and math.isfinite(mine[-1])):
            return False
        curves = {str(one.number): reports(one) for one in trials if one.number != trial.number}
        curves[str(trial.number)] = mine
        if epochs is not None and len(mine) > epochs:
            _warn_of_length(trial, len(mine), epochs)
            return False
        judge = self._judges.setdefault(goal, Judge(self.rule, goal))
        verdict = judge.verdict(str(trial.number), curves, epochs or len(mine))
        if verdict is None or not verdict.stop:
            return False
        _keep(study, trial, verdict, epochs or len(mine))
        return True


def reports(trial: FrozenTrial) -> Sequence[float]:
    """What a trial reported, by its steps."""
    return [value for _, value in sorted(trial.intermediate_values.items())]


def stopped_facts(study: optuna.Study, trial: FrozenTrial | optuna.Trial) -> dict[str, Any]:
    """Of a trial's account: by whom it was stopped; nothing in a study without the pruner."""
    stopper = study.user_attrs.get(STOPPER)
    if stopper is None:
        return {}
    if isinstance(trial, optuna.Trial):  # it does not see what was written beside it
        trial = study.get_trials(deepcopy=False)[trial.number]
    return {"stopper": stopper, **trial.user_attrs.get(STOPPED, {})}


def stopped_text(study: optuna.Study) -> str:
    """What the pruner did in a study, in words.

    Raises:
        BadInput: no `CurvePruner` judged a trial of the study.
    """
    stopper = study.user_attrs.get(STOPPER)
    if stopper is None:
        raise BadInput(f"no CurvePruner judged a trial of study {study.study_name!r}")
    trials = study.get_trials(deepcopy=False)
    return told_of(
        stopper, [one.user_attrs[STOPPED] for one in trials if STOPPED in one.user_attrs]
    )


def _compared(study: optuna.Study, trial: FrozenTrial) -> list[FrozenTrial]:
    """Trials with reports, of the same rung, in the order in which they ended."""
    mine = trial.user_attrs.get(RUNG, {}).get("rung")
    found = [
        one
        for one in study.get_trials(deepcopy=False, states=JUDGED)
        if one.intermediate_values and one.user_attrs.get(RUNG, {}).get("rung") == mine
    ]
    return sorted(found, key=lambda one: (one.datetime_complete or datetime.max, one.number))


def _longest(trials: Sequence[FrozenTrial]) -> int | None:
    done = [len(one.intermediate_values) for one in trials if one.state == TrialState.COMPLETE]
    return max(done, default=None)


def _keep(study: optuna.Study, trial: FrozenTrial, verdict: Verdict, epochs: int) -> None:
    study._storage.set_trial_user_attr(
        trial._trial_id, STOPPED, {"stopped_by": verdict.by, "unspent": epochs - verdict.epoch}
    )


def _warn_of_length(trial: FrozenTrial, seen: int, epochs: int) -> None:
    warnings.warn(
        f"trial {trial.number} has reported {seen} times and a whole training {epochs} times: it "
        "is not judged; give CurvePruner(epochs=...) as many as the longest reports",
        UserWarning,
        stacklevel=3,
    )
