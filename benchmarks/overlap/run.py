"""Measures the ranking of architectures and the overlap of their subsets."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.methods import made
from benchmarks.overlap.cells import OVERLAP_ROWS, RANK_ROWS, overlap_cells, rank_cells
from benchmarks.run import run_cells
from benchmarks.trials import FASHION, length, run_cell
from subsel_automl.catalog import search_space
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.training.trial import network, train_trial


def chosen_rows(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The last subset of a trial (of a provider that is not adaptive: the only one)."""
    about, passes = settings.SCALES[settings.SCALE], settings.DATA[FASHION].epochs
    kept = made(FASHION, cell["method"], "labels", passes, settings.SCALE, (), "")
    chooser = copy.copy(kept)
    feed = SubsetFeed(chooser, cell["budget"], seed=cell["seed"])
    architecture = settings.architectures()["dissimilar"][cell["architecture"]]
    if not chooser.refresh_every:
        return {"rows": feed.at(0, architecture).indices.tolist()}
    pool = splits_kept(FASHION).train
    model = network(search_space("nasbench101"), architecture, pool, about.sizes, cell["seed"])
    steps = length({**cell, "passes": passes}, len(pool), about.recipe, chooser.warm_epochs)
    train_trial(model, architecture, feed, about.recipe, steps=steps, seed=cell["seed"])
    state = feed.state_dict()["subset"]
    return {"rows": state["indices"].tolist()}


def measure_overlap(workers: int = 2) -> None:
    """Run what is missing of Table 9."""
    run_cells(OVERLAP_ROWS, overlap_cells(), chosen_rows, (), workers)


def measure_rank(workers: int = 2) -> None:
    """Run what is missing of Fig. 9."""
    run_cells(RANK_ROWS, rank_cells(), run_cell, ("",), workers)
