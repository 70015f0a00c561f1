"""The part of a provider that trials teach, while a search runs."""

from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from textwrap import shorten
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .architecture import UNTRACED, Architecture
from .errors import BadInput
from .ledger import Stage
from .lesson import Heard, Lesson
from .pool import Pool
from .probe import Probe
from .task import REGRESSION

LEAST = -16.0  # log-probability kept of a teacher; fp16 has no more to say
OLDEST = 0.5  # of an answer that is heard, as a share of the training: earlier ones are too weak
UNTAUGHT = 5  # finished trials without a lesson, after which a warning says why
Rows = npt.NDArray[np.int64]


class Learning(ABC):
    """Hosts call `lesson` with what a trial's network said, and hand the result to `learn`.

    Attributes:
        learns: trials teach this provider; its answers may change as they do.
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
        probe: Probe | None,
        *,
        accuracy: float | None = None,
        examples: int,
        name: str = "",
        curve: Sequence[tuple[int, float]] = (),
        heard: Heard | None = None,
    ) -> Lesson | None:
        """What a trial can teach; None when it would not be listened to.

        Charged to REFRESH: a forward pass over the rows that `_asked_rows` names.

        Args:
            probe: the network, asked about examples; None when it can not be asked.
            accuracy: in 0..1, on held-out examples; None is measured on those answers that were
                given before the example was trained on; not finite means a diverged trial.
            examples: that it was trained on, with repeats: steps times batch.
            name: of the trial; of its lessons the latest counts.
            curve: (examples so far, accuracy) of its evaluations while it trained.
            heard: what it said while it trained, which costs nothing.
        """
        if not self.learns or (accuracy is not None and not np.isfinite(accuracy)):
            return None
        began, cpu = time.perf_counter(), time.process_time()
        rows = self._asked_rows(accuracy, architecture, examples, heard)
        if rows is None:
            return None
        made = self._made(probe, rows, heard, architecture)
        spent = time.perf_counter() - began
        self._charge(Stage.REFRESH, architecture, spent, time.process_time() - cpu)
        if made is None or not np.isfinite(made.answers).all():
            return None
        if accuracy is None:
            fresh = made.once if made.once.sum() >= min(20, len(made.once)) else made.once | True
            accuracy = 1 - self._wrong(made.answers[fresh], made.indices[fresh])
        return Lesson(
            architecture,
            made.indices,
            made.answers,
            float(accuracy),
            int(examples),
            name,
            tuple(curve),
            made.ages,
            self.pool.task == REGRESSION,
        )

    def _due(
        self,
        architecture: Architecture,
        *,
        accuracy: float | None = None,
        examples: int,
        heard: Heard | None = None,
        **others: Any,
    ) -> bool:
        """Whether such a trial would be listened to; arguments of `lesson`."""
        known = self.learns and (accuracy is None or bool(np.isfinite(accuracy)))
        return known and self._asked_rows(accuracy, architecture, examples, heard) is not None

    def _made(
        self, probe: Probe | None, rows: Rows, heard: Heard | None, architecture: Architecture
    ) -> Heard | None:
        """What it answers; where it can not be asked, what was heard, which is said once."""
        made = None
        try:
            made = self._answers_of(probe, rows, heard)
        except Exception as error:  # of the user's own network
            if heard is None:
                raise
            self._say_unasked(probe, architecture, error)
        if heard is not None and (made is None or not np.isfinite(made.answers).all()):
            return self._answers_of(None, rows, heard)
        return made

    def _say_unasked(
        self, probe: Probe | None, architecture: Architecture, error: Exception
    ) -> None:
        """Once; what can't be run to be traced has been told of already."""
        kind = type(getattr(probe, "model", probe)).__qualname__
        if architecture.space != UNTRACED and self.first(f"unasked {kind}"):
            warnings.warn(
                f"{kind} fails when it is asked about examples: what it said while it trained is "
                f"its lesson ({shorten(f'{type(error).__name__}: {error}', 300)})",
                UserWarning,
                stacklevel=5,
            )

    def _answers_of(self, probe: Probe | None, rows: Rows, heard: Heard | None) -> Heard | None:
        """What was heard, and what the network is asked now: the newer answer counts."""
        parts = []
        if heard is not None and len(heard.indices):
            kept = heard.ages >= min(OLDEST, heard.ages.max())
            if probe is not None:
                kept &= ~np.isin(heard.indices, rows)
            parts.append([heard.indices, heard.answers, heard.ages, heard.once])
            parts[0] = [part[kept] for part in parts[0]]
        if probe is not None and len(rows):
            known = np.zeros(0, np.int64) if heard is None else heard.indices
            new = ~np.isin(rows, known)
            parts.append([rows, probe.logits(rows), np.ones(len(rows), np.float32), new])
        if not parts:
            return None
        indices, said, ages, once = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = np.argsort(indices, kind="stable")
        if self.pool.task != REGRESSION:
            said = np.maximum(said, LEAST).astype(np.float16)
        return Heard(indices[order], said[order], ages[order], once[order])

    def learn(self, lesson: Lesson) -> None:
        """Take a trial in as a teacher; kept answers are dropped when that changes them.

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
        if lesson.log_probabilities.shape[1] < self.pool.outputs:
            raise BadInput(
                f"a lesson has {lesson.log_probabilities.shape[1]} answers an example; pool "
                f"{self.pool.name!r} has {self.pool.outputs}"
            )
        self._learn(lesson)

    def listen(
        self, architecture: Architecture, probe: Probe | None, *, name: str, **about: Any
    ) -> tuple[bool, str]:
        """`lesson` and `learn`, for hosts: whether there was one, or why one that was due is
        missing. What goes wrong in them never fails the trial.

        Args:
            name, about: of `lesson`.
        """
        lesson, why = None, ""
        try:
            lesson = self.lesson(architecture, probe, name=name, **about)
            if lesson is not None:
                self.learn(lesson)
            elif self._due(architecture, **about):
                why = "its network's answers are not finite numbers"
        except Exception as error:
            lesson, why = None, shorten(f"{type(error).__name__}: {error}", 300)
        self.conclude(name, why)
        return lesson is not None, why

    def conclude(self, trial: str, untaught: str) -> None:
        """Count a trial that has ended (`ended`), and warn of what there is to warn of."""
        try:
            said = self.ended(trial, untaught)
        except Exception as error:  # lessons that are out of reach
            said = f"the search's lessons are out of reach ({type(error).__name__}: {error})"
        if said:
            warnings.warn(said, UserWarning, stacklevel=4)

    def ended(self, trial: str, untaught: str) -> str:
        """Count a trial that has ended; what there is to warn of, or "".

        Args:
            untaught: why it left no lesson; "" when it did, or was not worth one.
        """
        return ""

    def first(self, what: str) -> bool:
        """Whether nobody has said this yet, in all of the search."""
        return True

    def _lesson_rows(self, accuracy: float | None) -> Rows | None:
        """Rows that a trial of this quality would be asked about; None asks nothing."""
        return np.arange(len(self.pool))

    def _asked_rows(
        self,
        accuracy: float | None,
        architecture: Architecture,
        examples: int,
        heard: Heard | None,
    ) -> Rows | None:
        """The same, for those that look at more; None: the trial is not listened to at all."""
        return self._lesson_rows(accuracy)

    def _wrong(self, answers: npt.NDArray[np.floating], rows: Rows) -> float:
        """Share in 0..1 that these answers get wrong."""
        raise NotImplementedError(f"{type(self).__name__} needs to be told an accuracy")

    def _learn(self, lesson: Lesson) -> None:
        raise NotImplementedError(f"{type(self).__name__} says that it learns, and has no _learn")

    @abstractmethod
    def _charge(
        self, stage: Stage, architecture: Architecture | None, seconds: float, cpu: float
    ) -> None:
        """Seconds of a stage, on the provider's bill and in its ledger."""
