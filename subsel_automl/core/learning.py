"""The part of a provider that finished trials teach, while a search runs."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .architecture import Architecture
from .errors import BadInput
from .ledger import Stage
from .lesson import Lesson
from .pool import Pool
from .probe import Probe

LEAST = -16.0  # log-probability kept of a teacher; fp16 has no more to say


class Learning(ABC):
    """Hosts call `lesson` with the probe of a trial that ends, and hand the result to `learn`.

    Attributes:
        learns: finished trials teach this provider; its answers may change as they do.
    """

    name: ClassVar[str]
    learns: ClassVar[bool] = False

    @property
    @abstractmethod
    def pool(self) -> Pool:
        """The pool that the provider was fitted on."""

    def lesson(
        self,
        architecture: Architecture,
        probe: Probe,
        *,
        accuracy: float,
        examples: int,
        name: str = "",
        curve: Sequence[tuple[int, float]] = (),
    ) -> Lesson | None:
        """What a trial that ends can teach; None when it would not be listened to.

        Charged to REFRESH: a forward pass over the rows that `_lesson_rows` names.

        Args:
            accuracy: in 0..1, on held-out examples; not finite means a diverged trial.
            examples: that it was trained on, with repeats: steps times batch.
            name: of the trial; a lesson that is told twice counts once.
            curve: (examples so far, accuracy) of its evaluations while it trained.
        """
        if not self.learns or not np.isfinite(accuracy):
            return None
        began, cpu = time.perf_counter(), time.process_time()
        rows = self._lesson_rows(accuracy)
        if rows is None:
            return None
        answers = np.maximum(probe.logits(rows), LEAST).astype(np.float16)
        spent = time.perf_counter() - began
        self._charge(Stage.REFRESH, architecture, spent, time.process_time() - cpu)
        if not np.isfinite(answers).all():
            return None
        return Lesson(
            architecture, rows, answers, float(accuracy), int(examples), name, tuple(curve)
        )

    def learn(self, lesson: Lesson) -> None:
        """Take a finished trial in as a teacher; kept answers are dropped when that changes them.

        Raises:
            BadInput: the provider does not learn, or the lesson leaves the pool.
        """
        if not self.learns:
            raise BadInput(f"provider {self.name!r} does not learn from trials")
        if lesson.indices[-1] >= len(self.pool):
            raise BadInput(
                f"a lesson speaks of example {lesson.indices[-1]}; pool {self.pool.name!r} has "
                f"{len(self.pool)}"
            )
        self._learn(lesson)

    def _lesson_rows(self, accuracy: float) -> npt.NDArray[np.int64] | None:
        """Rows that a trial of this quality would be asked about; None asks nothing."""
        return np.arange(len(self.pool))

    def _learn(self, lesson: Lesson) -> None:
        raise NotImplementedError(f"{type(self).__name__} says that it learns, and has no _learn")

    @abstractmethod
    def _charge(
        self, stage: Stage, architecture: Architecture | None, seconds: float, cpu: float
    ) -> None:
        """Seconds of a stage, on the provider's bill and in its ledger."""
