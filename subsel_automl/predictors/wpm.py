"""WPM: a weighted sum of eleven parametric families, fitted to the curve itself and sampled.

    y(e) = sum_k w_k f_k(e; theta_k) + eps,   eps ~ N(0, sigma^2),   w on the simplex
    mean, sd over Metropolis' samples of (theta, w, sigma) given the epochs seen

It learns nothing from other curves: it can be used before any has finished.

Source: Domhan et al. 2015, 3; Yan 2022 (thesis), 5, WPM (weighted probabilistic model).

Deviations:
    [1] Curves are turned to rise and are scaled into 0.3..0.8 by their first epochs, so that losses
        and accuracies are alike.
    [2] Chains begin at each family's least squares and at the weights exp(-BIC/2) instead of equal
        ones. A proposal changes one family, the weights or sigma, and can be rejected (in the
        released code of the thesis it stays when it is).
    [3] The prior is flat where sum_k w_k f_k at the last epoch is finite and at most two ranges of
        the seen values away from the last of them.
    [4] Of fewer than three epochs the prediction is that of `last`.
    [5] sigma is at least 1e-4 of the range: exact curves would else stop the chains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from ..core.errors import BadInput
from ..maths.curve_families import FAMILIES, fitted
from ..maths.metropolis import step
from .curve_base import Begun, CurvePredictor, Known, Values
from .last import Last

FEWEST = 3  # [4]
LOW, HIGH = 0.3, 0.8  # [1]
LEAST_SIGMA = 1e-4 * (HIGH - LOW)  # [5]
FAR = 2 * (HIGH - LOW)  # [3]
STEP = 0.02  # of a proposal, as a share of a parameter's size
WIDE = np.asarray(0.3)  # of log w and log sigma
LEAST_RANGE = 1e-9  # of a curve that is no constant


class Chains(NamedTuple):
    """Of B curves and W chains."""

    theta: list[Values]  # of each family [B, W, d]
    values: Values  # of each family at the seen epochs and the last one, [B, W, K, t + 1]
    log_w: Values  # [B, W, K]
    log_sigma: Values  # [B, W, 1]
    score: Values  # [B, W]


@dataclass(frozen=True, kw_only=True)
class Wpm(CurvePredictor):
    """Eleven families, sampled.

    Args:
        chains: of a curve.
        sweeps: proposals of every part; the second half is kept.
    """

    name: ClassVar[str] = "wpm"
    source: ClassVar[str] = "Domhan et al. 2015, 3; Yan 2022 (thesis), 5"
    least: ClassVar[int] = 0

    chains: int = 8
    sweeps: int = 60

    def __post_init__(self) -> None:
        for name in ("chains", "sweeps"):
            if getattr(self, name) < 2:
                raise BadInput(f"{name} is {getattr(self, name)}; give 2 or more")

    def _fit(self, known: Known, seen: int) -> tuple[Values, Values]:
        return Last()._fit(known, seen)

    def _predict(
        self, model: tuple[Values, Values], begun: Begun, epochs: int
    ) -> tuple[Values, Values]:
        rows, seen = begun.prefix.shape
        mean, sd = (part.copy() for part in Last()._predict(model, begun, epochs))
        moving = np.ptp(begun.prefix, axis=1) > LEAST_RANGE if seen else np.zeros(rows, bool)
        if seen >= FEWEST and moving.any():  # [4]
            mean[moving], sd[moving] = self._sampled(begun.prefix[moving], epochs)
        return mean, sd

    def _sampled(self, prefix: Values, epochs: int) -> tuple[Values, Values]:
        """Mean and sd of curves, [B, epochs]; each is drawn for as if it were alone."""
        half = prefix.shape[1] // 2
        turn = np.where(prefix[:, half:].mean(1) >= prefix[:, :half].mean(1), 1.0, -1.0)[:, None]
        low = (turn * prefix).min(1, keepdims=True)
        unit = np.ptp(prefix, axis=1)[:, None] / (HIGH - LOW)
        y = LOW + (turn * prefix - low) / unit  # [1]
        x = np.arange(1.0, epochs + 1)
        state = _begin(x, y, self.chains)
        rng = np.random.default_rng([self.seed, prefix.shape[1]])
        drawn, noise = [], []
        for sweep in range(self.sweeps):
            state = _sweep(state, x, y, rng)
            if sweep >= self.sweeps // 2:
                drawn.append(_mixture(_every(state, x), state.log_w))
                noise.append(np.exp(2 * state.log_sigma[..., 0]).mean(1))
        samples = np.concatenate(drawn, axis=1)  # [B, samples, epochs]
        variance = samples.var(1) + np.mean(noise, axis=0)[:, None]
        return turn * (low + unit * (samples.mean(1) - LOW)), unit * np.sqrt(variance)


def _begin(x: Values, y: Values, chains: int) -> Chains:
    """Least squares of every family; weights exp(-BIC/2). [2]"""
    seen = y.shape[1]
    at = np.append(x[:seen], x[-1])
    theta, bic = [], []
    for family in FAMILIES.values():
        found = [fitted(family, x[:seen], row) for row in y]
        best = np.stack([one for one, _ in found])
        sigma2 = np.maximum(np.array([squares for _, squares in found]) / seen, LEAST_SIGMA**2)
        near = np.abs(family(at, best)[:, -1] - y[:, -1]) < FAR
        bic.append(np.where(near, seen * np.log(sigma2) + best.shape[1] * np.log(seen), np.inf))
        theta.append(np.repeat(best[:, None], chains, 1))
    each = np.stack(bic, 1)
    each = np.where(np.isfinite(each).any(1, keepdims=True), each, 0.0)
    log_w = np.maximum(-(each - each.min(1, keepdims=True)) / 2, -50.0)
    log_w = np.repeat(log_w[:, None], chains, 1)
    values = _every_at(theta, at)
    off = y[:, None] - _mixture(values, log_w)[..., :-1]
    sigma = np.sqrt(np.square(np.nan_to_num(off, nan=1.0)).mean(-1, keepdims=True))
    log_sigma = np.log(np.maximum(sigma, LEAST_SIGMA))
    return Chains(theta, values, log_w, log_sigma, _log_density(values, log_w, log_sigma, y))


def _sweep(state: Chains, x: Values, y: Values, rng: np.random.Generator) -> Chains:
    """One proposal of each family, of the weights and of sigma."""
    at = np.append(x[: y.shape[1]], x[-1])
    for place in range(len(FAMILIES)):
        state = _family_step(state, place, at, y, rng)
    values, sigma = state.values, state.log_sigma
    log_w, score, _ = step(
        state.log_w, state.score, WIDE, lambda w: _log_density(values, w, sigma, y), rng
    )
    log_sigma, score, _ = step(
        sigma, score, WIDE, lambda one: _log_density(values, log_w, one, y), rng
    )
    return state._replace(log_w=log_w, log_sigma=log_sigma, score=score)


def _family_step(
    state: Chains, place: int, at: Values, y: Values, rng: np.random.Generator
) -> Chains:
    """A proposal of the parameters of one family."""
    family, proposed = tuple(FAMILIES.values())[place], state.values.copy()

    def density(theta: Values) -> Values:
        proposed[:, :, place] = family(at, theta)
        return _log_density(proposed, state.log_w, state.log_sigma, y)

    old = state.theta[place]
    theta, score, taken = step(old, state.score, STEP * (np.abs(old) + 0.1), density, rng)
    values = np.where(taken[..., None, None], proposed, state.values)
    return state._replace(
        theta=[*state.theta[:place], theta, *state.theta[place + 1 :]], values=values, score=score
    )


def _log_density(values: Values, log_w: Values, log_sigma: Values, y: Values) -> Values:
    """Of chains, [B, W], up to a constant; -inf where the prior is 0. [3]"""
    curve = _mixture(values, log_w)
    squares = np.square(curve[..., :-1] - y[:, None]).sum(-1)
    sigma = log_sigma[..., 0]
    found = -squares / (2 * np.exp(2 * sigma)) - y.shape[1] * sigma
    known = np.isfinite(found) & (np.abs(curve[..., -1] - y[:, -1:]) < FAR)
    known &= (sigma >= np.log(LEAST_SIGMA) - 1e-12) & (sigma < 1.0) & (np.abs(log_w).max(-1) < 60)
    return np.where(known, found, -np.inf)


def _mixture(values: Values, log_w: Values) -> Values:
    """sum_k w_k f_k, [B, W, t]; a family of no weight is left out, whatever it says."""
    w = np.exp(log_w - log_w.max(-1, keepdims=True))
    w = np.where(w < 1e-12, 0.0, w)
    w /= w.sum(-1, keepdims=True)
    kept = np.where(w[..., None] > 0, values, 0.0)
    found: Values = (w[..., None] * kept).sum(2)
    return found


def _every(state: Chains, x: Values) -> Values:
    """All families at all epochs, [B, W, K, epochs]."""
    return _every_at(state.theta, x)


def _every_at(theta: list[Values], x: Values) -> Values:
    return np.stack(
        [family(x, one) for family, one in zip(FAMILIES.values(), theta, strict=True)], 2
    )
