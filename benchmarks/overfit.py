"""Table 11: accuracy on the training, validation and test folds of CIFAR-10 by budget.

    python -m benchmarks.overfit run | show

Trials as in the trade-off (30 passes at lite scale); the training fold is the whole pool, of which
the subset is a part.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

from benchmarks import settings
from benchmarks.run import RESULTS, read_rows, run_cells
from benchmarks.trials import cell, run_cell
from subsel_automl.maths.metrics import mean_and_error

DATA, BUDGETS, METHODS = "cifar10", (0.1, 0.2, 0.4, 0.7), ("subselnet", "subselnet-inductive")
FOLDS = ("train_accuracy", "validation_accuracy", "accuracy")
ROWS = RESULTS / "overfit.jsonl"


def cells() -> list[dict[str, Any]]:
    """Small budgets first."""
    passes = settings.DATA[DATA].epochs
    return [
        cell(i, name, budget, "labels", None, 0, data=DATA, passes=passes, folds=True)
        for budget in BUDGETS
        for name in METHODS
        for i in range(settings.UNSEEN)
    ]


def table() -> list[dict[str, Any]]:
    """A row a budget and method: mean and error of each fold."""
    found: dict[tuple[float, str], list[Any]] = defaultdict(list)
    for row in read_rows(ROWS):
        found[row["cell"]["budget"], row["cell"]["method"]].append(row)
    return [
        {"budget": budget, "method": method, "runs": len(rows)}
        | {fold: mean_and_error([row[fold] for row in rows]) for fold in FOLDS}
        for (budget, method), rows in sorted(found.items())
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "run":
        run_cells(ROWS, cells(), run_cell, ("",), asked.workers)
    for row in table():
        print(row)


if __name__ == "__main__":
    main()
