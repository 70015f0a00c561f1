"""Measures the cells: fits a predictor and asks it about 20,000 others."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.encoders.cells import LEAST_PERCENT, PATH, TESTED, at_hand, cells
from benchmarks.encoders.vectors import drawn, vectors
from benchmarks.run import run_cells
from subsel_automl.catalog import predictor


def measure(minutes: float = float("inf"), workers: int = 0) -> None:
    """Run what is missing, of the encoders that lie in their folders."""
    wanted = [cell for cell in cells() if at_hand(cell)]
    run_cells(PATH, wanted, foretold, (), workers, seconds_limit=60 * minutes)


def foretold(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Pearson's r and RMSE (of accuracy as a share) on cells that were not fitted."""
    x, y = vectors(cell["view"], cell["pooling"]), drawn().percent / 100
    order = np.random.default_rng(cell["seed"]).permutation(len(y))
    good = order[y[order] > LEAST_PERCENT / 100]
    fitted = (order if cell["fitted_on"] == "all" else good)[: cell["rows"]]
    others = good[~np.isin(good, fitted)][:TESTED]
    began = time.process_time()
    made = predictor(cell["predictor"], seed=cell["seed"]).fit(x[fitted], y[fitted])
    mean, sd = made.predict(x[others])
    off = mean - y[others]
    return {
        "r": float(np.corrcoef(mean, y[others])[0, 1]),
        "rmse": float(np.sqrt(np.square(off).mean())),
        "within_one_sd": float((np.abs(off) < sd).mean()),
        "tested": len(others),
        "cpu_seconds": round(time.process_time() - began, 2),
    }
