"""Measures searches."""

from __future__ import annotations

from typing import Any

from benchmarks.nas import cells as nas
from benchmarks.nas.cells import Cell
from benchmarks.nas.search import run_search
from benchmarks.run import run_cells


def measure(
    minutes: float = 1e9,
    workers: int = 2,
    wanted: list[Cell] | None = None,
) -> list[dict[str, Any]]:
    """Run what is missing; all rows."""
    wanted = nas.cells() if wanted is None else wanted
    return run_cells(nas.PATH, wanted, run_search, (), workers, seconds_limit=60 * minutes)
