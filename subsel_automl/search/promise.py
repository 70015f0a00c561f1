"""Whether a training that has begun goes on: where its foretold end stands among those of all.

    goes on    if less than ceil(share * n) of the n trainings that were seen, stopped ones too, are
               foretold to end better, all from the same number of epochs and by one predictor

Source: Yan 2022 (thesis), 5, the framework of learning curve extrapolation.

Deviations:
    [1] Foretold ends of the same number of epochs are compared, whether a training finished or not;
        the released code compares with a history that holds values of few epochs and final ones.
    [2] A predictor learns final values; the released code fits the values at half of the epochs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..predictors.curve_base import CurvePredictor
from ..predictors.takeover import Takeover


class Promise:
    """Of the trainings of one search.

    Args:
        takeover: who foretells.
        share: of the trainings that go on.
    """

    def __init__(self, takeover: Takeover, share: float) -> None:
        self.takeover, self.share = takeover, share
        self._prefixes: list[Sequence[float]] = []
        self._ends: list[float] = []  # by `_model`, of the first so many prefixes
        self._model: CurvePredictor | None = None

    def seen(self, prefix: Sequence[float]) -> None:
        """A training that has begun; its first epochs, more is better."""
        self._prefixes.append(tuple(prefix))

    def latest_goes_on(self, finished: Sequence[npt.ArrayLike]) -> bool:
        """Whether the training that was seen last does.

        Args:
            finished: whole curves so far, in their order.
        """
        model = self.takeover.model(finished)  # [2]
        if model is not self._model:
            self._model, self._ends = model, []
        new = np.array(self._prefixes[len(self._ends) :], np.float64)
        self._ends += model.predict(new).final.tolist()
        better = sum(end > self._ends[-1] for end in self._ends)  # [1]
        return better < math.ceil(self.share * len(self._ends) - 1e-9)
