"""Who foretells while curves still finish: `last`, until there are enough to fit another on.

A model is fitted on the first so many finished curves in their order, and anew whenever they have
grown by a tenth: whoever asks, in whatever process, is told the same.

Source: this project.

Deviations: none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .curve_base import CurvePredictor
from .last import Last

GROWTH = 1.1


class Takeover:
    """Gives the predictor of the moment; keeps the one that was fitted last.

    Args:
        made: a predictor that is not fitted, new at every call.
        after: finished curves before it takes over from `last`.
        epochs: of a finished curve.
    """

    def __init__(self, made: Callable[[], CurvePredictor], after: int, epochs: int) -> None:
        self.made, self.after, self.epochs = made, after, epochs
        self._fits: dict[int, CurvePredictor] = {}

    def model(self, finished: Sequence[npt.ArrayLike]) -> CurvePredictor:
        """Fitted on whole curves, each [epochs], in the order in which they finished.

        Raises:
            BadInput: what `fit` raises.
        """
        waits = len(finished) < self.after
        count = -1 if waits else self.after
        while 0 < count <= len(finished) / GROWTH:
            count = math.ceil(count * GROWTH)
        fits = self._fits  # of a moment: threads may share this
        if count not in fits:
            known = np.asarray([] if waits else finished[:count], np.float64)
            model = Last() if waits else self.made()
            fits = self._fits = {count: model.fit(known.reshape(-1, self.epochs))}
        return fits[count]
