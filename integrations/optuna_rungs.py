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
Deviation: a worker that would have to wait is given who leads so far, or a configuration more.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
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

from ..budgeting.rungs import Job, RungPlan, Rungs
from ..core.errors import BadInput

RUNG = "subset_rung"  # user attribute of a trial: {"configuration", "rung", "length"}
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class RungSampler(BaseSampler):
    """A sampler around another.

    Args:
        plan: the rungs.
        sampler: of new configurations; by default Optuna's TPE with `seed`.
        seed: of the default sampler.

    Raises:
        BadInput: when the study has several objectives, at its first trial.
    """

    def __init__(
        self, plan: RungPlan, sampler: BaseSampler | None = None, seed: int | None = None
    ) -> None:
        self.plan = plan
        self.sampler = sampler or optuna.samplers.TPESampler(seed=seed)
        self._lock = threading.RLock()
        self._proposals: dict[int, optuna.Trial] = {}  # of new configurations, by trial
        self._parents: dict[int, FrozenTrial] = {}  # of promoted ones

    def __getstate__(self) -> dict[str, Any]:
        return {"plan": self.plan, "sampler": self.sampler}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["plan"], state["sampler"])  # type: ignore[misc]

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        if len(study.directions) > 1:
            raise BadInput(
                f"study {study.study_name!r} has {len(study.directions)} objectives; rungs rank "
                "trials by one"
            )
        with self._lock:
            while True:
                trials = _others(study, trial)
                job = self._next(trials, _maximizes(study), trial.number)
                last = job.rung == len(self.plan.rungs) - 1
                about = {"configuration": job.configuration, "rung": job.rung}
                about |= {"length": job.length, "last": last}
                study._storage.set_trial_user_attr(trial._trial_id, RUNG, about)
                trial.user_attrs[RUNG] = about  # what the objective's trial reads
                rivals = [one for one in _ours(_others(study, trial)) if _job(one) == job]
                if not any(one.number < trial.number for one in rivals):
                    break  # else another process was quicker
            if job.rung:
                self._parents[trial.number] = _parent(trials, job)
            else:
                self._proposals[trial.number] = self._shadow(study, trials).ask()

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
        if self._replayed(others, _maximizes(study), ended).done:
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

    def _next(self, trials: Sequence[FrozenTrial], maximizes: bool, number: int) -> Job:
        """A configuration is named by its first trial; where the plan has begun everything, that is
        one configuration more."""
        job = self._replayed(trials, maximizes).ask(wait=False)
        return job if job and job.rung else Job(number, 0, self.plan.rungs[0].length)

    def _replayed(
        self,
        trials: Sequence[FrozenTrial],
        maximizes: bool,
        ended: Sequence[tuple[Job, float | None]] = (),
    ) -> Rungs:
        """Where the search stands, from what its trials say."""
        rungs = Rungs(self.plan, "max" if maximizes else "min")
        told = [(_job(one), _score(one)) for one in _ours(trials) if one.state in ENDED]
        running = [_job(one) for one in _ours(trials) if one.state not in ENDED]
        rungs.replay([*told, *ended], running)
        return rungs

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
