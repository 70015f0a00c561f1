"""A Gaussian process with a Matern kernel, its amplitude, length and noise by marginal likelihood.

    k(a, b) = s^2 Matern_{5/2}(|a - b| / l) + noise^2 [a = b]

Source: Rasmussen and Williams 2006, chapters 2 and 5; scikit-learn's GaussianProcessRegressor. Yan
2022 (thesis), Fig. 3.2, uses one on 250 vectors and does not say with which kernel.

Deviations:
    [1] Vectors are centred and divided by one number, their root mean square length, so that a
        length scale of 1 fits any encoder; it stays in 0.05..20, the squared amplitude in
        0.01..100 and the noise in 1e-5..10 (the results have spread 1). What ends on a bound is
        kept without a warning.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from ..core.errors import BadInput
from .base import Prediction, Predictor, Values

AMPLITUDE, LENGTH, NOISE = (1e-2, 1e2), (0.05, 20.0), (1e-5, 10.0)
SMOOTHNESS = 2.5


class Model(NamedTuple):
    """What `_fit` learns."""

    mean: Values
    length: float
    process: GaussianProcessRegressor

    def placed(self, x: Values) -> Values:
        """Rows centred and divided by the length. [1]"""
        found: Values = (x - self.mean) / self.length
        return found


@dataclass(frozen=True, kw_only=True)
class GaussianProcess(Predictor):
    """A Gaussian process; its time grows with the cube of the rows.

    Args:
        restarts: more searches for the kernel's numbers, from places that the seed draws.
    """

    name: ClassVar[str] = "gp"
    source: ClassVar[str] = "Rasmussen and Williams 2006, 2.2 and 5.4"

    restarts: int = 1

    def __post_init__(self) -> None:
        if self.restarts < 0:
            raise BadInput(f"restarts is {self.restarts}; give 0 or more")

    def _fit(self, x: Values, y: Values) -> Model:
        apart = x - x.mean(0)
        length = float(np.sqrt(np.square(apart).sum(1).mean())) or 1.0
        kernel = ConstantKernel(1.0, AMPLITUDE) * Matern(1.0, LENGTH, nu=SMOOTHNESS)
        process = GaussianProcessRegressor(
            kernel + WhiteKernel(0.1, NOISE),
            n_restarts_optimizer=self.restarts,
            random_state=self.seed % 2**32,
        )
        model = Model(x.mean(0), length, process)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # [1]
            process.fit(model.placed(x), y)
        return model

    def _predict(self, model: Model, x: Values) -> Prediction:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a variance of -1e-17 that is set to 0
            mean, sd = model.process.predict(model.placed(x), return_std=True)
        return Prediction(mean, sd)
