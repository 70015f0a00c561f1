"""Measures accuracy at equal cost."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from benchmarks.equal_cost.cells import cells, path_of
from benchmarks.run import run_cells
from benchmarks.trials import FASHION, run_cell


def measure(
    data: str = FASHION,
    workers: int = 2,
    minutes: float = 1e9,
    main_only: bool = False,
    only: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Run what is missing, of all methods or of some; all rows of these."""
    made = [c for c in cells(data, main_only) if not only or c["method"] in only]
    return run_cells(path_of(data), made, run_cell, ("",), workers, seconds_limit=60 * minutes)
