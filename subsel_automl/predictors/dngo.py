"""DNGO, adaptive basis regression: Bayesian linear regression on what a small network has learned.

    phi(x)  last hidden layer (tanh) of a network that is trained on squared error; 1 beside it
    K = beta Phi' Phi + alpha I,   m = beta K^-1 Phi' y
    mean = m' phi(x),   sd^2 = phi(x)' K^-1 phi(x) + 1 / beta
    alpha, beta: the largest evidence  log N(y | 0, Phi Phi' / alpha + I / beta)

Source: Snoek et al. 2015, section 3 (Eqs. 4 to 7); settings of Yan 2022 (thesis), 3, BO: 128 tanh
units, 100 epochs, top of the pool retrained from new weights in each round.

Deviations:
    [1] sd is the square root of the variance; the code of arch2vec and CATE takes the variance.
    [2] alpha stays in 1e-3..1e3 and beta in 1e-2..1e2 (the results have spread 1, so their noise is
        never thought below a tenth of it). The largest evidence is found on a grid that is refined,
        not by a descent that may end in a corner.
    [3] Batches of max(10, n / 4) rows where the code takes 10, so that 300 rows take 400 steps.
    [4] Three hidden layers as in the code, where the thesis says one.
    [5] Weight decay of 0.03 and a rate of 0.003, where the code has none and 0.01: phi has seen the
        results, so the evidence takes their noise for signal. On 250 cells of NAS-Bench-101 (sum of
        the GVAE's nodes) 6 % of the results lay within one sd without, 64 % with it, and r is 0.76
        for 0.71.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..core.errors import BadInput
from .base import Prediction, Predictor, Scale, Values, positive

LEAST_BATCH, PARTS = 10, 4
ALPHA, BETA = (1e-3, 1e3), (1e-2, 1e2)  # [2]
GRID, ZOOMS = 31, 4


class Basis(NamedTuple):
    """Weights of the hidden layers: tanh(x w + b), one after the other."""

    layers: list[tuple[Tensor, Tensor]]

    def __call__(self, x: Tensor) -> Tensor:
        for weight, bias in self.layers:
            x = torch.tanh(torch.addmm(bias, x, weight))
        return x


class Regression(NamedTuple):
    """The posterior of the linear weights: mean m [u] and root of the covariance, K^-1 = R R'."""

    mean: Values
    root: Values
    alpha: float
    beta: float


class Model(NamedTuple):
    """What `_fit` learns."""

    scale: Scale
    basis: Basis
    regression: Regression


