"""SubSelNet without a zoo: the search's own trials, as they end, become its reference networks.

    no lesson yet      random, the same number of every class; labels
    some lessons       the teachers' weighted mean answers (`maths/teaching.py`): losses for Eq. 9's
                       draw, and soft targets mixed with the label by the teachers' quality
    many networks      with `least_networks` distinct architectures, g_beta (Eq. 7) is fitted to the
                       lessons, and again whenever their number has doubled

What a network says of examples while it trains on them is heard, and costs nothing; where every
epoch draws afresh that is enough. Where it trains on one fixed subset it is asked about other
examples too, `asked` of them for each that it trained on (ASKED_AT_LEAST where there are so many),
in the same order in every trial. An answer counts by the error that the network had when it gave
it. A trial that would not count among the best is neither heard nor asked. Of classes, of labels
and of values alike (`maths/answers.py`); without classes draws are over the whole pool.

Source: this project, after SubSelNet (Jain et al. 2023) 4.2 and Eqs. 8, 9. Deviations of SubSelNet:
    [1] Reference networks are not trained for their own sake.
    [2] They are weighted by their held-out error; the paper's are all trained to the end.
    [3] How far they are trusted falls while a trial trains: a pupil that gets as good as its
        teachers is held back by them, and by easy examples.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ...core.architecture import UNTRACED, Architecture
from ...core.errors import ArchitectureError, BadInput
from ...core.learning import UNTAUGHT
from ...core.lesson import Heard, Lesson
from ...core.pool import Pool
from ...core.provider import Needs, Request, SubsetProvider
from ...core.subset import Provenance, Subset
from ...core.task import CLASSIFICATION
from ...core.zoo import Zoo
from ...maths import draws
from ...maths.answers import hard_targets, wrong
from ...maths.teaching import label_share
from ..base import LogProbabilities
from ..temperatures import UNIFORM, Choice
from ..transductive import SubSelNet
from .lessons import FolderTeachers, MemoryTeachers, Teachers, lesson_name
from .refit import Refit, fit_lessons
from .taught import Taught, summary

Rows = npt.NDArray[np.int64]
Predicted = tuple[LogProbabilities, str]
ASKED_AT_LEAST = 1000
NO_LONGER = 0.85  # share of the label from which easy examples are no longer preferred


class OnlineSubSelNet(SubSelNet):
    """SubSelNet that starts from nothing and learns from the trials of the search.

    Args:
        folder: where lessons are kept, shared by processes; None keeps them in this process.
        most_teachers: the best so many count.
        floor: a trial whose error is above this multiple of the best one's does not count.
        sample: most rows that a trial is asked about.
        asked: rows that a trial is asked about, for each example that it trained on.
        least_networks: distinct architectures before g_beta is fitted.
        temperature, per_class, solver, class_floor: see `SubSelNet`.
    """

    name = "subselnet-online"
    source = "this project, after Jain et al. 2023 (SubSelNet) 4.2, Eqs. 7 to 9"
    needs: ClassVar[Needs] = Needs.TARGETS
    cost: ClassVar[str] = "scores"
    learns: ClassVar[bool] = True

    def __init__(
        self,
        folder: Path | str | None = None,
        most_teachers: int = 8,
        floor: float = 1.5,
        sample: int = 50_000,
        asked: float = 0.1,
        least_networks: int = 8,
        temperature: float | None = None,
        per_class: bool | None = None,
        solver: str = "gibbs",
        class_floor: bool = True,
    ) -> None:
        super().__init__(temperature, per_class, solver, class_floor)
        for name, value in (("most_teachers", most_teachers), ("sample", sample)):
            if value < 1:
                raise BadInput(f"{name} is {value}; give at least 1")
        if floor < 1:
            raise BadInput(f"floor is {floor}; give a multiple of the best error, at least 1")
        if not 0 <= asked < np.inf:
            raise BadInput(f"asked is {asked}; give rows an example from 0")
        if least_networks < 2:
            raise BadInput(f"least_networks is {least_networks}; g_beta learns from at least 2")
        self.folder, self.most_teachers, self.floor = folder, most_teachers, floor
        self.sample, self.asked, self.least_networks = sample, asked, least_networks
        self.teachers: Teachers = MemoryTeachers()
        self.refit = Refit(least_networks)
        self._taught: tuple[str, Taught | None] = ("", None)

    def options(self) -> Mapping[str, Any]:
        return {
            **super().options(),
            "most_teachers": self.most_teachers,
            "floor": self.floor,
            "sample": self.sample,
            "asked": self.asked,
            "least_networks": self.least_networks,
        }

    def learned(self) -> str:
        """Of the lessons themselves: another search with as many has taught something else."""
        told = [(lesson_name(one), one.accuracy, one.examples) for one in self.teachers.lessons()]
        return hashlib.sha256(repr((told, self.teachers.fitted()[0])).encode()).hexdigest()

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self.refit, self._taught = Refit(self.refit.least, self.refit.background), ("", None)
        self._told, self._noise = set(), None
        self.teachers = MemoryTeachers()
        if self.folder is not None:
            self.teachers = FolderTeachers(self.folder, pool)

    def over(self, pool: Pool) -> SubsetProvider:
        """A copy for a fold, with teachers of its own: the same for every copy of this provider."""
        twin = copy.copy(self)
        twin.ledger, twin.folder = self.ledger, None
        twin.spent_seconds = twin.spent_cpu_seconds = 0.0
        twin.fit(pool)
        twin.teachers = self.teachers.part(pool)
        return twin

    def _asked_rows(
        self,
        accuracy: float | None,
        architecture: Architecture,
        examples: int,
        heard: Heard | None,
    ) -> Rows | None:
        if accuracy is not None and not self._counts(1 - accuracy, architecture):
            return None
        n = len(self.pool)
        if heard is not None and heard.redrawn:  # others are not needed
            return np.zeros(0, np.int64)
        count = min(n, self.sample, max(round(self.asked * examples), ASKED_AT_LEAST))
        return asked_rows(n, count)

    def _counts(self, error: float, architecture: Architecture) -> bool:
        """Whether a trial of that error would be among the teachers."""
        known = self.teachers.lessons()
        errors = sorted(lesson.accuracy for lesson in known)
        if len(known) < self.most_teachers:
            return True
        if error > self.floor * (1 - errors[-1]):
            return False
        new = all(one.architecture.key != architecture.key for one in known)
        return new or 1 - error > errors[-self.most_teachers]

    def _wrong(self, answers: npt.NDArray[np.floating], rows: Rows) -> float:
        return wrong(answers, self.pool, rows)

    def _learn(self, lesson: Lesson) -> None:
        self.teachers.add(lesson)
        lessons = [one for one in self.teachers.lessons() if one.architecture.space != UNTRACED]
        if self.pool.task == CLASSIFICATION:
            self.refit.consider(lessons, self.teachers.fitted()[0], self._fit_networks)
        self.forget()

    def _fit_networks(self, count: int) -> None:
        lessons = [one for one in self.teachers.lessons() if one.architecture.space != UNTRACED]
        self.teachers.publish(count, fit_lessons(lessons, self.pool))

    def ended(self, trial: str, untaught: str) -> str:
        reasons = self.teachers.untaught(trial, untaught)
        if self.teachers.lessons() or sum(reasons.values()) < UNTAUGHT:
            return ""
        if not self.first("untaught"):
            return ""
        why, count = reasons.most_common(1)[0]
        return (
            f"provider {self.name!r} has learned nothing from {sum(reasons.values())} finished "
            f"trials; of {count} of them: {why}"
        )

    def first(self, what: str) -> bool:
        return self.teachers.first(what)

    def taught(self) -> Taught | None:
        """What the lessons so far come to; None before the first."""
        lessons = self.teachers.lessons()
        names = repr([lesson_name(one) for one in lessons])
        if self._taught[0] != names:
            self._taught = names, summary(lessons, self.pool, self.most_teachers)
        return self._taught[1]

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        taught = self.taught()
        if taught is None:
            return [self._untaught(request) for request in requests]
        predicted = self._predictions(requests, taught)
        return [self._guided(r, p, taught) for r, p in zip(requests, predicted, strict=True)]

    def _untaught(self, request: Request) -> Subset:
        """The subset of `random-per-class`; as a soft target, the label itself."""
        pool = request.pool
        noise = draws.gumbels(0, len(pool), (request.seed, request.draw))
        rows = draws.top_b_per_class(noise, pool.groups, request.count)
        notes = {"teachers": 0, "target_temperature": 1.0, "label_share": 1.0}
        return Subset(rows, targets=hard_targets(pool, rows), provenance=Provenance(notes=notes))

    def _predictions(self, requests: Sequence[Request], taught: Taught) -> list[Predicted]:
        """g_beta's answers where it was fitted and knows the architecture, else the mean."""
        mean = taught.answers
        count, model = self.teachers.fitted()
        said = f"mean of {taught.teachers} teachers"
        if model is None:
            return [(mean, said)] * len(requests)
        found: list[Predicted] = []
        for request in requests:
            if request.architecture is None:
                found.append((mean, f"{said}: the host told no architecture"))
                continue
            try:
                answers = model.log_probabilities(request.pool, [request.architecture])[0]
                found.append((answers, f"g_beta of {count} architectures"))
            except ArchitectureError as error:
                found.append((mean, f"{said}: g_beta does not know this architecture ({error})"))
        return found

    def _guided(self, request: Request, predicted: Predicted, taught: Taught) -> Subset:
        answers, said = predicted
        chosen = self._chosen(request, answers)
        ahead = self._lead(request, taught)
        notes = {
            **chosen.provenance.notes,
            "prediction": said,
            "teachers": taught.teachers,
            "teacher_error": taught.error,
            "lead": ahead,
            "label_share": label_share(ahead),
        }
        return replace(chosen, provenance=Provenance(notes=notes))

    def _draw_key(self, request: Request) -> tuple[int, ...]:
        """Of trials after another lesson, others: else all would speak of the same examples, and
        of each at the same moment of their training."""
        return request.seed, request.draw, len(self.teachers.lessons())

    def _lead(self, request: Request, taught: Taught) -> float:
        """Of the teachers, at the middle of what this draw is for."""
        if request.mode.redraw:
            return taught.lead_at((request.draw + 0.5) * request.count)
        return taught.lead_at(taught.usual_examples / 3)

    def _choice(self, request: Request) -> Choice:
        """Easy examples while the teachers are clearly ahead, any of a class after that.  [3]"""
        choice, taught = super()._choice(request), self.taught()
        if self.temperature is None and taught is not None:
            label = label_share(self._lead(request, taught))
            if label >= NO_LONGER:
                return replace(choice, temperature=UNIFORM, ease_examples=None)
        return choice


def asked_rows(n: int, count: int) -> Rows:
    """`count` of n rows, in every process those of a smaller count and more."""
    return np.sort(np.random.default_rng([n, 0xA5]).permutation(n)[:count])
