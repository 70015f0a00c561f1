"""What the lessons of a search come to: the teachers' mean answers, their error, how far ahead.

    weight of a teacher's answer   exp(-(e - min e) / spread), e its error when it gave the answer:
                                   that at its end, times age^-0.3 (`maths/teaching.py`)

An example that no teacher spoke of has the mean answer of its class, else its own label or target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...core.lesson import Lesson
from ...core.pool import Pool
from ...core.task import REGRESSION
from ...maths.answers import LEAST, chance, hard_targets, mean_answers, wrong
from ...maths.teaching import DECAY, SPREAD, expected_error, lead

Answers = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Taught:
    """What the lessons so far come to.

    Args:
        answers: the teachers' mean, [n, k].
        error: of that mean, held out, in 0..1.
        chance: the error of somebody who knows nothing.
        points: (examples, held-out error) of the lessons' trials, at their end and on their way.
        usual_examples: of a trial that ran to its end.
        teachers: how many count.
        known: share of the pool that a teacher spoke of, in 0..1.
    """

    answers: npt.NDArray[np.float32]
    error: float
    chance: float
    points: tuple[tuple[float, float], ...]
    usual_examples: float
    teachers: int
    known: float

    def lead_at(self, examples: float) -> float:
        """How far the teachers are ahead of a trial that has seen so many examples."""
        return lead(min(expected_error(examples, self.points), self.chance), self.error)


def summary(lessons: Sequence[Lesson], pool: Pool, most: int) -> Taught | None:
    """The best lessons' weighted mean, its error and the label's share that follows.

    The mean's error is that of the best teacher, held out, less what the mean gains over it on the
    examples that the best one answered about.
    """
    if not lessons:
        return None
    best = sorted(lessons, key=lambda one: (-one.accuracy, one.name))[:most]
    answers, known = mean_of(best, pool)
    rows = best[0].indices
    gained = wrong(best[0].log_probabilities, pool, rows) - wrong(answers[rows], pool, rows)
    error = max(1 - best[0].accuracy - max(gained, 0.0), 0.0)
    measured = [(one.examples, one.accuracy) for one in lessons]
    measured += [point for one in lessons for point in one.curve]
    points = tuple((float(examples), 1 - accuracy) for examples, accuracy in measured)
    seen = float(np.median([lesson.examples for lesson in lessons]))
    filled(answers, known, pool)
    return Taught(answers, error, chance(pool), points, seen, len(best), float(known.mean()))


def mean_of(best: Sequence[Lesson], pool: Pool) -> tuple[npt.NDArray[np.float32], Answers]:
    """The weighted mean over the whole pool, [n, k], and which rows anybody spoke of, [n]."""
    n, width = len(pool), best[0].log_probabilities.shape[1]
    errors = [_errors_at(one) for one in best]
    least = min(float(part.min()) for part in errors)
    total: list[Answers] = []
    weights: list[Answers] = []
    for lesson, error in zip(best, errors, strict=True):
        spread = np.zeros((n, width), lesson.log_probabilities.dtype)
        spread[lesson.indices] = lesson.log_probabilities
        weight = np.zeros(n)
        weight[lesson.indices] = np.maximum(np.exp(-(error - least) / SPREAD), LEAST)
        total.append(spread)
        weights.append(weight)
    return mean_answers(total, weights, pool.task), np.sum(weights, axis=0) > 0


def _errors_at(lesson: Lesson) -> npt.NDArray[np.float64]:
    """The network's error when it gave each answer, [m]."""
    ages = np.ones(len(lesson.indices)) if lesson.ages is None else lesson.ages
    error: npt.NDArray[np.float64] = (1 - lesson.accuracy) * np.maximum(ages, 1e-3) ** -DECAY
    return error


def over_pool(lesson: Lesson, pool: Pool) -> npt.NDArray[np.float32]:
    """One lesson's answers for all rows, [n, k]."""
    answers = np.full((len(pool), lesson.log_probabilities.shape[1]), np.nan, np.float32)
    answers[lesson.indices] = lesson.log_probabilities
    known = np.zeros(len(pool), bool)
    known[lesson.indices] = True
    filled(answers, known, pool)
    return answers


def filled(answers: npt.NDArray[np.float32], known: Answers, pool: Pool) -> None:
    """Give rows that nobody spoke of the mean answer of their class, or their own target."""
    unknown = np.flatnonzero(~known.astype(bool))
    if not len(unknown):
        return
    if pool.labels is None:
        own = hard_targets(pool, unknown)
        answers[unknown] = own if pool.task == REGRESSION else np.log(np.maximum(own, LEAST))
        return
    spoken, labels = np.flatnonzero(known), pool.labels
    by_class = np.zeros((pool.classes, answers.shape[1]))
    np.add.at(by_class, labels[spoken], np.exp(answers[spoken].astype(np.float64)))
    own = np.zeros_like(by_class)
    own[np.arange(pool.classes), np.arange(pool.classes)] = 1  # of a class that nobody spoke of
    by_class = np.where(by_class.sum(1, keepdims=True) > 0, by_class, own) + 1e-6
    answers[unknown] = np.log(by_class / by_class.sum(1, keepdims=True))[labels[unknown]]
