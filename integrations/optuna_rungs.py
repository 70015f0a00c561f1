"""Optuna: a sampler whose trials climb rungs; short ones first, the best anew for longer.

    plan = plan_rungs(trials=40, total=5)                 # 5 full trainings for 40 configurations
    study = optuna.create_study(direction="maximize", sampler=RungSampler(plan))
    study.optimize(SubsetObjective(objective, provider, 0.1, epochs=10), n_trials=plan.jobs)

    for epoch in range(subset.epochs): ...                # in the objective: was range(10)

A promoted trial suggests what the trial before it had; everything else is asked of the sampler that
is wrapped, which is shown each configuration once, by its place: by its highest rung, then by its
score there, so that scores of different lengths never stand beside each other.

Under `SubsetObjective` trials below the last rung end as pruned, with their value reported, so that
`study.best_trial` is the best of the last rung; `study.optimize` ends when the plan has. State is
read from the study's trials: threads and processes may share it, and a study goes on after a kill.
A worker waits for the last trials of a rung (`slack` lets some go up before that). A trial that
another process left running counts as failed once it has run for PATIENCE full trainings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from ..budgeting.passes import RUNG
from ..budgeting.rungs import Job, RungPlan, Rungs
from ..core.errors import BadInput

PATIENCE, LEAST_PATIENCE = 3.0, 60.0  # full trainings, seconds
SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 2.0  # seconds between two looks at who has ended
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class RungSampler(BaseSampler):
    """A sampler around another.

    Args:
        plan: the rungs.
        sampler: of new configurations; by default Optuna's TPE with `seed`.
        seed: of the default sampler.
        slack: see `Rungs`; how many promotions of a rung need not wait for its last trials.

    Raises:
        BadInput: when the study has several objectives, at its first trial.
    """

    def __init__(
        self,
        plan: RungPlan,
        sampler: BaseSampler | None = None,
        seed: int | None = None,
        slack: int = 0,
    ) -> None:
        Rungs(plan, slack=slack)
        self.plan, self.slack = plan, slack
        self.sampler = sampler or optuna.samplers.TPESampler(seed=seed)
        self._lock = threading.RLock()
        self._proposals: dict[int, optuna.Trial] = {}  # of new configurations, by trial
        self._parents: dict[int, FrozenTrial] = {}  # of promoted ones

    def __getstate__(self) -> dict[str, Any]:
        return {"plan": self.plan, "sampler": self.sampler, "slack": self.slack}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        if len(study.directions) > 1:
            raise BadInput(
                f"study {study.study_name!r} has {len(study.directions)} objectives; rungs rank "
                "trials by one"
            )
        pause = SHORTEST_PAUSE
        while not self._claimed(study, trial):
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _claimed(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Whether there is a job for this trial; else others must end first."""
        with self._lock:
            trials = _others(study, trial)
            rungs = self._replayed(trials, _maximizes(study))
            job = rungs.ask()
            if job is None and not rungs.done:
                return False
            if job is None or job.rung == 0:  # named by its first trial; beyond the plan it is idle
                job = Job(trial.number, 0, self.plan.rungs[0].length)
            last = job.rung == len(self.plan.rungs) - 1
            about = {"configuration": job.configuration, "rung": job.rung}
            about |= {"length": job.length, "last": last}
            study._storage.set_trial_user_attr(trial._trial_id, RUNG, about)
            rivals = [one for one in _ours(_others(study, trial)) if _job(one) == job]
            if any(one.number < trial.number for one in rivals):
                return False  # another process was quicker
            trial.user_attrs[RUNG] = about  # what the objective's trial reads
            if job.rung:
                self._parents[trial.number] = _parent(trials, job)
            else:
                self._proposals[trial.number] = self._shadow(study, trials).ask()
            return True

    def after_trial(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        with self._lock:
            self._proposals.pop(trial.number, None)
            self._parents.pop(trial.number, None)
            others = _others(study, trial)
            score = values[0] if values else _last(trial)
            ended = [(_job(trial), None if state == TrialState.FAIL else score)]
            done = self._replayed(others, _maximizes(study), ended).done
        if done:
            study.stop()

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        with self._lock:
            parent = self._parents.get(trial.number)
            if parent is not None and param_name in parent.params:
                return parent.params[param_name]
            if trial.number not in self._proposals:
                trials = study.get_trials(deepcopy=False)
                self._proposals[trial.number] = self._shadow(study, trials).ask()
            return _suggested(self._proposals[trial.number], param_name, param_distribution)

    def _replayed(
        self,
        trials: Sequence[FrozenTrial],
        maximizes: bool,
        ended: Sequence[tuple[Job, float | None]] = (),
    ) -> Rungs:
        """Where the search stands, from what its trials say."""
        rungs = Rungs(self.plan, "max" if maximizes else "min", self.slack)
        first = [one.number for one in _ours(trials) if not _job(one).rung][: self.plan.trials]
        planned = [one for one in _ours(trials) if _job(one).configuration in first]
        told = [(_job(one), _score(one)) for one in planned if one.state in ENDED]
        running = [one for one in planned if one.state not in ENDED]
        oldest = datetime.now() - timedelta(seconds=_patience(trials))
        lost = [one for one in running if not self._runs(one, oldest)]
        told += [(_job(one), None) for one in lost]
        rungs.replay([*told, *ended], [_job(one) for one in running if one not in lost])
        return rungs

    def _runs(self, trial: FrozenTrial, oldest: datetime) -> bool:
        mine = trial.number in self._parents or trial.number in self._proposals
        return mine or trial.datetime_start is None or trial.datetime_start > oldest

    def _shadow(self, study: optuna.Study, trials: Sequence[FrozenTrial]) -> optuna.Study:
        """What the wrapped sampler is shown: configurations by their place, more is better."""
        shown = optuna.create_study(direction="maximize", sampler=self.sampler)
        for place, trial in enumerate(_placed(trials, _maximizes(study))):
            shown.add_trial(
                optuna.trial.create_trial(
                    params=trial.params, distributions=trial.distributions, value=float(place)
                )
            )
        return shown


def _patience(trials: Sequence[FrozenTrial]) -> float:
    """Seconds after which a trial that says nothing counts as lost: by the median, since the time
    that a trial waited for others is in its own."""
    full = [
        one.duration.total_seconds() / _job(one).length
        for one in _ours(trials)
        if one.duration is not None
    ]
    return max(LEAST_PATIENCE, PATIENCE * median(full or [0.0]))


def _others(study: optuna.Study, trial: FrozenTrial) -> list[FrozenTrial]:
    return [one for one in study.get_trials(deepcopy=False) if one.number != trial.number]


def _ours(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return [one for one in trials if RUNG in one.user_attrs]


def _job(trial: FrozenTrial) -> Job:
    about = trial.user_attrs[RUNG]
    return Job(int(about["configuration"]), int(about["rung"]), float(about["length"]))


def _maximizes(study: optuna.Study) -> bool:
    return bool(study.direction == optuna.study.StudyDirection.MAXIMIZE)


def _last(trial: FrozenTrial) -> float | None:
    values = trial.intermediate_values
    return values[max(values)] if values else None


def _score(trial: FrozenTrial) -> float | None:
    """Its value, or of a pruned one what it last reported."""
    if trial.state == TrialState.FAIL:
        return None
    return trial.value if trial.state == TrialState.COMPLETE else _last(trial)


def _parent(trials: Sequence[FrozenTrial], job: Job) -> FrozenTrial:
    """The trial of the rung below that is promoted."""
    wanted = (job.configuration, job.rung - 1)
    return next(
        one for one in reversed(_ours(trials)) if _where(one) == wanted and one.state in ENDED
    )


def _where(trial: FrozenTrial) -> tuple[int, int]:
    job = _job(trial)
    return job.configuration, job.rung


def _placed(trials: Sequence[FrozenTrial], maximizes: bool) -> list[FrozenTrial]:
    """One trial a configuration, of its highest rung; the best last."""
    highest: dict[int, FrozenTrial] = {}
    for one in _ours(trials):
        if one.state not in ENDED or _score(one) is None:
            continue
        job = _job(one)
        held = highest.get(job.configuration)
        if held is None or _job(held).rung < job.rung:
            highest[job.configuration] = one
    sign = 1 if maximizes else -1
    return sorted(highest.values(), key=lambda one: (_job(one).rung, sign * _scored(one)))


def _scored(trial: FrozenTrial) -> float:
    score = _score(trial)
    assert score is not None
    return score


def _suggested(trial: optuna.Trial, name: str, distribution: BaseDistribution) -> Any:
    """What a sampler proposes, asked in the public words of a trial."""
    if isinstance(distribution, FloatDistribution):
        return trial.suggest_float(
            name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
        )
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(
            name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
        )
    assert isinstance(distribution, CategoricalDistribution)
    return trial.suggest_categorical(name, distribution.choices)
