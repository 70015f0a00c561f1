"""Runs the cells that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.run import RESULTS, run_cells

from . import orders, searches

PATH = RESULTS / "stopper.jsonl"


def cells() -> list[dict[str, Any]]:
    return [*orders.cells(), *searches.cells()]


def work(cell: Mapping[str, Any]) -> dict[str, Any]:
    return (orders if cell["study"] == "orders" else searches).work(cell)


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    for study in (orders, searches):
        run_cells(PATH, study.cells(), work, (), workers, seconds_limit=60 * minutes)
