"""Optuna: what the trials of a study say of a search by rungs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import optuna
from optuna.trial import FrozenTrial, TrialState

from ..budgeting.passes import RUNG
from ..budgeting.rungs import Job

PATIENCE, LEAST_PATIENCE = 3.0, 60.0  # full trainings, seconds
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def patience(trials: Sequence[FrozenTrial]) -> float:
    """Seconds after which a trial that says nothing counts as lost: by the median, since the time
    that a trial waited for others is in its own."""
    full = [
        one.duration.total_seconds() / job_of(one).length
        for one in climbing(trials)
        if one.duration is not None
    ]
    return max(LEAST_PATIENCE, PATIENCE * median(full or [0.0]))


def others_of(study: optuna.Study, trial: FrozenTrial) -> list[FrozenTrial]:
    return [one for one in study.get_trials(deepcopy=False) if one.number != trial.number]


def climbing(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return [one for one in trials if RUNG in one.user_attrs]


def job_of(trial: FrozenTrial) -> Job:
    about = trial.user_attrs[RUNG]
    return Job(int(about["configuration"]), int(about["rung"]), float(about["length"]))


def maximizes(study: optuna.Study) -> bool:
    return bool(study.direction == optuna.study.StudyDirection.MAXIMIZE)


def last_report(trial: FrozenTrial) -> float | None:
    values = trial.intermediate_values
    return values[max(values)] if values else None


def score_of(trial: FrozenTrial) -> float | None:
    """Its value, or of a pruned one what it last reported."""
    if trial.state == TrialState.FAIL:
        return None
    return trial.value if trial.state == TrialState.COMPLETE else last_report(trial)


def parent_of(trials: Sequence[FrozenTrial], job: Job) -> FrozenTrial:
    """The trial of the rung below that is promoted."""
    wanted = (job.configuration, job.rung - 1)
    return next(
        one for one in reversed(climbing(trials)) if _where(one) == wanted and one.state in ENDED
    )


def _where(trial: FrozenTrial) -> tuple[int, int]:
    job = job_of(trial)
    return job.configuration, job.rung


def placed(trials: Sequence[FrozenTrial], maximizes: bool) -> list[FrozenTrial]:
    """One trial a configuration, of its highest rung; the best last."""
    highest: dict[int, FrozenTrial] = {}
    for one in climbing(trials):
        if one.state not in ENDED or score_of(one) is None:
            continue
        job = job_of(one)
        held = highest.get(job.configuration)
        if held is None or job_of(held).rung < job.rung:
            highest[job.configuration] = one
    sign = 1 if maximizes else -1
    return sorted(highest.values(), key=lambda one: (job_of(one).rung, sign * _scored(one)))


def _scored(trial: FrozenTrial) -> float:
    score = score_of(trial)
    assert score is not None
    return score
