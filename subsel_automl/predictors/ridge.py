"""Ridge regression of all epochs to come from those seen: the linear control of the extrapolators.

    y_{t+1..E} - y_t = B v + b,   v the features of `lcsvr.py`; the penalty by leave-one-out error

Source: Hoerl and Kennard 1970; scikit-learn's RidgeCV; the control `ridge` of this project.

Deviations: none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from sklearn.linear_model import RidgeCV

from .base import Scale
from .curve_base import Begun, CurvePredictor, Known, Values
from .lcsvr import described

PENALTIES = np.logspace(-4, 4, 17)


class Model(NamedTuple):
    """Of one number of seen epochs."""

    scale: Scale
    regression: RidgeCV
    error: Values  # [epochs], of held-out runs


@dataclass(frozen=True, kw_only=True)
class Ridge(CurvePredictor):
    """Linear in the curve, its differences, mean and spread."""

    name: ClassVar[str] = "ridge"
    source: ClassVar[str] = "Hoerl and Kennard 1970; RidgeCV"
    least: ClassVar[int] = 3

    def _fit(self, known: Known, seen: int) -> Model:
        features = described(known.curves[:, :seen], known.x)
        scale = Scale.of(features)
        change = known.curves - _here(known.curves[:, :seen])
        regression = RidgeCV(PENALTIES, store_cv_results=True)
        regression.fit(scale.apply(features), change)
        best = int(np.flatnonzero(regression.alpha_ == PENALTIES)[0])
        off = regression.cv_results_[..., best]  # squared, [n, epochs]
        return Model(scale, regression, np.sqrt(off.mean(0)))

    def _predict(self, model: Model, begun: Begun, epochs: int) -> tuple[Values, Values]:
        v = model.scale.apply(described(begun.prefix, begun.x))
        mean = _here(begun.prefix) + model.regression.predict(v)
        return mean, np.broadcast_to(model.error, mean.shape)


def _here(prefix: Values) -> Values:
    """The last value seen, [m, 1]; 0 where nothing is."""
    return prefix[:, -1:] if prefix.shape[1] else np.zeros((len(prefix), 1))
