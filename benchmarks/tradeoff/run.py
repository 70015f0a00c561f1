"""Measures the trade-off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from benchmarks import methods
from benchmarks.run import run_cells
from benchmarks.tradeoff.cells import SEEDS, Seeds, cells, path_of
from benchmarks.trials import run_cell
from subsel_automl.core.errors import UnknownName


def measure(
    data: str,
    scale: str = "lite",
    workers: int = 2,
    minutes: float = 1e9,
    only: Collection[str] = (),
    seeds: Seeds = SEEDS,
) -> list[dict[str, Any]]:
    """Run what is missing, of all methods or of some; all rows of these."""
    unknown = [name for name in only if name not in ("full", *methods.method_names())]
    if unknown:
        raise UnknownName("method", unknown[0], ("full", *methods.method_names()))
    return run_cells(
        path_of(data, scale),
        [c for c in cells(data, scale, seeds, only) if not only or c["method"] in only],
        run_cell,
        ("", scale),
        workers,
        scale=scale,
        seconds_limit=60 * minutes,
    )
