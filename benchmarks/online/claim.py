"""Claim: 48 trials that learn from each other, against all data for equal steps.

    python -m benchmarks.claims run online  [--quick]

A full run makes every search that is not yet among the results; --quick reads the rows that are
there. The trials of a search teach each other, so that intervals are over searches. Equal steps are
not equal costs: lessons and selection are in `cost_of_rival`.
"""

from __future__ import annotations

from typing import Any

from benchmarks.hpo.cells import or_none
from benchmarks.online import cells as online
from benchmarks.online.run import measure as measure_searches
from benchmarks.run import not_run
from benchmarks.statistics import Estimate
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
    bars = {
        "below_a_fifth_of_full": found["cost_of_full"] is not None
        and found["cost_of_full"] < SHARE,
        "never_below": all(one.value >= 0 for one in quarters),
        "half_a_point_ahead_in_the_last_two_quarters": all(
            one.verdict(GAIN) == "better" for one in quarters[-2:]
        ),
        "winner_no_worse": found["error_saved"].verdict() != "worse",
    }
    return {
        **{name: _plain(value) for name, value in found.items()},
        "bars": bars,
        "cells_not_run": not_run(online.PATH, online.cells()),
        "holds": all(bars.values()),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Estimate):
        return value.plain()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return or_none(value) if isinstance(value, float) else value