@dataclass(frozen=True, kw_only=True)
class Dngo(Predictor):
    """Bayesian linear regression on the last hidden layer of a trained network.

    Args:
        units: of each hidden layer.
        layers: hidden layers.  [4]
        epochs: passes over the rows.
        rate, weight_decay: of Adam.  [5]
    """

    name: ClassVar[str] = "dngo"
    source: ClassVar[str] = "Snoek et al. 2015, Eqs. 4 to 7; settings Yan 2022 (thesis), 3, BO"

    units: int = 128
    layers: int = 3
    epochs: int = 100
    rate: float = 0.003
    weight_decay: float = 0.03

    def __post_init__(self) -> None:
        for name in ("units", "layers", "epochs"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give 1 or more")
        positive("rate", self.rate)
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise BadInput(f"weight_decay is {self.weight_decay}; give 0 or more")

    def _fit(self, x: Values, y: Values) -> Model:
        scale = Scale.of(x)
        rows = torch.from_numpy(scale.apply(x)).float()
        basis = self._trained(rows, torch.from_numpy(y).float())
        return Model(scale, basis, regression(_features(basis, rows), y))

    def _predict(self, model: Model, x: Values) -> Prediction:
        phi = _features(model.basis, torch.from_numpy(model.scale.apply(x)).float())
        inside = np.square(phi @ model.regression.root).sum(1)
        return Prediction(
            phi @ model.regression.mean,
            np.sqrt(inside + 1 / model.regression.beta),  # [1]
        )

    def _trained(self, x: Tensor, y: Tensor) -> Basis:
        """A network that maps rows to results by squared error, less its last layer."""
        draws = torch.Generator().manual_seed(self.seed)
        widths = [x.shape[1], *[self.units] * self.layers, 1]
        layers = [_layer(a, b, draws) for a, b in pairwise(widths)]
        basis, (weight, bias) = Basis(layers[:-1]), layers[-1]
        parameters = [part for layer in layers for part in layer]
        adam = torch.optim.Adam(parameters, self.rate, weight_decay=self.weight_decay)  # [5]
        size = max(LEAST_BATCH, -(-len(x) // PARTS))  # [3]
        for _ in range(self.epochs):
            for rows in torch.randperm(len(x), generator=draws).split(size):
                found = torch.addmm(bias, basis(x[rows]), weight)[:, 0]
                adam.zero_grad()
                (found - y[rows]).square().mean().backward()
                adam.step()
        return Basis([(w.detach(), b.detach()) for w, b in basis.layers])


def regression(phi: Values, y: Values) -> Regression:
    """The posterior for features phi [n, u] and results y [n] at the largest evidence.

    With Phi = U S V': the results have variance S^2 / alpha + 1 / beta along each column of U, and
    1 / beta along what is left.
    """
    left, singular, right = np.linalg.svd(phi, full_matrices=False)
    along = left.T @ y
    rest = max(float(y @ y - along @ along), 0.0)
    alpha, beta = _largest(singular**2, along**2, rest, len(y) - len(along))
    precision = beta * singular**2 + alpha
    mean = right.T @ (beta * singular * along / precision)
    # K^-1 = V diag(1 / precision) V' + (I - V V') / alpha: the root is the sum of both roots
    missing = np.sqrt(1 / alpha)
    root = missing * np.eye(phi.shape[1]) + (right.T * (precision**-0.5 - missing)) @ right
    return Regression(mean, root, alpha, beta)


def evidence(
    log_alpha: Values, log_beta: Values, power: Values, along: Values, rest: float, free: int
) -> Values:
    """log N(y | 0, Phi Phi' / alpha + I / beta) less the constant, for arrays of alpha and beta.

    Args:
        power, along: S^2 [k], and the squares of the results' parts along U [k].
        rest, free: square of the part outside of U, and in how many directions.
    """
    noise = np.exp(-log_beta)
    spread = power * np.exp(-log_alpha)[..., None] + noise[..., None]
    found: Values = -0.5 * (
        (np.log(spread) + along / spread).sum(-1) + free * np.log(noise) + rest / noise
    )
    return found


def _largest(power: Values, along: Values, rest: float, free: int) -> tuple[float, float]:
    """alpha and beta of the largest evidence within the bounds [2]."""
    bounds = np.log([ALPHA, BETA])
    low, high = bounds.T
    for _ in range(ZOOMS):
        log_alpha, log_beta = np.linspace(low, high, GRID, axis=1)
        found = evidence(log_alpha[:, None], log_beta[None, :], power, along, rest, free)
        a, b = np.unravel_index(int(found.argmax()), found.shape)
        best, step = np.array([log_alpha[a], log_beta[b]]), (high - low) / (GRID - 1)
        low, high = (
            np.maximum(best - 2 * step, bounds[:, 0]),
            np.minimum(best + 2 * step, bounds[:, 1]),
        )
    return float(np.exp(best[0])), float(np.exp(best[1]))


def _features(basis: Basis, x: Tensor) -> Values:
    """phi(x) [n, u + 1]."""
    with torch.no_grad():
        learned = basis(x).double().numpy()
    return np.concatenate([learned, np.ones((len(learned), 1))], 1)


def _layer(inputs: int, outputs: int, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Weights [inputs, outputs] and biases, uniform within 1 / sqrt(inputs)."""
    bound = inputs**-0.5
    weight, bias = torch.empty(inputs, outputs), torch.empty(outputs)
    for part in (weight, bias):
        part.uniform_(-bound, bound, generator=draws).requires_grad_()
    return weight, bias
