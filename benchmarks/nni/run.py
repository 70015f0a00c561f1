"""NNI's own one-shot DARTS on subsets of CIFAR-10 images; found cells scored by the real table.

    bash .ci/nni -m benchmarks.nni.run [--epochs 10] [--budget 0.1] [--seeds 1]

Runs in the environment that `.ci/nni` makes, prints one JSON document: of each subset the cell, its
test accuracy on CIFAR-10 after 200 epochs (mean and standard error over seeds), CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SUBSETS = (("random", "labels", 0), ("random", "labels", 1), ("subselnet-online", "soft", 1))


def searched(subset: str, targets: str, redraw: int, budget: float, epochs: int, seed: int) -> Any:
    """One search with its cell's accuracy."""
    from subsel_automl.integrations.nni import search

    from subsel_automl import dataset, provider
    from subsel_automl.spaces.tables import Nasbench201Table

    os.environ.setdefault("SUBSEL_DATA", str(SHARED))
    pool = dataset("cifar10-sprites").train
    options: dict[str, Any] = {}
    if subset == "subselnet-online":
        options["sample"] = round(2.5 * budget * len(pool))
    found = search(
        "darts", "nasbench201", pool, subset=provider(subset, **options).fit(pool), budget=budget,
        epochs=epochs, batch=32, channels=8, cells=1, rate=0.05, alpha_rate=3e-3, seed=seed,
        targets=targets, redraw_every=redraw,
    )  # fmt: skip
    percent = Nasbench201Table(Path(os.environ["SUBSEL_DATA"])).test_percent(
        found.architecture, "cifar10"
    )
    return {
        "seed": seed,
        "cell": found.genotype["cell"],
        "collapsed": found.collapsed,
        "test_percent": round(percent, 2),
        "cpu_seconds": round(found.costs["cpu_seconds"], 1),
        "steps": found.costs["weight_steps"],
        "examples": found.curve[-1]["examples"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--budget", type=float, default=0.1)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    found = {
        f"{name}, {targets}{', redrawn' if redraw else ''}": [
            searched(name, targets, redraw, asked.budget, asked.epochs, seed)
            for seed in range(asked.seeds)
        ]
        for name, targets, redraw in SUBSETS
    }
    print(json.dumps({"epochs": asked.epochs, "budget": asked.budget, "subsets": found}))


if __name__ == "__main__":
    main()
