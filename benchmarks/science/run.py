"""Measures the two comparisons."""

from __future__ import annotations

from typing import Any

from benchmarks.run import run_cells
from benchmarks.science import cells
from benchmarks.trials import run_cell


def measure(which: str, bundle: str = cells.BUNDLE, workers: int = 2) -> list[dict[str, Any]]:
    """Run what is missing of "fixed" or "equal-cost"; all rows of these."""
    made = cells.fixed_cells() if which == "fixed" else cells.equal_cells()
    return run_cells(cells.path_of(which), made, run_cell, (bundle,), workers)
