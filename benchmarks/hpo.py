"""Hyper-parameter search on subsets: SubSelNet Tables 5 and 13, and the rivals that they leave out.

    python -m benchmarks.hpo run  [--minutes 60] [--methods full,random]
    python -m benchmarks.hpo show

One cell is one Ray Tune search (Hyperopt's TPE, ASHA, 10 trials of at most 6 epochs, the space of
D.4) for an unseen architecture on Fashion-MNIST, and then the winner's training on all data (3
passes), tested. TE is that test error; the speed-up is the full search's cost over its own,
in CPU seconds of its trials, selections and refreshes (the ledger's), and in wall seconds. The zoo
of SubSelNet is not in it, as in the paper; `subselnet-online` has none.

`full, equal steps` is all data with the epochs of a 10 % (5 %) subset: the rival at equal cost.

Deviations: the paper's search space for CIFAR-10, ours on Fashion-MNIST with fewer trials and
epochs; AUTOMATA's and ASP's first epochs on the whole pool have the length of all others here.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.methods import made
from benchmarks.run import RESULTS, rows_of, run_cells
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.training.batches import steps_an_epoch
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import run_trial

PATH = RESULTS / "hpo.jsonl"
SAMPLES, EPOCHS, RETRAIN_PASSES, ARCHITECTURE, DATA = 10, 6, 3, 2, "fashion-mnist"
BUDGETS, REPEATS = (0.1, 0.05), (0, 1, 2)
Rival = tuple[str, str, int]
RIVALS: tuple[Rival, ...] = (  # method, targets, redraw
    ("full-equal-steps", "labels", 0),
    ("subselnet", "soft", 1),
    ("random", "soft", 1),
    ("random", "labels", 1),
    ("random", "labels", 0),
    ("subselnet", "labels", 0),
    ("automata", "labels", 0),
    ("asp", "labels", 0),
    ("subselnet-online", "soft", 1),
    ("zoo-mean", "soft", 1),
    ("subselnet", "soft", 0),
    ("subselnet", "labels", 1),
    ("random-per-class", "labels", 0),
)
MAIN = 9


def cells(only: Collection[str] = ()) -> list[dict[str, Any]]:
    """The first rivals at 10 % and full data, repeat by repeat; then at 5 %, then the others."""
    first, others = RIVALS[:MAIN], RIVALS[MAIN:]
    full = ("full", "labels", 0)
    grid = [
        *((rival, 0.1 if rival != full else 1.0, r) for r in REPEATS for rival in (full, *first)),
        *((rival, 0.05, repeat) for repeat in REPEATS for rival in first),
        *((rival, 0.1, repeat) for repeat in REPEATS for rival in others),
    ]
    return [
        {
            "method": name,
            "targets": targets,
            "redraw": redraw,
            "budget": budget,
            "repeat": repeat,
            "samples": SAMPLES,
            "epochs": EPOCHS,
        }
        for (name, targets, redraw), budget, repeat in grid
        if not only or name in only
    ]


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--methods", default="")
    parser.add_argument("--cpus", type=int, default=2, help="of the Ray that is started")
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.minutes, [n for n in asked.methods.split(",") if n], asked.cpus)
    from benchmarks.hpo_table import table

    print(table())


if __name__ == "__main__":
    main()
