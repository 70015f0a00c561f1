"""A lesson's own rules."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import BadInput
from subsel_automl.core.lesson import Lesson

NET = Architecture("here", ("input", "output"), ((0, 1),))
ANSWERS = np.log(np.full((3, 2), 0.5))


def lesson(**changed: object) -> Lesson:
    given = {"indices": np.array([0, 2, 5]), "log_probabilities": ANSWERS, "accuracy": 0.5}
    return Lesson(NET, **{**given, "examples": 64, **changed})  # type: ignore[arg-type]


def test_answers_are_kept_in_half_precision() -> None:
    assert lesson().log_probabilities.dtype == np.float16


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"indices": np.array([0, 1])}, "answers of shape"),
        ({"indices": np.array([0, 2, 2])}, "unique and ascending"),
        ({"accuracy": 1.5}, "share in 0..1"),
        ({"log_probabilities": ANSWERS * np.nan}, "diverged"),
    ],
)
def test_an_unusable_lesson_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        lesson(**changed)
