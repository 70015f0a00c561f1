"""A random forest: the mean of its trees, and their standard deviation.

    mean(x) = 1/T sum_t f_t(x),   sd(x)^2 = 1/T sum_t (f_t(x) - mean(x))^2

Source: Breiman 2001; scikit-learn's RandomForestRegressor; 200 trees and 4 features a split as in
info-NAS (Suchopárová and Neruda), appendix H.

Deviations:
    [1] Of fewer than 4 columns all are tried at a split.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from ..core.errors import BadInput
from .base import Prediction, Predictor, Values


@dataclass(frozen=True, kw_only=True)
class Forest(Predictor):
    """Trees on resampled rows; off the data they say what they say at its border, sd too.

    Args:
        trees: how many.
        max_features: columns that a split chooses from.  [1]
    """

    name: ClassVar[str] = "forest"
    source: ClassVar[str] = "Breiman 2001; settings of info-NAS, appendix H"
    widens: ClassVar[bool] = False

    trees: int = 200
    max_features: int = 4

    def __post_init__(self) -> None:
        for name in ("trees", "max_features"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give 1 or more")

    def _fit(self, x: Values, y: Values) -> RandomForestRegressor:
        forest = RandomForestRegressor(
            self.trees,
            max_features=min(self.max_features, x.shape[1]),  # [1]
            random_state=self.seed % 2**32,
        )
        return forest.fit(x, y)

    def _predict(self, model: RandomForestRegressor, x: Values) -> Prediction:
        rows = x.astype(np.float32)  # what trees compare
        each = np.stack([tree.predict(rows) for tree in model.estimators_])
        return Prediction(each.mean(0), each.std(0))
