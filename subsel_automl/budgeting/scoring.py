"""What a trial of a search by rungs is judged by: accuracy, on ENOUGH validation examples.

    below the last rung   ENOUGH validation examples, drawn once, the same for every trial
    at the last           all of them

So few examples are read in less time than a first rung trains, and rank about as well as all
(Kendall's tau with full training by measure, number of examples and length: `scoring` of claim
`trial-table`, with what temperature-scaled cross-entropy does). Trials are paired beside that:
every configuration of a network has the same initial weights, subset and order, by the search's
seed.
"""

from __future__ import annotations

import numpy as np

from ..core.pool import Pool

ENOUGH, KEY = 1000, 0x5C0E


def judged_on(validation: Pool, last: bool) -> Pool:
    """The examples that a trial of a rung is judged on.

    Args:
        last: of the plan's last rung.
    """
    if last or len(validation) <= ENOUGH:
        return validation
    rows = np.random.default_rng(KEY).permutation(len(validation))[:ENOUGH]
    return validation.take(np.sort(rows), f"{validation.name}, {ENOUGH} of them")
