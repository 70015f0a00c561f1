"""Which cells Table 11 is made of, and its rows a budget and method."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from benchmarks import settings
from benchmarks.run import RESULTS, read_rows
from benchmarks.statistics import mean_and_error
from benchmarks.trials import cell

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


def summary() -> list[dict[str, Any]]:
    """A row a budget and method: mean and error of each fold."""
    found: dict[tuple[float, str], list[Any]] = defaultdict(list)
    for row in read_rows(ROWS):
        found[row["cell"]["budget"], row["cell"]["method"]].append(row)
    return [
        {"budget": budget, "method": method, "runs": len(rows)}
        | {fold: mean_and_error([row[fold] for row in rows]) for fold in FOLDS}
        for (budget, method), rows in sorted(found.items())
    ]
