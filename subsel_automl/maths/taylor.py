"""Greedy choice of the examples whose gradient step lowers a validation loss, by Taylor expansion.

    gain of i ~ <g_i, grad L_V(theta_S)>,   theta_S = theta - step mean_{j in S} g_j

over the last layer, g_i = e_i h_i^T. grad L_V is computed anew `terms` times while S grows;
between, gains are fixed, so the best of all are the top ones; stochastic greedy takes the best of
some (`maths.stochastic`).
Source: Killamsetty et al. 2021b (GLISTER-ONLINE), Eq. 6 and Algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import draws
from .stochastic import Remaining

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Last-layer gradients e_i h_i^T: errors p - y [n, c], inner inputs [n, k]."""

    error: Floats
    inner: Floats


@dataclass(frozen=True, eq=False)
class Held:
    """The validation examples: errors p - y [m, c], inner inputs [m, k], labels [m]."""

    error: Floats
    inner: Floats
    labels: Rows

    def logits(self) -> Floats:
        """log p, from p = e + y. [m, c]"""
        chance = self.error.copy()
        chance[np.arange(len(self.labels)), self.labels] += 1
        logits: Floats = np.log(np.maximum(chance, 1e-30))
        return logits


def taylor_greedy(
    pool: Gradients,
    held: Held,
    b: int,
    *,
    terms: int,
    step: float,
    sample: int,
    rng: np.random.Generator,
) -> Rows:
    """b rows in order of choice.

    Args:
        terms: how often the validation gradient is computed.
        step: of theta_S, along the mean gradient of S.
        sample: random candidates a choice (stochastic greedy); 0 for all of them.

    Raises:
        ValueError: b out of range.
    """
    n = len(pool.error)
    if not 0 < b <= n:
        raise ValueError(f"cannot take {b} of {n} rows")
    logits = held.logits()
    left, chosen = np.arange(n), np.zeros(0, np.int64)
    for share in np.array_split(np.arange(b), min(terms, b)):
        moved = logits
        if len(chosen):
            mean = pool.error[chosen].T @ pool.inner[chosen] / np.float32(len(chosen))
            moved = np.asarray(logits - step * (held.inner @ mean.T), np.float32)
        slope = validation_gradient(moved, held)
        gains = np.einsum("nk,nk->n", pool.error[left] @ slope, pool.inner[left])
        if sample:
            taken = _best_of_samples(gains, len(share), sample, rng)
        else:
            taken = draws.top_b(gains, len(share))
        chosen = np.concatenate([chosen, left[taken]])
        left = np.delete(left, taken)
    return chosen


def validation_gradient(logits: Floats, held: Held) -> Floats:
    """grad L_V by the last layer, mean over the validation examples. -> [c, k]"""
    odds = np.exp(logits - logits.max(1, keepdims=True))
    error = odds / odds.sum(1, keepdims=True)
    error[np.arange(len(error)), held.labels] -= 1
    return np.asarray(error.T @ held.inner / np.float32(len(error)), np.float32)


def _best_of_samples(gains: Floats, b: int, sample: int, rng: np.random.Generator) -> Rows:
    """b places, each the best of some random ones that are left."""
    left = Remaining(len(gains), sample, rng)
    taken = [left.take(int(gains[left.candidates()].argmax())) for _ in range(b)]
    return np.array(taken, np.int64)
