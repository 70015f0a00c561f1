"""How far a predicted distribution of curves is from the true one (Yan 2022, 5, Eq. of D_KL).

    D_KL(y || y') = 1/(2 E) [log |S'|/|S| - E + (m - m')^T S'^-1 (m - m') + tr(S'^-1 S)]

with diagonal S, S'.

Deviations: none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def kl_of_gaussians(
    mean: npt.ArrayLike, sd: npt.ArrayLike, other_mean: npt.ArrayLike, other_sd: npt.ArrayLike
) -> Values:
    """KL divergence of the first Gaussian from the other, per epoch: each [..., epochs], of
    independent epochs; the mean over the last axis is D_KL.

    Raises:
        ValueError: a standard deviation that is not above 0.
    """
    m, s, m2, s2 = (np.asarray(part, np.float64) for part in (mean, sd, other_mean, other_sd))
    if not ((s > 0).all() and (s2 > 0).all()):
        raise ValueError("standard deviations must be above 0")
    found: Values = 0.5 * (2 * np.log(s2 / s) - 1 + np.square((m - m2) / s2) + np.square(s / s2))
    return found
