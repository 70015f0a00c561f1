"""Measures both arms and the full search."""

from __future__ import annotations

from typing import Any

from benchmarks.hpo.run import run_search
from benchmarks.online.cells import PATH, cells
from benchmarks.run import rows_of, run_cells


def measure(minutes: float = 1e9, cpus: int = 2) -> list[dict[str, Any]]:
    """Run what is missing; all rows."""
    run_cells(PATH, cells(), run_search, (cpus,), 1, seconds_limit=60 * minutes)
    return rows_of(PATH, cells())
