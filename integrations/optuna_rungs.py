"""Optuna: a sampler whose trials climb rungs; short ones first, the best anew for longer.

    plan = plan_rungs(trials=40, total=5)                 # 5 full trainings for 40 configurations
    study = optuna.create_study(direction="maximize", sampler=RungSampler(plan))
    study.optimize(SubsetObjective(objective, provider, 0.1, epochs=10), n_trials=plan.jobs)

    for epoch in range(subset.epochs): ...                # in the objective: was range(10)

With `final="taught"` (or "labels") the winner is trained on all data at the end, one trial more.

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

from ..budgeting.final import FINAL, final_about
from ..budgeting.passes import RUNG
from ..budgeting.rungs import Job, RungPlan, Rungs
from ..core.errors import BadInput
from .optuna_trials import (
    ENDED,
    climbing,
    job_of,
    last_report,
    maximizes,
    others_of,
    parent_of,
    patience,
    placed,
    score_of,
)

SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 2.0  # seconds between two looks at who has ended


class RungSampler(BaseSampler):
    """A sampler around another.

    Args:
        plan: the rungs.
        sampler: of new configurations; by default Optuna's TPE with `seed`.
        seed: of the default sampler.
        slack: see `Rungs`; how many promotions of a rung need not wait for its last trials.
        final: None, or the targets of the winner's training on all data: "labels", or "taught" (by
            the search's trials where they are ahead of the winner; the provider has to learn).

    Raises:
        BadInput: when the study has several objectives, at its first trial.
        UnknownName: another final.
    """

    def __init__(
        self,
        plan: RungPlan,
        sampler: BaseSampler | None = None,
        seed: int | None = None,
        slack: int = 0,
        final: str | None = None,
    ) -> None:
        Rungs(plan, slack=slack)
        if final is not None:
            final_about(final)
        self.plan, self.slack, self.final = plan, slack, final
        self.sampler = sampler or optuna.samplers.TPESampler(seed=seed)
        self._lock = threading.RLock()
        self._proposals: dict[int, optuna.Trial] = {}  # of new configurations, by trial
        self._parents: dict[int, FrozenTrial] = {}  # of promoted ones

    def __getstate__(self) -> dict[str, Any]:
        kept = ("plan", "sampler", "slack", "final")
        return {name: getattr(self, name) for name in kept}

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
            trials = others_of(study, trial)
            rungs = self._replayed(trials, maximizes(study))
            job = rungs.ask()
            if job is None and not rungs.done:
                return False
            if job is None and self._final_due(trials, rungs):
                return self._claimed_final(study, trial, rungs)
            if job is None or job.rung == 0:  # named by its first trial; beyond the plan it is idle
                job = Job(trial.number, 0, self.plan.rungs[0].length)
            last = job.rung == len(self.plan.rungs) - 1
            about: dict[str, Any] = {"configuration": job.configuration, "rung": job.rung}
            about |= {"length": job.length, "last": last}
            study._storage.set_trial_user_attr(trial._trial_id, RUNG, about)
            rivals = [one for one in climbing(others_of(study, trial)) if job_of(one) == job]
            if any(one.number < trial.number for one in rivals):
                return False  # another process was quicker
            trial.user_attrs[RUNG] = about  # what the objective's trial reads
            if job.rung:
                self._parents[trial.number] = parent_of(trials, job)
            else:
                self._proposals[trial.number] = self._shadow(study, trials).ask()
            return True

    def _final_due(self, trials: Sequence[FrozenTrial], rungs: Rungs) -> bool:
        """Whether the rungs have a winner whose training on all data nobody has begun."""
        asked = self.final is not None and rungs.done and rungs.winner is not None
        return asked and not self._finals(trials)

    def _finals(self, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
        """Trainings of the winner on all data that have ended or still run."""
        oldest = datetime.now() - timedelta(seconds=patience(trials))
        held = [one for one in trials if FINAL in one.user_attrs]
        return [one for one in held if one.state in ENDED or self._runs(one, oldest)]

    def _claimed_final(self, study: optuna.Study, trial: FrozenTrial, rungs: Rungs) -> bool:
        """Make this trial the winner's last, unless another process was quicker."""
        assert self.final is not None
        assert rungs.winner is not None
        told = rungs.told_of(rungs.winner)
        about = final_about(self.final, told, rungs.mode)
        study._storage.set_trial_user_attr(trial._trial_id, FINAL, about)
        trials = others_of(study, trial)
        if any(one.number < trial.number for one in self._finals(trials)):
            return False
        trial.user_attrs[FINAL] = about
        highest = Job(rungs.winner, len(told), 1.0)  # as if there were a rung above its last
        self._parents[trial.number] = parent_of(trials, highest)
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
            others = others_of(study, trial)
            score = values[0] if values else last_report(trial)
            if FINAL in trial.user_attrs:
                study.stop()
                return
            ended = [(job_of(trial), None if state == TrialState.FAIL else score)]
            rungs = self._replayed(others, maximizes(study), ended)
        if rungs.done and not self._final_due(others, rungs):
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
        first = [one.number for one in climbing(trials) if not job_of(one).rung][: self.plan.trials]
        planned = [one for one in climbing(trials) if job_of(one).configuration in first]
        told = [(job_of(one), score_of(one)) for one in planned if one.state in ENDED]
        running = [one for one in planned if one.state not in ENDED]
        oldest = datetime.now() - timedelta(seconds=patience(trials))
        lost = [one for one in running if not self._runs(one, oldest)]
        told += [(job_of(one), None) for one in lost]
        rungs.replay([*told, *ended], [job_of(one) for one in running if one not in lost])
        return rungs

    def _runs(self, trial: FrozenTrial, oldest: datetime) -> bool:
        mine = trial.number in self._parents or trial.number in self._proposals
        return mine or trial.datetime_start is None or trial.datetime_start > oldest

    def _shadow(self, study: optuna.Study, trials: Sequence[FrozenTrial]) -> optuna.Study:
        """What the wrapped sampler is shown: configurations by their place, more is better."""
        shown = optuna.create_study(direction="maximize", sampler=self.sampler)
        for place, trial in enumerate(placed(trials, maximizes(study))):
            shown.add_trial(
                optuna.trial.create_trial(
                    params=trial.params, distributions=trial.distributions, value=float(place)
                )
            )
        return shown


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
