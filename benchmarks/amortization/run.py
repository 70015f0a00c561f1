"""What each method costs before the first query and at each, from the rows of the trade-off."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch

from benchmarks import settings
from benchmarks.amortization.cells import BUDGET, DATA, METHODS, PATH, QUERIES
from benchmarks.data import splits_kept
from benchmarks.methods import learned
from benchmarks.run import stamp
from benchmarks.tradeoff.cells import cost, curves
from benchmarks.tune.cells import spent
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.amortization import OVERS, Cost, break_even
from subsel_automl.core.files import read_json
from subsel_automl.subselnet.bundle import bundle_folder
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trainer import Trainer
from subsel_automl.training.trial import network


def costs() -> dict[str, Cost]:
    """P, c and k of each method that has rows.

    P of `subselnet` is zoo, encoder, g_beta, and the trainings that its settings were chosen by.
    """
    found = {}
    for name in METHODS:
        rows = _rows(_trained_as(name))
        if not rows:
            continue
        each = float(np.mean([cost(row) - row["fit_cpu_seconds"] for row in rows]))
        once = max(row["fit_cpu_seconds"] for row in rows)
        networks = 0
        if name == "subselnet":
            made = read_json(bundle_folder(settings.DATA[DATA].bundle) / "bundle.json")["made"]
            parts = ("zoo_cpu_seconds", "encoder_cpu_seconds", "fit_cpu_seconds")
            once = sum(made[part] for part in parts) + spent(DATA)
            networks = int(made["networks"])
        if name == "subselnet-online":
            each += lesson_seconds()
        found[name] = Cost(once, each, networks)
    return found


def _trained_as(name: str) -> str:
    """A search that learns has no row in the trade-off: its first trials are these."""
    return "random-per-class" if name == "subselnet-online" else name


def reductions() -> dict[str, list[float]]:
    """RAR in percent of each method at the budget: mean and standard error over runs."""
    full, found = curves(DATA)
    told = {}
    for curve in found:
        points = {budget: (loss, error) for budget, loss, error, *_ in curve.points(full)}
        if curve.targets == "labels" and BUDGET in points:
            told[curve.method] = [round(100 * value, 2) for value in points[BUDGET]]
    return {name: told[_trained_as(name)] for name in METHODS if _trained_as(name) in told}


def _rows(method: str) -> list[Any]:
    """Of the trade-off with labels: all seeds of all data, or of the budget."""
    full, found = curves(DATA)
    if method == "full":
        return list(full.values())
    mine = [curve for curve in found if (curve.method, curve.targets) == (method, "labels")]
    return [row for curve in mine for row in curve.runs.get(BUDGET, {}).values()]


def lesson_seconds() -> float:
    """CPU seconds of one lesson: mean over the unseen architectures of the trade-off."""
    torch.set_num_threads(1)
    pool, space, spent = splits_kept(DATA).train, search_space("nasbench101"), []
    for architecture in settings.unseen()[: settings.UNSEEN]:
        chooser = provider("subselnet-online").fit(pool)
        model = network(space, architecture, pool, settings.SIZES, 0)
        trainer = Trainer(model, pool, Recipe(), steps=1, seed=0)
        chooser.lesson(architecture, trainer, accuracy=0.5, examples=1)
        spent.append(chooser.spent_cpu_seconds)
    return float(np.mean(spent))


def measure() -> dict[str, object]:
    """Costs, the points of Table 6, break-even queries against full training; one row kept."""
    learned(DATA)  # refuses a bundle of another pool
    found = costs()
    row: dict[str, object] = {
        "rar": reductions(),
        "costs": {
            name: [c.preparation, c.per_architecture, c.training] for name, c in found.items()
        },
        "points": {
            over: {n: [c.amortized(m, over) for m in QUERIES] for n, c in found.items()}
            for over in OVERS
        },
        "break_even": {
            over: {
                f"{n} against {rival}": break_even(found[n], found[rival], over)
                for n in found
                for rival in found
                if n.startswith(("subselnet", "random")) and n != rival
            }
            for over in OVERS
        },
    }
    with open(PATH, "a") as out:
        out.write(json.dumps({**row, **stamp()}) + "\n")
    return row
