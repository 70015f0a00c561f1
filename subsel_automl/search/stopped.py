"""A training that was stopped has no result: what a search is told of it is below every value.

    STOPPED = -inf;   a search never goes on from it, and no best is one
    filled(values) = value where it finished, else the worst that finished, less a gap

Where a model must be given a number (bo, bo-local, rl), a stopped training is as bad as the worst
that finished; with a gap it is worse, so that its rank is the last.

Source: this project. In the released code of Yan 2022 (thesis, 5) the value of the few epochs that
a stopped training had stands in the search's history, beside the values of whole trainings.

Deviations: none.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

STOPPED = -math.inf


def finished(value: float) -> bool:
    """Whether it is the value of a whole training."""
    return value != STOPPED


def filled(values: npt.ArrayLike, gap: float = 0.0) -> npt.NDArray[np.float64]:
    """Values [n] of which all are finite; 0 less the gap where none finished."""
    given = np.asarray(values, np.float64)
    whole = given[given != STOPPED]
    worst = float(whole.min()) if len(whole) else 0.0
    return np.where(given == STOPPED, worst - gap, given)
