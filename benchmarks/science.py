"""The two comparisons on unseen architectures: fixed subsets, and equal cost.

    python -m benchmarks.science fixed       equal steps on fixed subsets of 0.5, 2, 10 %
    python -m benchmarks.science equal-cost  75 to 600 steps, `full` against redrawn subsets

Every row is one training; test accuracy is on the first 6,000 examples of the test fold.
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks import settings
from benchmarks.run import RESULTS, run_cells
from benchmarks.trials import cell, run_cell

BUNDLE = "fashion-mnist/nasbench101"
FIXED = (
    "random",
    "subselnet",
    "zoo-mean",
    "random-per-class",
    "subselnet-inductive",
    "subselnet-hybrid",
)
REDRAWN = ("subselnet", "random", "zoo-mean")


def fixed_cells(architectures: int = 5, seeds: tuple[int, ...] = settings.SEEDS) -> list[Any]:
    """Science (a): every method and kind of target, the same steps at the same budget.

    10 % runs on one seed; the smaller budgets, which the bars are about, on all.
    """
    return [
        cell(index, method, budget, targets, steps, seed)
        for budget, steps in settings.FIXED_STEPS.items()
        for seed in (seeds if budget < 0.1 else seeds[:1])
        for index in range(architectures)
        for targets in ("labels", "soft")
        for method in FIXED
    ]


def equal_cells(architectures: int = 5, seeds: tuple[int, ...] = settings.SEEDS) -> list[Any]:
    """Science (b): the same steps of the same batch, `full` first.

    75 steps run on one seed; 600 steps on one seed, `full` and `subselnet` with soft targets alone.
    """
    found = []
    for group, repeats in (((150, 300), seeds), ((75, 600), seeds[:1])):
        for seed in repeats:
            for index in range(architectures):
                for steps in group:
                    found.append(cell(index, "full", 1.0, "labels", steps, seed))
                    found += [
                        cell(index, method, budget, targets, steps, seed, redraw=1)
                        for budget in (0.1, 0.02)
                        for targets in ("soft", "labels")
                        for method in REDRAWN
                    ]
    main = [("full", "labels"), ("subselnet", "soft")]
    return [c for c in found if c["steps"] < 600 or (c["method"], c["targets"]) in main]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=("fixed", "equal-cost"))
    parser.add_argument("--bundle", default=BUNDLE)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    made = fixed_cells() if asked.which == "fixed" else equal_cells()
    path = RESULTS / f"science_{asked.which.replace('-', '_')}.jsonl"
    rows = run_cells(path, made, run_cell, (asked.bundle,), asked.workers)
    print(f"{len(rows)} rows in {path}")


if __name__ == "__main__":
    main()
