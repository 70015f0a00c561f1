"""A lesson: what a trial leaves behind for the trials that follow.

A provider that learns while a search runs (`SubsetProvider.learns`) is taught with lessons; hosts
make one from what a trial's network said (`SubsetProvider.lesson`) and hand it over
(`SubsetProvider.learn`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .architecture import Architecture
from .errors import BadInput


@dataclass(frozen=True, eq=False)
class Heard:
    """What a network said of examples while it trained, of each the last time.

    Args:
        indices: rows of the pool, [m], ascending and unique.
        answers: in the form of the pool's task (`maths/answers.py`), [m, k].
        ages: share of the trial's examples that it had seen by then, in 0..1, [m].
        once: [m] whether it was the first time: then it had not been trained on the example.
        redrawn: subsets are drawn afresh, so that in time it speaks of the whole pool.
    """

    indices: npt.NDArray[np.int64]
    answers: npt.NDArray[np.floating]
    ages: npt.NDArray[np.float32]
    once: npt.NDArray[np.bool_]
    redrawn: bool = False


@dataclass(frozen=True, eq=False)
class Lesson:
    """A trained network's answers about examples of a pool, and how good it is.

    Args:
        architecture: of the network.
        indices: rows of the pool that it answered about, [m], ascending and unique.
        log_probabilities: its answers, [m, k], kept in fp16; in regression the predicted values,
            float32 (`maths/answers.py`).
        accuracy: in 0..1, on held-out examples; in regression R^2, cut at 0.
        examples: that it was trained on, with repeats: steps times batch.
        name: of the trial; of several lessons of a trial the latest counts.
        curve: (examples so far, held-out accuracy) while it trained, where that was measured.
        ages: when each answer was given, as a share of the training, [m]; None: all at its end.
        values: they are predicted values.

    Raises:
        BadInput: shapes that differ, an accuracy outside of 0..1, answers that are not finite.
    """

    architecture: Architecture
    indices: npt.NDArray[np.int64]
    log_probabilities: npt.NDArray[np.floating]
    accuracy: float
    examples: int
    name: str = ""
    curve: tuple[tuple[int, float], ...] = ()
    ages: npt.NDArray[np.float32] | None = None
    values: bool = False

    def __post_init__(self) -> None:
        rows = np.asarray(self.indices, np.int64)
        answers = np.asarray(self.log_probabilities)
        if answers.ndim != 2 or len(answers) != len(rows) or not len(rows):
            raise BadInput(
                f"a lesson about {len(rows)} examples has answers of shape {answers.shape}; give "
                "[examples, outputs], at least one example"
            )
        if np.any(np.diff(rows) <= 0):
            raise BadInput("a lesson's indices must be unique and ascending")
        if not 0 <= self.accuracy <= 1:
            raise BadInput(f"a lesson's accuracy is {self.accuracy}; give a share in 0..1")
        if not np.isfinite(answers).all():
            raise BadInput("a lesson's answers are not finite; a diverged network teaches nothing")
        if self.ages is not None and np.shape(self.ages) != rows.shape:
            raise BadInput(f"a lesson about {len(rows)} examples has {np.shape(self.ages)} ages")
        object.__setattr__(self, "indices", rows)
        kept = answers if self.values else answers.astype(np.float16)
        object.__setattr__(self, "log_probabilities", kept)
