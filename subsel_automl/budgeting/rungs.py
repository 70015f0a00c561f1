"""Halving with restarted schedules: every configuration for a very short time, the best ones anew
for longer.

    rung 0   n_0 configurations, each trained for l_0 of a full training
    rung r   the best n_r of rung r - 1, trained anew for l_r, each with a schedule that anneals to
             its end inside l_r
    cost     sum of n_r l_r full trainings

A trial that is promoted starts again: the prefix of a long schedule ranks worse than a short one
that was annealed (a schedule that steps late looks good in its middle), and nothing has to be kept
of a trial but its score. Promotion waits for a whole rung; with `Rungs(slack=k)` up to k of those
that lead so far go up before that, so that no worker is idle.

Source: this project, after successive halving (Jamieson and Talwalkar 2016) and ASHA (Li et al.
2020). Deviations:
    [1] Trials are restarted, not continued.
    [2] At most `slack` promotions of a rung are made early, so that at most so many are too many.
    [3] A configuration whose trial failed counts as the worst of its rung.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.modes import checked_mode


@dataclass(frozen=True)
class Rung:
    """So many trials of so long.

    Args:
        trials: configurations that train here.
        length: of a full training, in (0, 1].

    Raises:
        BadInput: others.
    """

    trials: int
    length: float

    def __post_init__(self) -> None:
        if isinstance(self.trials, bool) or not isinstance(self.trials, int) or self.trials < 1:
            raise BadInput(f"a rung has {self.trials!r} trials; give a whole number from 1")
        if not 0 < self.length <= 1:
            raise BadInput(
                f"a rung's length is {self.length}; give a share in (0, 1] of a full one"
            )

    @property
    def cost(self) -> float:
        """In full trainings."""
        return self.trials * self.length


@dataclass(frozen=True)
class RungPlan:
    """Rungs, the shortest first.

    Raises:
        BadInput: no rung; trials that grow, or lengths that do not, from one rung to the next.
    """

    rungs: tuple[Rung, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rungs", tuple(self.rungs))
        if not self.rungs:
            raise BadInput("a plan needs at least one rung; got none")
        for below, above in zip(self.rungs, self.rungs[1:], strict=False):
            if above.trials > below.trials or above.length <= below.length:
                raise BadInput(
                    f"a rung of {above.trials} trials of length {above.length:g} stands above one "
                    f"of {below.trials} of {below.length:g}; give fewer and longer ones upwards"
                )

    @property
    def trials(self) -> int:
        """Configurations that the plan looks at."""
        return self.rungs[0].trials

    @property
    def jobs(self) -> int:
        """Trainings, restarts counted."""
        return sum(rung.trials for rung in self.rungs)

    @property
    def cost(self) -> float:
        """In full trainings; the winner's last is not in it."""
        return sum(rung.cost for rung in self.rungs)

    def told(self) -> str:
        """As "48 of 1/16, 6 of 1/2"."""
        parts = ("1" if one.length == 1 else f"1/{1 / one.length:.3g}" for one in self.rungs)
        return ", ".join(f"{o.trials} of {p}" for o, p in zip(self.rungs, parts, strict=True))

    def as_list(self) -> list[dict[str, Any]]:
        """In JSON's types; `from_list` reads it."""
        return [asdict(rung) for rung in self.rungs]

    @classmethod
    def from_list(cls, rungs: Sequence[Mapping[str, Any]]) -> RungPlan:
        return cls(tuple(Rung(int(one["trials"]), float(one["length"])) for one in rungs))


@dataclass(frozen=True)
class Job:
    """One training: a configuration (counted from 0), its rung, and how long."""

    configuration: int
    rung: int
    length: float


