"""Schedules of a subset that changes while a network trains (Yao et al., ASP).

    ratio of epoch i of N   2 r linspace(1, 0.01, N)[i]            r <= 1/2     (Algorithm 2)
                            linspace(1, 2 r - 1, N)[i]             r > 1/2
    P(metric k at epoch i)  ~ exp(-(i / N - mu_k)^2 / (2 s^2))                   (B.2, Fig. 3)

with mu = 1/4 of the training for random, 2/4 for prediction and gradient, 3/4 for loss and entropy.
Deviations:
    [1] The variance is not printed; s is the caller's.
    [2] Epochs beyond N count as the last.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Odds = npt.NDArray[np.float64]

METRICS = ("random", "prediction", "gradient", "loss", "entropy")
MEANS = (1 / 4, 2 / 4, 2 / 4, 3 / 4, 3 / 4)


def sampling_ratio(r: float, epoch: int, epochs: int) -> float:
    """Share of the data in an epoch (from 0); its mean over the epochs is r, or 1.01 r up to 1/2.

    Raises:
        ValueError: r outside (0, 1], or no epoch.
    """
    if not 0 < r <= 1 or epochs < 1 or epoch < 0:
        raise ValueError(f"no ratio for r={r}, epoch {epoch} of {epochs}")
    i = min(epoch, epochs - 1)  # [2]
    if r <= 0.5:
        return float(np.linspace(1, 0.01, epochs)[i] * 2 * r)
    return float(np.linspace(1, 2 * r - 1, epochs)[i])


def metric_odds(epoch: int, epochs: int, spread: float) -> Odds:
    """Probability of each of `METRICS` in an epoch (from 0). -> [5]

    Args:
        spread: s, as a share of the training.

    Raises:
        ValueError: no epoch, or no spread.
    """
    if not spread > 0 or epochs < 1 or epoch < 0:
        raise ValueError(f"no odds for epoch {epoch} of {epochs} at spread {spread}")
    place = min(epoch, epochs) / epochs
    log_odds = -((place - np.array(MEANS)) ** 2) / (2 * spread**2)
    odds = np.exp(log_odds - log_odds.max())
    out: Odds = odds / odds.sum()
    return out
