"""Fits g_beta (Eq. 7) to the lessons of a running search, again whenever there is twice as much.

    refit at 8, 16, 32, ... distinct architectures (`least` and its doublings)

One process fits, in a thread beside its trial; the others read what it publishes with the lessons.
Its CPU seconds fall into whatever the process measures meanwhile, so they are counted once.

Deviations: at most `MOST` networks, the best of each architecture, and `EPOCHS` epochs: a refit
must cost less than the trials that it is for.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ...core.architecture import Architecture
from ...core.errors import SubselError
from ...core.lesson import Lesson
from ...core.pool import Pool
from ...core.zoo import LearningCurve
from ...encoders.choose import choose_encoder
from ..fitting import fit_approximator, read_predictions, zoo_mean
from ..model import SubSelNetModel
from .taught import over_pool

MOST, EPOCHS = 32, 3


class LessonZoo:
    """Lessons as a zoo: one network an architecture, the best.

    Args:
        pool: that they are about.
    """

    def __init__(self, lessons: Sequence[Lesson], pool: Pool):
        best: dict[str, Lesson] = {}
        for lesson in sorted(lessons, key=lambda one: one.accuracy):
            best[lesson.architecture.key] = lesson
        kept = sorted(best.values(), key=lambda one: -one.accuracy)[:MOST]
        self.lessons = {lesson.architecture.key: lesson for lesson in kept}
        self.pool_fingerprint, self._pool = pool.fingerprint, pool

    @property
    def architectures(self) -> list[Architecture]:
        return [lesson.architecture for lesson in self.lessons.values()]

    def predictions(self, key: str) -> npt.NDArray[np.float16]:
        return over_pool(self.lessons[key], self._pool).astype(np.float16)

    def accuracy(self, key: str) -> float:
        return self.lessons[key].accuracy

    def curve(self, key: str) -> LearningCurve:
        return LearningCurve({"accuracy": (self.accuracy(key),)}, (0.0,))

    def seconds(self, key: str) -> float:
        return 0.0  # the trial that taught has been charged for itself


def due(architectures: int, least: int) -> int:
    """The largest of least, 2 least, 4 least, ... that has been reached; 0 before the first."""
    if architectures < least:
        return 0
    step = least
    while step * 2 <= architectures:
        step *= 2
    return step


def fit_lessons(lessons: Sequence[Lesson], pool: Pool) -> SubSelNetModel:
    """g_beta over the best lesson of each architecture.

    Raises:
        SubselError: no encoder reads these architectures, or they are of several spaces.
    """
    zoo = LessonZoo(lessons, pool)
    encoder = choose_encoder(zoo.architectures)
    approximator, report = fit_approximator(
        encoder, pool, zoo, zoo.architectures, [], epochs=EPOCHS
    )
    mean = zoo_mean(read_predictions(zoo, zoo.architectures))
    keys = tuple(zoo.lessons)
    return SubSelNetModel(encoder, approximator, mean, pool.name, pool.fingerprint, keys, report)


class Refit:
    """Decides when g_beta is due, and fits it in the background.

    Args:
        least: distinct architectures before the first fit.
        background: False fits before `consider` returns.
    """

    def __init__(self, least: int, background: bool = True) -> None:
        self.least, self.background = least, background
        self._thread: threading.Thread | None = None

    def consider(
        self,
        lessons: Sequence[Lesson],
        fitted: int,
        fit: Callable[[int], None],
    ) -> None:
        """Begin a fit when more architectures are there than `fitted` was made from.

        Args:
            fitted: architectures behind the newest g_beta; 0 when there is none.
            fit: makes and publishes a g_beta; told how many architectures are due.
        """
        wanted = due(len({lesson.architecture.key for lesson in lessons}), self.least)
        if wanted <= fitted or (self._thread is not None and self._thread.is_alive()):
            return
        if not self.background:
            fit(wanted)
            return
        self._thread = threading.Thread(
            target=_told, args=(fit, wanted), name="subsel-refit", daemon=True
        )
        self._thread.start()

    def __getstate__(self) -> Mapping[str, object]:
        return {**self.__dict__, "_thread": None}


def _told(fit: Callable[[int], None], wanted: int) -> None:
    try:
        fit(wanted)
    except SubselError as error:
        warnings.warn(f"g_beta was not fitted; the teachers' mean goes on: {error}", stacklevel=1)
