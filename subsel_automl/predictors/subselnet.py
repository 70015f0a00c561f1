"""What g_beta foretells of a network that nobody trained, put on the scale of the results seen.

    y(f, v) = m + b u + r(v) + noise,     u = (f - mean f) / sd f
    b = (u^T z + k) / (u^T u + k), at least 0.05      z the results of mean 0 and spread 1
    s^2 = (|z - b u|^2 + k) / (n + k);   sd^2 = s^2 (1 + 1/n + u^2 / (u^T u + k)) + var r

f, the first column of x, is the accuracy that `subselnet.foretold` reads from the bundle; v are the
other columns, a vector of the architecture, and r is a Gaussian process on what the line leaves.
With f alone r is 0, and no row changes the order that was foretold: rows only say how large a
difference is, and how sure. Two rows' weight (k) says beforehand that f is right.

Source: this project; Gaussian processes with a mean, Rasmussen and Williams 2006, 2.7.

Deviations: none; SubSelNet chooses examples with g_beta and foretells no accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from .base import Prediction, Predictor, Scale, Values, positive
from .gp import GaussianProcess

LEAST_SLOPE = 0.05  # in spreads: what was foretold is believed a little, whatever a few rows say


class Model(NamedTuple):
    """What `_fit` learns."""

    scale: Scale  # of f
    slope: float
    noise: float  # s^2
    weight: float  # u^T u + k
    rows: int
    rest: GaussianProcess | None  # r


@dataclass(frozen=True, kw_only=True)
class Foretold(Predictor):
    """A line through the foretold accuracy; a Gaussian process on the other columns, if any.

    Args:
        belief: k, the weight of what is believed beforehand, in rows.
    """

    name: ClassVar[str] = "subselnet"
    source: ClassVar[str] = "this project; Rasmussen and Williams 2006, 2.7"
    foretold: ClassVar[bool] = True

    belief: float = 2.0

    def __post_init__(self) -> None:
        positive("belief", self.belief)

    def _fit(self, x: Values, y: Values) -> Model:
        scale = Scale.of(x[:, 0])
        u, k = scale.apply(x[:, 0]), self.belief
        weight = float(u @ u) + k
        spread = float(y.std())  # 1, or 0 where all results are equal: a flat line then
        slope = max((float(u @ y) + k * spread) / weight, LEAST_SLOPE * spread)
        left = y - slope * u
        noise = (float(left @ left) + k * spread) / (len(y) + k)
        rest = None
        if x.shape[1] > 1:
            rest = GaussianProcess(seed=self.seed).fit(x[:, 1:], left)
        return Model(scale, slope, noise, weight, len(y), rest)

    def _predict(self, model: Model, x: Values) -> Prediction:
        u = model.scale.apply(x[:, 0])
        line, far = model.slope * u, 1 / model.rows + np.square(u) / model.weight
        if model.rest is None:
            return Prediction(line, np.sqrt(model.noise * (1 + far)))
        mean, sd = model.rest.predict(x[:, 1:])  # its sd holds the noise already
        return Prediction(line + mean, np.sqrt(np.square(sd) + model.noise * far))
