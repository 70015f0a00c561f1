"""Measures one search on subsets; its winner on all data, a training a seed."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.hpo import cells as hpo
from benchmarks.hpo.cells import ARCHITECTURE, DATA, PLAN, RETRAIN_PASSES
from benchmarks.methods import made
from benchmarks.run import rows_of, run_cells
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.training.batches import steps_an_epoch
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.stream import feed_batches
from subsel_automl.training.trainer import Trainer
from subsel_automl.training.trial import network, run_trial


def run_search(cell: dict[str, Any], cpus: int = 2) -> dict[str, Any]:
    """One search and its winner's training, with a seed of the search's own."""
    found = searched(cell, cpus)
    return {"test_error": winner_error(found["config"], 1000 + cell["repeat"]), **found}


def searched(cell: dict[str, Any], cpus: int = 2) -> dict[str, Any]:
    """One search, all that it cost, and what an epoch on all data costs here and now  [4]."""
    from subsel_automl.integrations.ray.search import search, start_ray

    start_ray(cpus)
    chooser, budget, steps = _chooser(cell)
    before = epoch_cpu_seconds()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite"
        began = time.perf_counter()
        outcome = search(
            chooser,
            search_space("nasbench101"),
            settings.unseen()[ARCHITECTURE],
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
            plan=PLAN if "plan" in cell else None,
        )
        wall = time.perf_counter() - began
        cpu = AmortizationLedger(ledger).cpu_seconds
    return {
        "validation_accuracy": outcome.best_accuracy,
        "cpu_seconds": cpu,
        "epoch_cpu_seconds": (before + epoch_cpu_seconds()) / 2,
        "fit_cpu_seconds": chooser.fit_cpu_seconds,
        "wall_seconds": wall,
        "config": outcome.best_config,
        "trials": len(outcome.trials),
        "epochs_trained": sum(row["epochs"] for row in outcome.trials),
        "curves": [[round(value, 4) for value in row["curve"]] for row in outcome.trials],
    }


def epoch_cpu_seconds(steps: int = 64) -> float:
    """CPU seconds of an epoch on all data and its validation, from so many steps."""
    splits, architecture = splits_kept(DATA), settings.unseen()[ARCHITECTURE]
    feed, recipe = SubsetFeed(provider("full").fit(splits.train), 1.0), Recipe()
    model = network(search_space("nasbench101"), architecture, splits.train, settings.SIZES, 0)
    trainer = Trainer(model, splits.train, recipe, steps=steps, seed=0, device=settings.DEVICE)
    batches = feed_batches(feed, architecture, trainer, steps)
    began = time.process_time()
    trainer.epoch(batches)
    trained = time.process_time() - began
    trainer.evaluate(splits.validation)
    evaluated = time.process_time() - began - trained
    return trained * steps_an_epoch(len(splits.train), recipe.batch) / steps + evaluated


def winner_error(config: Mapping[str, Any], seed: int) -> float:
    """In percent, of a configuration that was trained on all data."""
    splits = splits_kept(DATA)
    recipe = Recipe(config["optimizer"], config["scheduler"])
    trained = run_trial(
        search_space("nasbench101"),
        settings.unseen()[ARCHITECTURE],
        SubsetFeed(provider("full").fit(splits.train), 1.0),
        recipe,
        steps=RETRAIN_PASSES * (len(splits.train) // recipe.batch),
        test=splits.test,
        sizes=settings.SIZES,
        seed=seed,
        device=settings.DEVICE,
    )
    return 100 * (1 - trained.accuracy)


def trained_winner(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A cell of the winners: one training of what searches found."""
    began = time.process_time()
    error = winner_error(json.loads(cell["config"]), cell["seed"])
    return {"test_error": error, "cpu_seconds": time.process_time() - began}


def _chooser(cell: dict[str, Any]) -> tuple[SubsetProvider, float, int | None]:
    """(provider, budget, steps of an epoch)."""
    name, pool = cell["method"], splits_kept(DATA).train
    whole = steps_an_epoch(len(pool), 64)
    if name == "rungs-full":
        return provider("full").fit(pool), 1.0, whole
    if name == "full-equal-steps":
        once = steps_an_epoch(round(cell["budget"] * len(pool)), 64)
        return provider("full").fit(pool), 1.0, once
    if name == "subselnet-online":
        return provider(name).fit(pool), cell["budget"], None
    rungs = name == "rungs"  # [2]
    chosen = "random-per-class" if rungs else name
    return (
        made(DATA, chosen, cell["targets"], cell["epochs"], settings.SCALE, (), ""),
        cell["budget"],
        whole if rungs else None,
    )


def measure(
    minutes: float = 1e9, only: Collection[str] = (), cpus: int = 1
) -> list[dict[str, Any]]:
    """Run what is missing, one at a time: the searches of a stage, then their winners; all rows."""
    until = time.monotonic() + 60 * minutes
    for stage in hpo.stages():
        wanted = [cell for cell in stage if not only or cell["method"] in only]
        left = until - time.monotonic()
        run_cells(hpo.PATH, wanted, searched, (cpus,), 0, seconds_limit=left)
        winners = hpo.winner_cells(rows_of(hpo.PATH, wanted))
        left = until - time.monotonic()
        run_cells(hpo.WINNERS, winners, trained_winner, (), 0, seconds_limit=left)
    return rows_of(hpo.PATH, hpo.cells(only))