class Rungs:
    """Who trains next, and who is promoted: ask for a job, tell its score.

    Args:
        plan: of the search.
        mode: whether more or less of a score is better.
        slack: promotions that a rung may give before all its trials have ended, of those that lead
            so far; 0 waits for them.

    Raises:
        BadInput, UnknownName: a slack below 0; a mode that nobody knows.
    """

    def __init__(self, plan: RungPlan, mode: str = "max", slack: int = 0) -> None:
        self.plan, self.mode = plan, checked_mode(mode)
        if isinstance(slack, bool) or not isinstance(slack, int) or slack < 0:
            raise BadInput(f"slack is {slack!r}; give a whole number from 0")
        self.slack = slack
        self._begun: list[list[int]] = [[] for _ in plan.rungs]  # configurations, in their order
        self._scores: list[dict[int, float]] = [{} for _ in plan.rungs]  # more is better
        self._again: list[Job] = []  # lost with their host, not with the trial

    def ask(self) -> Job | None:
        """The next training; None while others must end first, and when the search is over.

        Longer trainings go first: what is promoted does not wait for new configurations.
        """
        if self._again:
            return self._again.pop(0)
        for rung in range(len(self.plan.rungs) - 1, 0, -1):
            chosen = self._promotable(rung)
            if chosen is not None:
                return self._begin(chosen, rung)
        if len(self._begun[0]) < self.plan.trials:
            return self._begin(len(self._begun[0]), 0)
        return None

    def tell(self, job: Job, score: float | None) -> None:
        """What a training came to; None, or what is not finite, of one that failed  [3].

        Raises:
            BadInput: the job was not asked for, or told before.
        """
        if job.configuration not in self._begun[job.rung]:
            raise BadInput(f"{job} was not asked for; tell the jobs that `ask` gave")
        if job.configuration in self._scores[job.rung]:
            raise BadInput(f"the score of {job} was told before; a training is told once")
        self._scores[job.rung][job.configuration] = self._signed(score)

    def replay(self, told: Iterable[tuple[Job, float | None]], running: Iterable[Job] = ()) -> None:
        """Take in what a host kept of a search, in any numbering of configurations.

        Of a training that is told twice (a host that was killed made it again) a score counts more
        than a failure, and the first more than the second.
        """
        for job, score in told:
            self._take(job)
            held = self._scores[job.rung].get(job.configuration, -math.inf)
            if held == -math.inf:
                self._scores[job.rung][job.configuration] = self._signed(score)
        for job in running:
            self._take(job)

    def _take(self, job: Job) -> None:
        if job.configuration not in self._begun[job.rung]:
            self._begun[job.rung].append(job.configuration)

    def _signed(self, score: float | None) -> float:
        if score is None or not math.isfinite(score):
            return -math.inf
        return score if self.mode == "max" else -score

    def lost(self, job: Job) -> None:
        """A training whose host went away: it will be asked for again."""
        if job.configuration in self._scores[job.rung]:
            raise BadInput(f"the score of {job} was told; what was told is not lost")
        self._again.append(job)

    @property
    def done(self) -> bool:
        """Whether every rung is told, so that the winner stands."""
        return self._ended(len(self.plan.rungs) - 1)

    @property
    def winner(self) -> int | None:
        """The best of the highest rung that anybody has ended; None before the first."""
        for scores in reversed(self._scores):
            if scores and max(scores.values()) > -math.inf:
                return self._ranked(scores)[0]
        return None

    def told_of(self, configuration: int) -> list[tuple[float, float]]:
        """(length, score) of its trainings that ended and did not fail, the shortest first."""
        sign = 1 if self.mode == "max" else -1
        scores = [of.get(configuration, math.nan) for of in self._scores]
        told = zip(self.plan.rungs, scores, strict=True)
        return [(rung.length, sign * score) for rung, score in told if math.isfinite(score)]

    def ranked(self, rung: int) -> list[int]:
        """Configurations that ended in a rung, the best first."""
        return self._ranked(self._scores[rung])

    def begun(self, rung: int) -> int:
        """How many have begun in a rung."""
        return len(self._begun[rung])

    def resume(self, running: Iterable[Job]) -> None:
        """After `load_state_dict`: jobs that their host goes on with are not asked for again."""
        kept = set(running)
        self._again = [job for job in self._again if job not in kept]

    def state_dict(self) -> dict[str, Any]:
        """In JSON's types; jobs that had not ended are asked for again after `load_state_dict`."""
        return {
            "plan": self.plan.as_list(),
            "mode": self.mode,
            "slack": self.slack,
            "begun": [list(part) for part in self._begun],
            "scores": [
                [[key, None if math.isinf(value) else value] for key, value in part.items()]
                for part in self._scores
            ],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Raises BadInput when it is of another plan."""
        if (state["plan"], state["mode"]) != (self.plan.as_list(), self.mode):
            given, own = RungPlan.from_list(state["plan"]).told(), self.plan.told()
            raise BadInput(
                f"the state is of the plan {given!r} ({state['mode']}), this search has {own!r} "
                f"({self.mode}); go on with the plan that it began with"
            )
        self._begun = [list(part) for part in state["begun"]]
        self._scores = [
            {int(key): -math.inf if value is None else float(value) for key, value in part}
            for part in state["scores"]
        ]
        self._again = [
            Job(one, rung, self.plan.rungs[rung].length)
            for rung, part in enumerate(self._begun)
            for one in part
            if one not in self._scores[rung]
        ]

    def _begin(self, configuration: int, rung: int) -> Job:
        self._begun[rung].append(configuration)
        return Job(configuration, rung, self.plan.rungs[rung].length)

    def _promotable(self, rung: int) -> int | None:
        """The best configuration of the rung below that may begin here now."""
        room, below = self.plan.rungs[rung].trials, self._scores[rung - 1]
        ranked = self._good(rung - 1)
        if self._ended(rung - 1):
            due = [one for one in ranked[:room] if one not in self._begun[rung]]
            return due[0] if due else None
        if not self.slack:
            return None
        share = room / self.plan.rungs[rung - 1].trials
        leading = ranked[: math.floor(share * len(below))]  # ASHA's rule
        early = [one for one in leading if one not in self._begun[rung]]
        return early[0] if early and len(self._begun[rung]) < self.slack else None  # [2]

    def _ended(self, rung: int) -> bool:
        """Whether nobody will begin or end in a rung any more."""
        waiting = len(self._scores[rung]) < len(self._begun[rung])
        if waiting:
            return False
        if rung == 0:
            return len(self._begun[0]) >= self.plan.trials
        due = self._good(rung - 1)[: self.plan.rungs[rung].trials]
        return self._ended(rung - 1) and all(one in self._begun[rung] for one in due)

    def _good(self, rung: int) -> list[int]:
        """Who has ended in a rung and did not fail, best first."""
        scores = self._scores[rung]
        return [one for one in self._ranked(scores) if scores[one] > -math.inf]

    def _ranked(self, scores: Mapping[int, float]) -> list[int]:
        """Best first; the earlier one of two that are equal."""
        return sorted(scores, key=lambda one: (-scores[one], one))
