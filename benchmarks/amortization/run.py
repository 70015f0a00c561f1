"""What each method costs before the first query and at each, from the rows of the trade-off."""

from __future__ import annotations

import json

import numpy as np
import torch

from benchmarks import settings
from benchmarks.amortization.cells import BUDGET, DATA, METHODS, PATH, QUERIES
from benchmarks.data import splits_kept
from benchmarks.methods import learned
from benchmarks.run import read_rows, stamp
from benchmarks.tradeoff.cells import path_of
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.amortization import OVERS, Cost, break_even
from subsel_automl.core.files import read_json
from subsel_automl.subselnet.bundle import bundle_folder
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trainer import Trainer
from subsel_automl.training.trial import network


def costs() -> dict[str, Cost]:
    """P, c and k of each method that has rows."""
    found = {}
    for name in METHODS:
        method = "random-per-class" if name == "subselnet-online" else name
        rows = [row for row in read_rows(path_of(DATA)) if _asked(row["cell"], method)]
        if not rows:
            continue
        each = float(np.mean([row["cpu_seconds"] for row in rows]))
        once = max(row.get("fit_cpu_seconds", 0.0) for row in rows)
        networks = 0
        if name == "subselnet":
            made = read_json(bundle_folder(settings.DATA[DATA].bundle) / "bundle.json")["made"]
            parts = ("zoo_cpu_seconds", "encoder_cpu_seconds", "fit_cpu_seconds")
            once, networks = sum(made[part] for part in parts), int(made["networks"])
        if name == "subselnet-online":
            each += lesson_seconds()
        found[name] = Cost(once, each, networks)
    return found


def _asked(cell: dict[str, object], method: str) -> bool:
    budget = 1.0 if method == "full" else BUDGET
    same = cell["method"] == method and cell["budget"] == budget
    return same and cell["targets"] == "labels" and not cell["redraw"]


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
                if n.startswith("subselnet") and n != rival
            }
            for over in OVERS
        },
    }
    with open(PATH, "a") as out:
        out.write(json.dumps({**row, **stamp()}) + "\n")
    return row
