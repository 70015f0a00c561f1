"""Claim: with trainings on chosen subsets, searches that learn across trials find better cells.

    python -m benchmarks.claims run trial-search  [--quick]

Test accuracies by the table, in points, at equal CPU seconds; pairs are of one seed and provider,
intervals over seeds. The bar: local search or `bo` is clearly above random search with one of the
providers; whatever comes out is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.run import not_run, rows_of
from benchmarks.statistics import mean_interval, paired
from subsel_automl.core.errors import BadInput
from subsel_automl.maths.metrics import kendall_tau

from .cells import CONTROLS, OURS, PATH, PROVIDERS, SEARCHES, at_equal_cost, cells
from .run import measure as run

Found = Mapping[tuple[str, str, int], float]


def measure(quick: bool = False) -> dict[str, Any]:
    """Accuracies and differences."""
    if not quick:
        run()
    rows = rows_of(PATH, cells())
    found = at_equal_cost(rows)
    if not found:
        raise BadInput("nothing is measured yet; run python -m benchmarks.trial_search run")
    more = {
        provider: {
            f"{ours} over {control}": _more(found, (ours, provider), (control, provider))
            for ours in OURS
            for control in CONTROLS
        }
        for provider in PROVIDERS
    }
    clear = [
        f"{name}, {provider}"
        for provider, each in more.items()
        for name, one in each.items()
        if one is not None and (one["interval"][0] or 0) > 0 and "over random" in name
    ]
    missing = not_run(PATH, cells())
    return {
        "test_percent": {
            provider: {search: _mean(found, search, provider) for search in SEARCHES}
            for provider in PROVIDERS
        },
        "more": more,
        "subselnet_over_random_per_class": {
            search: _more(found, (search, "subselnet"), (search, "random-per-class"))
            for search in SEARCHES
        },
        "judge_tau": {
            provider: _tau([row for row in rows if row["cell"]["provider"] == provider])
            for provider in PROVIDERS
        },
        "cpu_seconds_a_search": round(float(np.mean([row["spent"][-1] for row in rows])), 1),
        "clearly_above_random": clear,
        "cells_not_run": missing,
        "holds": bool(clear and not missing),
    }


def _mean(found: Found, search: str, provider: str) -> dict[str, Any] | None:
    values = [value for key, value in found.items() if key[:2] == (search, provider)]
    return mean_interval(values).plain() if values else None


def _more(found: Found, ours: tuple[str, str], theirs: tuple[str, str]) -> dict[str, Any] | None:
    """Paired by seed."""
    one, other = (
        {key[2]: value for key, value in found.items() if key[:2] == side}
        for side in (ours, theirs)
    )
    both = sorted(set(one) & set(other))
    if not both:
        return None
    return paired({s: one[s] for s in both}, {s: other[s] for s in both}).plain()


def _tau(rows: Any) -> float | None:
    """How well a training's accuracy ranks cells, a mean over random searches."""
    taus = [kendall_tau(r["read"], r["truth"]) for r in rows if r["cell"]["search"] == "random"]
    return round(float(np.mean(taus)), 3) if taus else None
