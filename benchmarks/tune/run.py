"""Measures temperatures on the validation architectures, and writes the best into the bundle."""

from __future__ import annotations

from pathlib import Path

from benchmarks.data import splits_kept
from benchmarks.run import run_cells
from benchmarks.trials import FASHION, run_cell
from benchmarks.tune.cells import cells, choice_of, complete, path_of
from subsel_automl.subselnet.bundle import load_bundle, save_bundle
from subsel_automl.subselnet.temperatures import Choices
from subsel_automl.subselnet.tuning import best


def choose(folder: Path, data: str = FASHION, workers: int = 2, minutes: float = 1e9) -> Choices:
    """Run what is missing; the bundle's table is rewritten from all rows."""
    setup = (str(folder.resolve()),)
    limit = 60 * minutes
    rows = run_cells(path_of(data), cells(data), run_cell, setup, workers, seconds_limit=limit)
    choices = best(complete([(choice_of(row["cell"]), row["accuracy"]) for row in rows]))
    bundle = load_bundle(folder, splits_kept(data).train)
    save_bundle(folder, bundle.model, choices, bundle.policy, bundle.record["made"])
    return choices
