"""Claim: searches on the tables, at the bars of plain hosts.

    python -m benchmarks.claims run table-search  [--quick]

NAS-Bench-101, 150 queries, 30 seeds, noiseless reading: regret of local search at most 0.25 points,
of evolution at most 0.20, of random search between 0.55 and 0.75 (less were a leak), the best of
`bo` and `bo-local` at most 0.20, else "worse than local search" is said; the simple three in 60 CPU
seconds. NAS-Bench-201, 100 queries, 100 seeds: local search at least 94.1 %, and some host above
arch2vec-BO's 94.18. Means are held against bars, as the papers' are; intervals stand beside.
"""

from __future__ import annotations

from typing import Any

from benchmarks import paper_nas
from benchmarks.run import not_run
from benchmarks.statistics import mean_interval, paired
from subsel_automl.core.errors import BadInput

from .cells import DATA, NB101, NB201, NOISES, QUERIES, SIMPLE, cells
from .run import PATH
from .run import measure as run
from .table import grouped, regrets

BARS = {"local": (0.0, 0.25), "evolution": (0.0, 0.20), "random": (0.55, 0.75)}
BEST_MODEL, SECONDS, LEAST_NB201 = 0.20, 60.0, 94.1


def measure(quick: bool = False) -> dict[str, Any]:
    """Regrets, accuracies, seconds."""
    if not quick:
        run()
    clean, noisy = (grouped(NB101, noise=noise) for noise in NOISES)
    if not set(SIMPLE) <= set(clean):
        raise BadInput("nothing is measured yet; run python -m benchmarks.nas101 run")
    last = QUERIES[NB101]
    regret = {name: mean_interval(regrets(rows, last)) for name, rows in clean.items()}
    seconds = sum(row["cpu_seconds"] for name in SIMPLE for row in clean[name])
    models = {name: one for name, one in regret.items() if name.startswith("bo")}
    best = min(models, key=lambda name: models[name].value, default=None)
    beats = None if best is None else models[best].value <= regret["local"].value
    percents = {
        data: {
            name: mean_interval([row["test_percent"] for row in rows])
            for name, rows in grouped(NB201, data).items()
        }
        for data in DATA
    }
    paper = paper_nas.rows("arch2vec", "3.3")["arch2vec-BO"]
    above = max((one.value for one in percents["cifar10"].values()), default=0.0)
    simple = all(low <= regret[name].value <= high for name, (low, high) in BARS.items())
    distinct = all(row["distinct"] == last for rows in clean.values() for row in rows)
    missing = not_run(PATH, cells())
    return {
        "reading": "noiseless",
        "regret_101": {name: one.plain(3) for name, one in regret.items()},
        "regret_101_noise_0.25": {
            name: mean_interval(regrets(rows, last)).plain(3) for name, rows in noisy.items()
        },
        "best_model": best,
        "said_of_it": "" if beats else "worse than local search",
        "best_model_less_local": None if best is None else _less(clean, best, "local"),
        "cpu_seconds_of_the_simple_three": round(seconds, 1),
        "percent_201": {
            data: {name: one.plain() for name, one in found.items()}
            for data, found in percents.items()
        },
        "paper_arch2vec_bo": paper,
        "every_query_distinct": distinct,
        "cells_not_run": missing,
        "holds": bool(
            simple
            and distinct
            and not missing
            and best is not None
            and (models[best].value <= BEST_MODEL or not beats)
            and seconds <= SECONDS
            and percents["cifar10"]["local"].value >= LEAST_NB201
            and above > paper["cifar10"]
        ),
    }


def _less(groups: dict[str, list[Any]], name: str, other: str) -> dict[str, Any]:
    """Regret of one less that of another, seed by seed; below 0 the first is better."""
    mine, theirs = (
        {row["cell"]["seed"]: row["regret"][-1][1] for row in groups[one]} for one in (name, other)
    )
    both = set(mine) & set(theirs)
    left = ({seed: of[seed] for seed in sorted(both)} for of in (mine, theirs))
    return paired(*left).plain(3)
