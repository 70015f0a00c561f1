"""Runs the cells."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.nas.search import from_zoo, table
from benchmarks.nas.settings import bundle_of, splits_of
from benchmarks.run import run_cells
from subsel_automl.catalog import provider, search_class
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.provider import SubsetProvider

from .cells import BUDGET, PATH, SEARCHES, TRAINING, cells

DATA, SPACE = "cifar10-sprites", "nasbench201"


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), searched, (), workers, seconds_limit=60 * minutes)


def searched(cell: dict[str, Any]) -> dict[str, Any]:
    """After each training: what was read, the table's test accuracy, CPU seconds so far with the
    search's own."""
    feed = SubsetFeed(_provider(cell["provider"]), BUDGET, seed=cell["seed"], redraw_every=1)
    options = {**TRAINING, **SEARCHES[cell["search"]], "queries": cell["queries"]}
    chosen, spent = search_class(cell["search"])(**options), []
    began = time.process_time()
    asked = chosen.query(
        chosen.objective(SPACE, feed, cell["seed"]),
        seed=cell["seed"],
        progress=lambda *_: spent.append(time.process_time() - began),
    )
    truth = [table().test_percent(one.architecture) for one in asked.asked]
    return {
        "read": [round(one.value, 4) for one in asked.asked],
        "truth": [round(one, 3) for one in truth],
        "spent": np.round(spent, 2).tolist(),
    }


def _provider(name: str) -> SubsetProvider:
    """Fitted; what a bundle cost before is a zoo's, and in no search's seconds here."""
    if name == "subselnet":
        return from_zoo(bundle_of(DATA, SPACE), DATA, name)
    return provider(name).fit(splits_of(DATA).train)
