"""SubSelNet without a zoo: the search's own trials, as they end, become its reference networks.

    no lesson yet      random, the same number of every class; labels
    some lessons       the teachers' weighted mean answers (`maths/teaching.py`): losses for Eq. 9's
                       draw, and soft targets mixed with the label by the teachers' quality
    many networks      with `least_networks` distinct architectures, g_beta (Eq. 7) is fitted to the
                       lessons, and again whenever their number has doubled

A trial that ends far below the best is not asked (`floor`): its forward pass over the pool would
cost more than it teaches. Where the pool is large, `sample` rows are asked about, the same in every
trial, and subsets are drawn among them.

Source: this project, after SubSelNet (Jain et al. 2023) 4.2 and Eqs. 8, 9. Deviations of SubSelNet:
    [1] Reference networks are not trained for their own sake.
    [2] They are weighted by their held-out error; the paper's are all trained to the end.
    [3] How far they are trusted falls while a trial trains: a pupil that gets as good as its
        teachers is held back by them, and by easy examples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ...core.errors import ArchitectureError, BadInput
from ...core.lesson import Lesson
from ...core.pool import Pool
from ...core.provider import Needs, Request
from ...core.subset import Provenance, Subset
from ...core.zoo import Zoo
from ...maths import draws
from ...maths.teaching import expected_error, label_share, lead, mean_answers, teacher_weights
from ..base import LogProbabilities
from ..temperatures import UNIFORM, Choice
from ..transductive import SubSelNet
from .lessons import FolderTeachers, MemoryTeachers, Teachers, lesson_name
from .refit import Refit, fit_lessons

Rows = npt.NDArray[np.int64]
Predicted = tuple[LogProbabilities, str]
NO_LONGER = 0.85  # share of the label from which easy examples are no longer preferred


@dataclass(frozen=True, eq=False)
class Taught:
    """What the lessons so far come to.

    Args:
        answers: log of the teachers' mean probability, [m, c].
        error: of that mean, held out, in 0..1.
        points: (examples, held-out error) of the lessons' trials, at their end and on their way.
        usual_examples: of a trial that ran to its end.
        teachers: how many count.
    """

    answers: npt.NDArray[np.float32]
    error: float
    points: tuple[tuple[float, float], ...]
    usual_examples: float
    teachers: int

    def lead_at(self, examples: float) -> float:
        """How far the teachers are ahead of a trial that has seen so many examples."""
        pupil = expected_error(examples, self.points)
        chance = 1 - 1 / self.answers.shape[1]
        return lead(min(pupil, chance), self.error)


class OnlineSubSelNet(SubSelNet):
    """SubSelNet that starts from nothing and learns from the trials of the search.

    Args:
        folder: where lessons are kept, shared by processes; None keeps them in this process.
        most_teachers: the best so many count.
        floor: a trial whose error is above this multiple of the best one's is not asked.
        sample: most rows that a trial is asked about.
        least_networks: distinct architectures before g_beta is fitted.
        temperature, per_class, solver, class_floor: see `SubSelNet`.
    """

    name = "subselnet-online"
    source = "this project, after Jain et al. 2023 (SubSelNet) 4.2, Eqs. 7 to 9"
    needs: ClassVar[Needs] = Needs.LABELS
    cost: ClassVar[str] = "scores"
    learns: ClassVar[bool] = True

    def __init__(
        self,
        folder: Path | str | None = None,
        most_teachers: int = 8,
        floor: float = 1.5,
        sample: int = 50_000,
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
        if least_networks < 2:
            raise BadInput(f"least_networks is {least_networks}; g_beta learns from at least 2")
        self.folder, self.most_teachers, self.floor = folder, most_teachers, floor
        self.sample, self.least_networks = sample, least_networks
        self.teachers: Teachers = MemoryTeachers()
        self.refit = Refit(least_networks)
        self._taught: tuple[int, Taught | None] = (0, None)

    def options(self) -> Mapping[str, Any]:
        return {
            **super().options(),
            "most_teachers": self.most_teachers,
            "floor": self.floor,
            "sample": self.sample,
            "least_networks": self.least_networks,
        }

    def learned(self) -> str:
        """Of the lessons themselves: another search with as many has taught something else."""
        told = [(lesson_name(one), one.accuracy, one.examples) for one in self.teachers.lessons()]
        return hashlib.sha256(repr((told, self.teachers.fitted()[0])).encode()).hexdigest()

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self._rows_asked = asked_rows(len(pool), self.sample)
        self.refit, self._taught = Refit(self.refit.least, self.refit.background), (0, None)
        self._told, self._noise = set(), None
        self.teachers = MemoryTeachers()
        if self.folder is not None:
            self.teachers = FolderTeachers(self.folder, pool, self._rows_asked)

    def _lesson_rows(self, accuracy: float) -> Rows | None:
        errors = [1 - lesson.accuracy for lesson in self.teachers.lessons()]
        if len(errors) >= self.most_teachers and 1 - accuracy > self.floor * min(errors):
            return None
        return self._rows_asked

    def _learn(self, lesson: Lesson) -> None:
        if not np.array_equal(lesson.indices, self._rows_asked):
            raise BadInput(
                f"the lesson speaks of {len(lesson.indices)} examples; this provider asks every "
                f"trial about the same {len(self._rows_asked)}. Make it with provider.lesson(...)"
            )
        self.teachers.add(lesson)
        self.refit.consider(self.teachers.lessons(), self.teachers.fitted()[0], self._fit_networks)
        self.forget()

    def _fit_networks(self, count: int) -> None:
        lessons = self.teachers.lessons()
        self.teachers.publish(count, fit_lessons(lessons, self.pool, self._over_pool))

    def taught(self) -> Taught | None:
        """What the lessons so far come to; None before the first."""
        lessons = self.teachers.lessons()
        if self._taught[0] != len(lessons):
            self._taught = len(lessons), summary(lessons, self._labels(), self.most_teachers)
        return self._taught[1]

    def _labels(self) -> Rows:
        assert self.pool.labels is not None
        return self.pool.labels[self._rows_asked]

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        taught = self.taught()
        if taught is None:
            return [self._untaught(request) for request in requests]
        predicted = self._predictions(requests, taught)
        return [self._guided(r, p, taught) for r, p in zip(requests, predicted, strict=True)]

    def _untaught(self, request: Request) -> Subset:
        """The subset of `random-per-class`; as a soft target, the label itself."""
        labels = request.pool.labels
        assert labels is not None
        noise = draws.gumbels(0, len(labels), (request.seed, request.draw))
        rows = draws.top_b_per_class(noise, labels, request.count)
        notes = {"teachers": 0, "target_temperature": 1.0, "label_share": 1.0}
        targets = np.eye(request.pool.classes, dtype=np.float32)[labels[rows]]
        return Subset(rows, targets=targets, provenance=Provenance(notes=notes))

    def _predictions(self, requests: Sequence[Request], taught: Taught) -> list[Predicted]:
        """g_beta's answers where it was fitted and knows the architecture, else the mean."""
        mean = self._over_pool(taught.answers)
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

    def _over_pool(self, answers: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Answers for all rows [n, c]; a row that was never asked about gets its class's mean."""
        n, labels = len(self.pool), self.pool.labels
        assert labels is not None
        if len(self._rows_asked) == n:
            return answers
        asked = labels[self._rows_asked]
        by_class = np.zeros((self.pool.classes, answers.shape[1]), np.float64)
        np.add.at(by_class, asked, np.exp(answers.astype(np.float64)))
        by_class += 1e-6
        whole = np.log(by_class / by_class.sum(1, keepdims=True))[labels].astype(np.float32)
        whole[self._rows_asked] = answers
        return whole


def asked_rows(n: int, sample: int) -> Rows:
    """All n rows, or the same `sample` of them in every process."""
    if n <= sample:
        return np.arange(n)
    return np.sort(np.random.default_rng([n, sample, 0xA5]).permutation(n)[:sample])


def summary(lessons: Sequence[Lesson], labels: Rows, most: int) -> Taught | None:
    """The best lessons' weighted mean, its error and the label's share that follows.

    The mean's error is that of the best teacher, held out, less what the mean gains over it on the
    pool, where all have seen about as much.
    """
    if not lessons:
        return None
    best = sorted(lessons, key=lambda one: (-one.accuracy, one.name))[:most]
    errors = np.array([1 - lesson.accuracy for lesson in best])
    answers = mean_answers([one.log_probabilities for one in best], teacher_weights(errors))
    gained = _error(best[0].log_probabilities, labels) - _error(answers, labels)
    error = max(float(errors[0]) - max(gained, 0.0), 0.0)
    measured = [(one.examples, one.accuracy) for one in lessons]
    measured += [point for one in lessons for point in one.curve]
    points = tuple((float(examples), 1 - accuracy) for examples, accuracy in measured)
    seen = float(np.median([lesson.examples for lesson in lessons]))
    return Taught(answers, error, points, seen, len(best))


def _error(answers: npt.NDArray[np.floating], labels: Rows) -> float:
    return float((answers.argmax(1) != labels).mean())
