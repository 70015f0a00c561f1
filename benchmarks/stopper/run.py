"""Runs the cells that are missing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from benchmarks.run import RESULTS, run_cells

from . import orders, searches

PATH = RESULTS / "stopper.jsonl"


def cells() -> list[dict[str, Any]]:
    return [*orders.cells(), *searches.cells()]


def work(cell: Mapping[str, Any]) -> dict[str, Any]:
    if cell["study"] == "orders":
        return orders.work(cell)
    began = time.process_time()
    if cell["study"] == "optuna":
        found = searches.by_optuna(cell["stopper"], cell["seed"])
    else:
        from .by_ray import by_ray

        found = by_ray(cell["stopper"], cell["seed"])
    return searches.summed(found, began)


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    for study in (orders, searches):
        run_cells(PATH, study.cells(), work, (), workers, seconds_limit=60 * minutes)
