"""One step of Metropolis' sampling, for many chains at once (Metropolis et al. 1953).

    x' = x + scale n,  n ~ N(0, I);   x' is taken with probability min(1, p(x') / p(x))

Deviations:
    [1] A proposal whose density is not a number is rejected.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def step(
    state: Values,
    score: Values,
    scale: Values,
    log_density: Callable[[Values], Values],
    rng: np.random.Generator,
) -> tuple[Values, Values, npt.NDArray[np.bool_]]:
    """The next state [m, ..., d], its log density [m, ...], and which proposals were taken.

    Rows share their draws, so that each is sampled as if it were alone.

    What was given is left as it is: a rejected proposal changes neither it nor the state that is
    returned.
    """
    proposal = state + scale * rng.standard_normal(state.shape[1:])
    with np.errstate(all="ignore"):
        new = log_density(proposal)
        taken = np.log(rng.random(score.shape[1:])) < new - score  # [1]: false of NaN
    return np.where(taken[..., None], proposal, state), np.where(taken, new, score), taken
