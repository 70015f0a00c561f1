"""Measures configurations, each trained and tested."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from benchmarks.correlation.cells import PATH, cells, configurations
from benchmarks.run import run_cells
from benchmarks.trials import run_cell


def run_configuration(cell: dict[str, Any]) -> dict[str, Any]:
    """One configuration, trained and tested."""
    return run_cell(cell, recipe=configurations()[cell["configuration"]])


def measure(
    workers: int = 2, minutes: float = 1e9, only: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Run what is missing; all rows."""
    return run_cells(PATH, cells(only), run_configuration, (), workers, seconds_limit=60 * minutes)
