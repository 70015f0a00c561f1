"""The last value that was seen, for all epochs to come: the control of every extrapolator.

    mean(e) = y_t,   sd(e)^2 = 1/n sum_i (y_i,e - y_i,t)^2 over the fitted curves

Source: the control that Yan 2022 (thesis), 5, lacks; what successive halving decides by (Jamieson
and Talwalkar 2016).

Deviations:
    [1] Before the first epoch it is the mean of the fitted curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .curve_base import Begun, CurvePredictor, Known, Values


@dataclass(frozen=True, kw_only=True)
class Last(CurvePredictor):
    """What was seen last; it can be used before any run has finished."""

    name: ClassVar[str] = "last"
    source: ClassVar[str] = "Jamieson and Talwalkar 2016: compared by what is seen"
    least: ClassVar[int] = 0

    def _fit(self, known: Known, seen: int) -> tuple[Values, Values]:
        curves = known.curves
        epochs = curves.shape[1]
        if not len(curves):
            return np.zeros(epochs), np.zeros(epochs)
        here = curves[:, seen - 1 : seen] if seen else curves.mean(0)  # [1]
        return curves.mean(0), np.sqrt(np.square(curves - here).mean(0))

    def _predict(
        self, model: tuple[Values, Values], begun: Begun, epochs: int
    ) -> tuple[Values, Values]:
        mean, sd = model
        rows, seen = begun.prefix.shape
        value = begun.prefix[:, -1:] if seen else mean[None]  # [1]
        return np.broadcast_to(value, (rows, epochs)), np.broadcast_to(sd, (rows, epochs))
