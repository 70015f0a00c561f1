"""How trainings of one configuration differ: noise around a curve, from residuals of compression.

    e_i = y_i - d_k(c_k(y_i))                                                          [n, epochs]
    std      sd_j = sqrt(sum_i e_ij^2 / (n - 1)), the same for all runs
    gkde     a Gaussian kernel density of the vectors e_i: what an epoch does goes with the others
    window   sd of e_i in 10 epochs around each; a forest tells it from the code c_k(y_i)

Source: Yan 2022 (thesis), 5, Noise Modeling.

Deviations:
    [1] Residuals of a compression have no full covariance; the kernel's is that of the residuals
        plus a millionth of their mean variance, times Scott's factor.
    [2] The window is cut at the ends of a curve.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestRegressor

from ..core.errors import UnknownName

Values = npt.NDArray[np.float64]
WINDOW = 10


class Noise(ABC):
    """Noise of curves whose codes are given, [m, k]."""

    @abstractmethod
    def sd(self, codes: Values) -> Values:
        """Standard deviation of each epoch, [m, epochs]."""

    def draw(self, codes: Values, rng: np.random.Generator) -> Values:
        """Noise of one training of each, [m, epochs]."""
        sd = self.sd(codes)
        found: Values = sd * rng.standard_normal(sd.shape)
        return found


@dataclass(frozen=True)
class Std(Noise):
    """The same for all runs, independent in each epoch."""

    each: Values  # [epochs]

    @classmethod
    def of(cls, residuals: Values, codes: Values, seed: int) -> Std:
        return cls(np.sqrt(np.square(residuals).sum(0) / (len(residuals) - 1)))

    def sd(self, codes: Values) -> Values:
        return np.broadcast_to(self.each, (len(codes), len(self.each)))


@dataclass(frozen=True)
class Gkde(Noise):
    """The same for all runs; a draw is a residual that was seen, smoothed. [1]"""

    residuals: Values  # [n, epochs]
    root: Values  # of the kernel's covariance, [epochs, epochs]

    @classmethod
    def of(cls, residuals: Values, codes: Values, seed: int) -> Gkde:
        n, epochs = residuals.shape
        covariance = np.atleast_2d(np.cov(residuals, rowvar=False))
        covariance += (1e-6 * np.trace(covariance) / epochs + 1e-300) * np.eye(epochs)
        scott = n ** (-1 / (epochs + 4))
        return cls(residuals, scott * np.linalg.cholesky(covariance))

    def sd(self, codes: Values) -> Values:
        each = np.sqrt(self.residuals.var(0) + np.square(self.root).sum(1))
        return np.broadcast_to(each, (len(codes), len(each)))

    def draw(self, codes: Values, rng: np.random.Generator) -> Values:
        seen = self.residuals[rng.integers(len(self.residuals), size=len(codes))]
        found: Values = seen + rng.standard_normal(seen.shape) @ self.root.T
        return found


@dataclass(frozen=True)
class Window(Noise):
    """Of each run its own, told from its code."""

    forest: RandomForestRegressor

    @classmethod
    def of(cls, residuals: Values, codes: Values, seed: int) -> Window:
        forest = RandomForestRegressor(100, random_state=seed % 2**32, min_samples_leaf=3)
        return cls(forest.fit(codes, in_windows(residuals)))

    def sd(self, codes: Values) -> Values:
        found: Values = np.asarray(self.forest.predict(codes)).reshape(len(codes), -1)
        return found


def in_windows(residuals: Values) -> Values:
    """Root mean square of residuals in a window around each epoch, [n, epochs]. [2]"""
    epochs = residuals.shape[1]
    total = np.cumsum(np.square(residuals), axis=1)
    total = np.concatenate([np.zeros((len(residuals), 1)), total], axis=1)
    here = np.arange(epochs)
    start = np.maximum(here - WINDOW // 2, 0)
    end = np.minimum(here + WINDOW // 2, epochs)
    found: Values = np.sqrt((total[:, end] - total[:, start]) / (end - start))
    return found


NOISES: dict[str, Any] = {"std": Std, "gkde": Gkde, "window": Window}


def noise_of(kind: str, residuals: Values, codes: Values, seed: int) -> Noise:
    """A noise model fitted on residuals [n, epochs] of runs with these codes [n, k].

    Raises:
        UnknownName: no such model.
    """
    if kind not in NOISES:
        raise UnknownName("noise", kind, NOISES)
    found: Noise = NOISES[kind].of(residuals, codes, seed)
    return found
