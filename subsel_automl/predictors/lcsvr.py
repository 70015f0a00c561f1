"""LcSVR: support-vector regression of the last value from the first ones.

    v = (y_1..y_t, y_2 - y_1 .. y_t - y_{t-1}, second differences, mean, sd[, x])
    y_E = NuSVR_rbf(v; C, nu, gamma),   the triple of 1,000 random ones that is best in 3 folds

Source: Baker et al. 2017, 3.1 and appendix (SRM); Yan 2022 (thesis), 5, LcSVR.

Deviations:
    [1] Between t and E the curve goes as the fitted ones did on average: at e it has covered
        s(e) = sum_i d_i(e) d_i(E) / sum_i d_i(E)^2 of its way, d_i(e) = y_i,e - y_i,t. The papers
        predict the last value alone.
    [2] sd(E) is the root mean square error of the best triple's held-out folds, sd(e) = |s(e)| of
        it; of a regression that is worse than the mean it is that of the mean, which is then used.
    [3] What a curve changes by, y_E - y_t, is what is regressed; features have mean 0 and spread 1.
    [4] C, nu and gamma are drawn log-uniform in 1e-3..1e3, uniform in 0.1..1 and log-uniform in
        1e-4..1e1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.svm import NuSVR

from ..core.errors import BadInput
from .base import Scale
from .curve_base import Begun, CurvePredictor, Known, Values

FOLDS = 3
C, NU, GAMMA = (-3.0, 3.0), (0.1, 1.0), (-4.0, 1.0)  # [4]


class Model(NamedTuple):
    """Of one number of seen epochs."""

    scale: Scale
    regression: NuSVR | None  # None: the mean change [2]
    mean: float
    error: float
    way: Values  # s(e), [epochs]  [1]


@dataclass(frozen=True, kw_only=True)
class LcSvr(CurvePredictor):
    """Support-vector regression on the curve, its differences, mean and spread.

    Args:
        draws: random triples that are tried.
    """

    name: ClassVar[str] = "lcsvr"
    source: ClassVar[str] = "Baker et al. 2017, 3.1; Yan 2022 (thesis), 5"
    least: ClassVar[int] = 2 * FOLDS

    draws: int = 1_000

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise BadInput(f"draws is {self.draws}; give 1 or more")

    def _fit(self, known: Known, seen: int) -> Model:
        features = described(known.curves[:, :seen], known.x)
        scale = Scale.of(features)
        v, curves = scale.apply(features), known.curves
        here = curves[:, seen - 1 : seen] if seen else np.zeros((len(curves), 1))
        change = (curves - here)[:, -1]  # [3]
        rng = np.random.default_rng([self.seed, seen])
        fold = rng.permutation(len(v)) % FOLDS
        triples = [
            (10 ** rng.uniform(*C), rng.uniform(*NU), 10 ** rng.uniform(*GAMMA))
            for _ in range(self.draws)
        ]
        plain = _held_out(v, change, fold, None)
        errors = [_held_out(v, change, fold, triple) for triple in triples]
        best = int(np.argmin(errors))
        moved = curves - here
        way = (moved * moved[:, -1:]).sum(0) / max(np.square(moved[:, -1]).sum(), 1e-300)
        way[-1] = 1.0
        if errors[best] >= plain:  # [2]
            return Model(scale, None, float(change.mean()), plain, way)
        regression = _svr(triples[best]).fit(v, change)
        return Model(scale, regression, 0.0, errors[best], way)

    def _predict(self, model: Model, begun: Begun, epochs: int) -> tuple[Values, Values]:
        prefix = begun.prefix
        v = model.scale.apply(described(prefix, begun.x))
        if model.regression is None:
            change = np.full(len(v), model.mean)
        else:
            change = model.regression.predict(v)
        here = prefix[:, -1:] if prefix.shape[1] else np.zeros((len(v), 1))
        mean = here + change[:, None] * model.way  # [1]
        return mean, np.broadcast_to(np.abs(model.way) * model.error, mean.shape)


def described(prefix: Values, x: Values | None) -> Values:
    """Features of begun curves, [m, d]; of no epoch x alone, or one zero."""
    seen = prefix.shape[1]
    parts = [prefix, np.diff(prefix), np.diff(prefix, 2)] if seen else []
    if seen:
        parts += [prefix.mean(1, keepdims=True), prefix.std(1, keepdims=True)]
    if x is not None:
        parts.append(x)
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(prefix), 1))


def _svr(triple: tuple[float, float, float]) -> NuSVR:
    c, nu, gamma = triple
    made = NuSVR(C=c, nu=nu, gamma=gamma, cache_size=20)
    made.random_state = 0  # not an argument; else each fit draws from the global state
    return made


def _held_out(
    v: Values, y: Values, fold: npt.NDArray[np.int64], triple: tuple[float, float, float] | None
) -> float:
    """Root mean square error in the folds; of the mean where there is no triple."""
    off = np.empty(len(y))
    for one in range(FOLDS):
        held = fold == one
        if triple is None:
            off[held] = y[held] - y[~held].mean()
        else:
            off[held] = y[held] - _svr(triple).fit(v[~held], y[~held]).predict(v[held])
    return float(np.sqrt(np.square(off).mean()))
