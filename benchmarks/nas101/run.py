"""Runs the cells: a search on a table, the regret of its best so far after each query."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.data import data_folder
from benchmarks.run import RESULTS, run_cells
from subsel_automl.catalog import search_class
from subsel_automl.search.objective import TableObjective
from subsel_automl.spaces.tables import Nasbench101Table, Nasbench201Table

from .cells import NB101, Cell, cells, options

PATH = RESULTS / "table_search.jsonl"


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), searched, (), workers, seconds_limit=60 * minutes)


def searched(cell: Cell) -> dict[str, Any]:
    """Regret in points from each query on that changed it, test accuracy of what was found, CPU
    seconds."""
    asked = TableObjective(table(cell["space"]), cell["noise"], cell["seed"], cell["data"])
    began = time.process_time()
    found = search_class(cell["search"])(**options(cell)).query(asked, seed=cell["seed"])
    spent = time.process_time() - began
    distinct = len({one.architecture.key for one in found.asked})
    return {
        "regret": changes([asked.regret(one) for one in found.incumbents()]),
        "test_percent": round(100 * asked.truth(found.best), 4),
        "distinct": distinct,
        "cpu_seconds": round(spent, 3),
    }


def changes(regrets: Sequence[float]) -> list[list[float]]:
    """[query, counted from 1; regret from it on], where it changed."""
    found: list[list[float]] = []
    for place, regret in enumerate(regrets, 1):
        if not found or round(regret, 4) != found[-1][1]:
            found.append([place, round(regret, 4)])
    return found


@functools.cache
def table(space: str) -> Nasbench101Table | Nasbench201Table:
    """Read once a process."""
    return (Nasbench101Table if space == NB101 else Nasbench201Table)(data_folder())
