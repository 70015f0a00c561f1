"""Claim: the IO model foretells unseen networks better than the mean vector does.

    python -m benchmarks.claims run io-model  [--quick]

With 64 networks learnt from, MSE of unseen networks on unseen images at least 5 % below that of the
mean vector, the lower of the training networks' own and the tested values' own; else "not reached"
is said. Beside it stand `zoo-mean`, which has asked the 64 networks about these images, our model
blind to the cell, and the Accuracy model. --quick reads the rows that are there.
"""

from __future__ import annotations

from typing import Any

from benchmarks.run import not_run
from benchmarks.statistics import mean_interval
from subsel_automl.core.errors import BadInput

from .cells import NETWORKS, PATH, UNSEEN, cells, rows
from .run import measure as run

LEAST_BELOW = 5.0  # %


def measure(quick: bool = False) -> dict[str, Any]:
    """Percent below each guess, by seed; the Accuracy model's r and RMSE."""
    if not quick:
        run()
    told = [row["foretold"][UNSEEN] for row in rows("io")]
    if not told:
        raise BadInput("nothing is measured yet; run python -m benchmarks.io_model run")
    below = mean_interval(
        [_below(one["io"], min(one["mean_vector"], one["own_mean_vector"])) for one in told]
    )
    beside = {
        name: mean_interval([_below(one["io"], one[name]) for one in told]).plain()
        for name in ("class_mean", "zoo_mean", "io_of_any_cell")
    }
    accuracy = [row["foretold"]["unseen"] for row in rows("accuracy")]
    missing = not_run(PATH, cells())
    reached = below.value >= LEAST_BELOW
    return {
        "networks": NETWORKS,
        "mse": {name: mean_interval([one[name] for one in told]).plain(4) for name in told[0]},
        "percent_below_the_mean_vector": below.plain(),
        "percent_below": beside,
        "said_of_it": "" if reached else "not reached",
        "accuracy_model": {
            name: mean_interval([one[name] for one in accuracy]).plain(4)
            for name in ("r", "rmse", "rmse_of_the_mean")
            if accuracy
        },
        "cells_not_run": missing,
        "holds": bool(reached and not missing),
    }


def _below(ours: float, other: float) -> float:
    return 100 * (1 - ours / other)
