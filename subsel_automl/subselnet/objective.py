"""Lambda of SubSelNet Eq. 2, its expectation (Eq. 9), and the least value that any sampler reaches.

    Lambda(S) = sum_{i in S} loss_i - lambda H(Pr_pi)                                      (2)

With a negative lambda the harder examples are sought: -sum loss - |lambda| H is minimised, so that
the entropy is rewarded either way. All values here are of the problem that is minimised.

Deviations: none for lambda > 0; the paper has no negative lambda.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..maths import draws

Losses = npt.NDArray[np.floating]


def gibbs_logits(losses: Losses, temperature: float) -> npt.NDArray[np.float64]:
    """pi_i = -loss_i / lambda: the closed form of Eq. 9's minimiser, up to the draw's order.

    Raises:
        BadInput: lambda is 0 or not finite.
    """
    if temperature == 0 or not math.isfinite(temperature):
        raise BadInput(
            f"temperature (lambda) is {temperature}; give a finite number, positive for easier "
            "examples, negative for harder ones"
        )
    return -np.asarray(losses, np.float64) / temperature


def value(
    losses: Losses, logits: Losses, subsets: Sequence[npt.NDArray[np.int64]], temperature: float
) -> float:
    """Monte-Carlo estimate of Eq. 9 for a Plackett-Luce sampler: H = -E log Pr(S)."""
    sign, heat = math.copysign(1.0, temperature), abs(temperature)
    each = [
        sign * float(losses[s].sum()) + heat * draws.log_probability(logits, s) for s in subsets
    ]
    return float(np.mean(each))


def optimum(losses: Losses, b: int, temperature: float) -> float:
    """-|lambda| log(b! e_b(exp(-loss / lambda))): attained by the conditional Bernoulli draw."""
    logits = gibbs_logits(losses, temperature)
    heat = abs(temperature)
    return -heat * (math.lgamma(b + 1) + draws.log_symmetric_polynomial(logits, b))


def uniform_value(losses: Losses, b: int, temperature: float) -> float:
    """Eq. 9 for uniformly drawn subsets: the other end of the scale."""
    sign, heat, n = math.copysign(1.0, temperature), abs(temperature), len(losses)
    entropy = math.lgamma(n + 1) - math.lgamma(n - b + 1)
    return sign * b * float(np.mean(losses)) - heat * entropy
