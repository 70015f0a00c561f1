"""A lesson: what a finished trial leaves behind for the trials that follow.

A provider that learns while a search runs (`SubsetProvider.learns`) is taught with lessons; hosts
make one from a trial's probe (`SubsetProvider.lesson`) and hand it over (`SubsetProvider.learn`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .architecture import Architecture
from .errors import BadInput


@dataclass(frozen=True, eq=False)
class Lesson:
    """A trained network's answers over (a part of) a pool, and how good it is.

    Args:
        architecture: of the network.
        indices: rows of the pool that it was asked about, [m], ascending and unique.
        log_probabilities: its answers, [m, c]; kept in fp16.
        accuracy: in 0..1, on held-out examples.
        examples: that it was trained on, with repeats: steps times batch.
        name: of the trial, so that a lesson that is told twice counts once.
        curve: (examples so far, held-out accuracy) while it trained, where that was measured.

    Raises:
        BadInput: shapes that differ, an accuracy outside of 0..1, answers that are not finite.
    """

    architecture: Architecture
    indices: npt.NDArray[np.int64]
    log_probabilities: npt.NDArray[np.float16]
    accuracy: float
    examples: int
    name: str = ""
    curve: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        rows = np.asarray(self.indices, np.int64)
        answers = np.asarray(self.log_probabilities)
        if answers.ndim != 2 or len(answers) != len(rows) or not len(rows):
            raise BadInput(
                f"a lesson about {len(rows)} examples has answers of shape {answers.shape}; give "
                "[examples, classes], at least one example"
            )
        if np.any(np.diff(rows) <= 0):
            raise BadInput("a lesson's indices must be unique and ascending")
        if not 0 <= self.accuracy <= 1:
            raise BadInput(f"a lesson's accuracy is {self.accuracy}; give a share in 0..1")
        if not np.isfinite(answers).all():
            raise BadInput("a lesson's answers are not finite; a diverged network teaches nothing")
        object.__setattr__(self, "indices", rows)
        object.__setattr__(self, "log_probabilities", answers.astype(np.float16))
