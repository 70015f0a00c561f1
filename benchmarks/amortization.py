"""What a subset costs once every second is counted: SubSelNet Table 6, over any number of trials.

    python -m benchmarks.amortization show

    T(m)  = (P + m c) / m         seconds an architecture once m have been queried
    T'(m) = (P + m c) / (k + m)   the paper's denominator: training and test architectures together

P is what is spent before the first query (zoo, encoder, g_beta), c what one query costs (selection
and training at 10 %), k the zoo's networks. Nothing is trained here: P comes from the bundle's
record, c from the rows of the trade-off (all passes of the paper's protocol, CPU seconds, mean over
architectures and seeds; fitting a selector to the pool counts into P). `subselnet-online` has no P;
its c is that of `random-per-class` and a lesson (a forward pass over the pool, measured here).
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import torch

from benchmarks import paper, settings
from benchmarks.data import splits_kept
from benchmarks.methods import learned
from benchmarks.run import RESULTS, read_rows, stamp
from benchmarks.tradeoff.cells import path_of
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.amortization import OVERS, Cost, break_even
from subsel_automl.core.files import read_json
from subsel_automl.subselnet.bundle import bundle_folder
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trainer import Trainer
from subsel_automl.training.trial import network

DATA, BUDGET = "fashion-mnist", 0.1
QUERIES = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400)
PAPER = {"full": "Full", "glister": "GLISTER", "grad-match": "GRAD-MATCH", "subselnet": "Our"}
METHODS = (*PAPER, "subselnet-online")
PATH = RESULTS / "amortization.jsonl"


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


def table() -> str:
    """Markdown: seconds an architecture, both denominators, the paper's points below."""
    rows = read_rows(PATH)
    if not rows:
        return "not run: python -m benchmarks.amortization run"
    last = rows[-1]
    lines = []
    for over in OVERS:
        lines += [f"\nCPU seconds an architecture, over {over}\n", _head(), _rule()]
        for name, points in last["points"][over].items():
            lines.append(f"| {name} | " + " | ".join(f"{p:.4g}" for p in points) + " |")
        for name in PAPER:
            lines.append(_published(name) if over == "training+test" else "")
        told = last["break_even"][over].items()
        lines.append("\n" + "; ".join(f"{pair}: {count or 'never'}" for pair, count in told))
    return "\n".join(line for line in lines if line)


def _head() -> str:
    return "| method | " + " | ".join(map(str, QUERIES)) + " |"


def _rule() -> str:
    return "|---" * (len(QUERIES) + 1) + "|"


def _published(name: str) -> str:
    points = [
        f"{paper.value(6, PAPER[name], str(count)):g}" if count in (200, 300, 400) else ""
        for count in QUERIES
    ]
    return f"| paper (CIFAR-10, GPU): {PAPER[name]} | " + " | ".join(points) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("run", "show"))
    if parser.parse_args().what == "run":
        measure()
    print(table())


if __name__ == "__main__":
    main()
