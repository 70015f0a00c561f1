"""What a query is expected to gain over the best result so far (Jones et al. 1998, Eq. 15).

    EI = (mu - best) Phi(z) + sd phi(z) = sd (phi(z) + z Phi(z)),   z = (mu - best) / sd
    sd = 0: EI = max(mu - best, 0)

Larger results are better. `best` is the best result that has been seen; Yan 2022 (thesis, 3) fixes
it at 0.95 on NAS-Bench-101, more than any cell has.

Values of which a few are far off are told by the normal scores of their ranks instead (van der
Waerden 1952; Salinas et al. 2020 for searches).

Deviations:
    [1] Far below the best, phi(z) + z Phi(z) is a difference of two equal numbers; there it is
        phi(z) (1 - |z| M(|z|)), M the ratio of Mills from the scaled complementary error function.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
FAR = -1.0  # z below which [1] holds


def expected_improvement(mean: npt.ArrayLike, sd: npt.ArrayLike, best: float) -> Values:
    """Expected improvement of each candidate over `best`, at least 0; larger means are better.

    Args:
        mean: predicted result of each candidate, [m].
        sd: standard deviation (no variance) of each prediction, [m], at least 0.
        best: the best result seen.

    Raises:
        ValueError: a standard deviation below 0, or values that are not finite.
    """
    centre, spread = np.asarray(mean, np.float64), np.asarray(sd, np.float64)
    if not (np.isfinite(centre).all() and np.isfinite(spread).all() and np.isfinite(best)):
        raise ValueError("means, standard deviations and the best result must be finite")
    if (spread < 0).any():
        raise ValueError(f"a standard deviation is {spread.min()}; it is never below 0")
    gain = centre - best
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, gain / spread, 0.0)
    known = np.clip(z, -40.0, 40.0)  # beyond, one of the two parts is 0 in double precision
    found: Values = np.where(np.abs(z) < 40, spread * _unit(known), np.maximum(gain, 0.0))
    return np.where(spread > 0, found, np.maximum(gain, 0.0))


def normal_scores(values: npt.ArrayLike) -> Values:
    """Normal quantiles of the values' ranks, [n]: Phi^-1((rank - 1/2) / n); equal values share one.

    Raises:
        ValueError: values that are not finite, or none.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    given = np.asarray(values, np.float64)
    if given.ndim != 1 or not len(given) or not np.isfinite(given).all():
        raise ValueError("give some finite values, [n]")
    found: Values = ndtri((rankdata(given) - 0.5) / len(given))
    return found


def _unit(z: Values) -> Values:
    """phi(z) + z Phi(z), the expected improvement at sd = 1."""
    from scipy.special import erfcx, ndtr

    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    mills = np.sqrt(np.pi / 2) * erfcx(np.maximum(-z, 0.0) / np.sqrt(2))
    far = density * np.maximum(1 + z * mills, 0.0)  # [1]
    found: Values = np.where(z < FAR, far, density + z * ndtr(z))
    return found
