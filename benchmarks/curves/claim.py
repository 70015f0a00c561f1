"""Claims: a surrogate foretells whole curves, and extrapolators foretell who will be ahead.

    python -m benchmarks.claims run curve-surrogate  [--quick]
    python -m benchmarks.claims run curve-rank       [--quick]

A full run measures what is not yet among the rows; --quick reads the rows. `curve-surrogate` is of
the default surrogate (rank 6, a forest), grouped by recipe; it says too whether what is known
before a run adds to the three epochs seen. `curve-rank` is of LcSVR fitted on 100 curves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.run import not_run
from benchmarks.statistics import Estimate, mean_interval, paired
from subsel_automl.core.errors import BadInput

from .cells import AFTER, FEATURES, KNOWN, NOISES, RANKERS, noises, rankers, surrogates
from .run import PATH
from .run import measure as run
from .table import MEASURES, mean, of_cell, rows

R2, TAU, LEAK = 0.82, 0.76, 0.30
BARS = {5: 0.80, 10: 0.89, 20: 0.93}
USUAL = {"compress": "svd", "regressor": "forest"}


def measure_surrogate(quick: bool = False) -> dict[str, Any]:
    """The four measures with and without epochs; KL by noise model."""
    if not quick:
        run()
    found = rows(surrogates())
    by = {features: of_cell(found, features=features, **USUAL) for features in FEATURES}
    if not all(by.values()):
        raise BadInput("nothing is measured yet; run python -m benchmarks.curves run")
    none, both, alone = (by[features] for features in FEATURES)
    missing = not_run(PATH, [*surrogates(), *noises()])
    r2, tau, leak = mean(both, "average_r2"), mean(both, "final_tau"), mean(none, "final_tau")
    held = [r2 is not None and r2.value >= R2, tau is not None and tau.value >= TAU]
    held.append(leak is not None and leak.value <= LEAK)
    return {
        "features": {f: {m: _plain(mean(told, m)) for m in MEASURES} for f, told in by.items()},
        "structure_adds": {
            m: paired(_by_seed(both, m), _by_seed(alone, m)).plain(3) for m in MEASURES
        },
        "kl": {noise: _kl(noise) for noise in NOISES},
        "cells_not_run": missing,
        "holds": all(held) and not missing,
    }


def measure_rank(quick: bool = False) -> dict[str, Any]:
    """Kendall's tau by predictor, finished curves and epoch; LcSVR less the last value."""
    if not quick:
        run()
    found = rows(rankers())
    taus = {
        name: {known: _taus(of_cell(found, predictor=name, known=known)) for known in KNOWN}
        for name in RANKERS
    }
    most = max(KNOWN)
    best = taus["lcsvr"][most]
    if not best:
        raise BadInput("nothing is measured yet; run python -m benchmarks.curves run")
    missing = not_run(PATH, rankers())
    return {
        "tau": {
            name: {str(known): {str(e): one.plain(3) for e, one in told.items()}
                   for known, told in by.items()}
            for name, by in taus.items()
        },
        "lcsvr_not_grouped": {
            str(e): one.plain(3)
            for e, one in _taus(
                of_cell(found, predictor="lcsvr", known=most, leaking=True)
            ).items()
        },
        "lcsvr_less_last": {str(k): _less(found, "lcsvr", k) for k in KNOWN},
        "cells_not_run": missing,
        "holds": not missing and all(best[e].value >= bar for e, bar in BARS.items()),
    }  # fmt: skip


def _taus(told: Sequence[Mapping[str, Any]]) -> dict[int, Estimate]:
    if not told:
        return {}
    return {e: mean_interval([row[str(e)]["tau"] for row in told]) for e in AFTER}


def _less(found: Sequence[Mapping[str, Any]], name: str, known: int) -> dict[str, Any] | None:
    """Its tau less that of the last value, of the same runs."""
    ours, theirs = (of_cell(found, predictor=one, known=known) for one in (name, "last"))
    if len(ours) != len(theirs) or not ours:
        return None
    less = {}
    for e in AFTER:
        mine, last = (
            {row["cell"]["seed"]: row[str(e)]["tau"] for row in told} for told in (ours, theirs)
        )
        less[str(e)] = paired(mine, last).plain(3)
    return less


def _kl(noise: str) -> dict[str, Any]:
    told = of_cell(rows(noises()), noise=noise)
    names = ("kl", "median_kl", "kl_of_noise", "median_kl_of_noise")
    return {name: _plain(mean(told, name)) for name in names}


def _by_seed(told: Sequence[Mapping[str, Any]], name: str) -> dict[int, float]:
    return {row["cell"]["seed"]: row[name] for row in told}


def _plain(one: Estimate | None) -> dict[str, Any] | None:
    return None if one is None else one.plain(3)
