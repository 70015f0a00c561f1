"""Measures one search on subsets, and its winner on all data."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.hpo.cells import ARCHITECTURE, DATA, PATH, RETRAIN_PASSES, cells
from benchmarks.methods import made
from benchmarks.run import rows_of, run_cells
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.training.batches import steps_an_epoch
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import run_trial


def run_search(cell: dict[str, Any], cpus: int = 2) -> dict[str, Any]:
    """One search and its winner's training."""
    from subsel_automl.integrations.ray.search import search, start_ray

    start_ray(cpus)
    architecture, splits = settings.unseen()[ARCHITECTURE], splits_kept(DATA)
    chooser, budget, steps = _chooser(cell)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite"
        began = time.perf_counter()
        outcome = search(
            chooser,
            search_space("nasbench101"),
            architecture,
            budget=budget,
            epochs=cell["epochs"],
            samples=cell["samples"],
            seed=cell["repeat"],
            searcher=cell.get("searcher", "hyperopt"),
            folder=Path(folder),
            targets=cell["targets"],
            redraw_every=cell["redraw"],
            sizes=settings.SIZES,
            ledger=ledger,
            steps=steps,
            device=settings.DEVICE,
        )
        wall = time.perf_counter() - began
        cpu = AmortizationLedger(ledger).cpu_seconds
    full = provider("full").fit(splits.train)
    config = outcome.best_config
    recipe = Recipe(config["optimizer"], config["scheduler"])
    retrained = run_trial(
        search_space("nasbench101"),
        architecture,
        SubsetFeed(full, 1.0),
        recipe,
        steps=RETRAIN_PASSES * (len(splits.train) // recipe.batch),
        test=splits.test,
        sizes=settings.SIZES,
        seed=1000 + cell["repeat"],
        device=settings.DEVICE,
    )
    return {
        "test_error": 100 * (1 - retrained.accuracy),
        "validation_accuracy": outcome.best_accuracy,
        "cpu_seconds": cpu,
        "fit_cpu_seconds": chooser.fit_cpu_seconds,
        "wall_seconds": wall,
        "config": config,
        "trials": len(outcome.trials),
        "epochs_trained": sum(row["epochs"] for row in outcome.trials),
        "curves": [[round(value, 4) for value in row["curve"]] for row in outcome.trials],
    }


def _chooser(cell: dict[str, Any]) -> tuple[SubsetProvider, float, int | None]:
    """(provider, budget, steps of an epoch)."""
    name, pool = cell["method"], splits_kept(DATA).train
    if name == "full-equal-steps":
        once = steps_an_epoch(round(cell["budget"] * len(pool)), 64)
        return provider("full").fit(pool), 1.0, once
    if name == "subselnet-online":
        return provider(name).fit(pool), cell["budget"], None
    return (
        made(DATA, name, cell["targets"], cell["epochs"], settings.SCALE, (), ""),
        cell["budget"],
        None,
    )


def measure(
    minutes: float = 1e9, only: Collection[str] = (), cpus: int = 2
) -> list[dict[str, Any]]:
    """Run what is missing, one search at a time; all rows."""
    wanted = cells(only)
    run_cells(PATH, wanted, run_search, (cpus,), 1, seconds_limit=60 * minutes)
    return rows_of(PATH, wanted)
