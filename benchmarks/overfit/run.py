"""Measures the accuracy on all folds."""

from __future__ import annotations

from benchmarks.overfit.cells import ROWS, cells
from benchmarks.run import run_cells
from benchmarks.trials import run_cell


def measure(workers: int = 2) -> None:
    """Run what is missing."""
    run_cells(ROWS, cells(), run_cell, ("",), workers)
