"""Claim: 48 trials that learn from each other, against all data for equal steps.

    python -m benchmarks.claims run online  [--quick]

A full run makes every search that is not yet among the results; --quick reads the rows that are
there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.hpo.cells import or_none
from benchmarks.online import cells as online
from benchmarks.online.run import measure as measure_searches
from benchmarks.run import not_run
from subsel_automl.core.errors import BadInput

SHARE, GAIN = 0.2, 0.5


def measure(quick: bool = False) -> dict[str, Any]:
    """48 trials from nothing: cost against full search, accuracy against all data, equal steps."""
    if not quick:
        measure_searches()
    found = online.summary()
    if not found["repeats"]:
        raise BadInput("no pair of searches is measured yet; run python -m benchmarks.online run")
    quarters = found["gain_by_quarter"]
    cheap = found["cost_of_full"] is not None and found["cost_of_full"] < SHARE
    never_below = all(mean >= -(0.0 if np.isnan(error) else error) for mean, error in quarters)
    ahead = all(mean >= GAIN for mean, _ in quarters[-2:])
    winner = found["test_error"][0] <= found["rival_test_error"][0] + _spread(found)
    return {
        **{name: _plain(value) for name, value in found.items()},
        "bars": {
            "below_a_fifth_of_full": bool(cheap),
            "never_below_by_more_than_the_spread": never_below,
            "half_a_point_ahead_in_the_last_two_quarters": ahead,
            "winner_no_worse": bool(winner),
        },
        "cells_not_run": not_run(online.PATH, online.cells()),
        "holds": bool(cheap and never_below and ahead and winner),
    }


def _spread(found: dict[str, Any]) -> float:
    errors = [found["test_error"][1], found["rival_test_error"][1]]
    return float(np.nansum(errors)) / 2


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return or_none(value) if isinstance(value, float) else value
