"""A surrogate of trainings: whole curves, with noise, from what is known of a run (NAS-Bench-x11).

    c_k(y_i) regressed on (x_i, y_i,1 .. y_i,t);   mean = d_k(prediction)
    a training of it = mean + eps,   eps from a noise model of the residuals y_i - d_k(c_k(y_i))

Source: Yan 2022 (thesis), 5: SVD or VAE, LGB, XGB or MLP, std, GKDE or window; k = 6 (Fig. 5.3).

Deviations:
    [1] Residuals are of curves that were fitted, as in the paper: the noise is that of a training
        which a rank of k does not tell, and none of it is the regression's error.
    [2] sd of `predict` is the root mean square error in 3 folds, which holds both.
    [3] See `compression.py` and `coefficients.py` for what the released code never trained.
    [4] Where an epoch is seen, its value is what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.curves import Curves
from ..core.errors import BadInput, UnknownName
from .coefficients import REGRESSORS, Regression, regression
from .compression import COMPRESSIONS, Compression, compression
from .curve_base import Begun, CurvePredictor, Known, Values
from .curve_noise import NOISES, Noise, noise_of

FOLDS = 3


class Model(NamedTuple):
    """Of one number of seen epochs."""

    compression: Compression
    regression: Regression
    noise: Noise
    error: Values  # [epochs]  [2]


@dataclass(frozen=True, kw_only=True)
class Surrogate(CurvePredictor):
    """Compressed curves, regressed.

    Args:
        rank: k; of fewer curves or epochs, those.
        compress: "svd" or "vae".
        regressor: "forest", "mlp", or "lgb", "xgb" of the extra `curves`.
        noise: "std", "gkde" or "window".
        trained: whether hidden layers are; False gives the rows of the released code. [3]
    """

    name: ClassVar[str] = "svd"
    source: ClassVar[str] = "Yan 2022 (thesis), 5: NAS-Bench-x11"
    least: ClassVar[int] = 2 * FOLDS

    rank: int = 6
    compress: str = "svd"
    regressor: str = "forest"
    noise: str = "std"
    trained: bool = True

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise BadInput(f"rank is {self.rank}; give 1 or more")
        for word, value, known in (
            ("compression", self.compress, COMPRESSIONS),
            ("regressor", self.regressor, REGRESSORS),
            ("noise", self.noise, NOISES),
        ):
            if value not in known:
                raise UnknownName(word, value, known)

    def sample(
        self,
        prefix: Curves | npt.ArrayLike,
        x: npt.ArrayLike | None = None,
        *,
        seed: int = 0,
    ) -> Values:
        """One training of each, as the noise model draws it, [m, epochs]; arguments of `predict`,
        all prefixes of one length.

        Raises:
            BadInput: as `predict`; prefixes of several lengths.
        """
        mean = self.predict(prefix, x).mean
        fitted, model, seen = self._model_of(prefix)
        codes = model.compression.code((mean - fitted.mean) / fitted.spread)
        eps = model.noise.draw(codes, np.random.default_rng(seed))
        eps[:, :seen] = 0.0  # [4]
        return mean + fitted.spread * eps

    def noise_sd(self, prefix: Curves | npt.ArrayLike, x: npt.ArrayLike | None = None) -> Values:
        """Standard deviation of trainings of the same configuration, [m, epochs], as `sample` has
        it; also of epochs that were seen.

        Raises:
            BadInput: as `sample`.
        """
        mean = self.predict(prefix, x).mean
        fitted, model, _ = self._model_of(prefix)
        codes = model.compression.code((mean - fitted.mean) / fitted.spread)
        found: Values = fitted.spread * model.noise.sd(codes)
        return found

    def _model_of(self, prefix: Curves | npt.ArrayLike):  # type: ignore[no-untyped-def]
        values = prefix.values if isinstance(prefix, Curves) else np.asarray(prefix, np.float64)
        lengths = set(np.isfinite(values).sum(1).tolist()) or {values.shape[1]}
        fitted = self._kept["last"]
        if len(lengths) > 1:
            raise BadInput(f"prefixes have {len(lengths)} lengths; ask about one at a time")
        seen = lengths.pop()
        if seen not in fitted.models:
            fitted.models[seen] = self._fit(fitted.known, seen)
        return fitted, fitted.models[seen], seen

    def _fit(self, known: Known, seen: int) -> Model:
        curves = known.curves
        features = _features(curves[:, :seen], known.x)
        made = compression(self.compress, curves, self.rank, self.seed, self.trained)
        codes = made.code(curves)
        fold = np.random.default_rng([self.seed, seen]).permutation(len(curves)) % FOLDS
        off = np.empty_like(curves)
        for one in range(FOLDS):
            held = fold == one
            part = self._regression(features[~held], codes[~held])
            off[held] = curves[held] - made.curves(part(features[held]))
        noise = noise_of(self.noise, curves - made.curves(codes), codes, self.seed)
        error = np.sqrt(np.square(off).mean(0))
        return Model(made, self._regression(features, codes), noise, error)

    def _regression(self, x: Values, codes: Values) -> Regression:
        return regression(self.regressor, x, codes, self.seed, self.trained)

    def _predict(self, model: Model, begun: Begun, epochs: int) -> tuple[Values, Values]:
        if not len(begun.prefix):
            return np.zeros((0, epochs)), np.zeros((0, epochs))
        mean = model.compression.curves(model.regression(_features(begun.prefix, begun.x)))
        return mean, np.broadcast_to(model.error, mean.shape)


def _features(prefix: Values, x: Values | None) -> Values:
    """x and the epochs seen, [m, d + t]; one zero where there is neither."""
    parts = [part for part in (x, prefix) if part is not None and part.shape[1]]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(prefix), 1))
