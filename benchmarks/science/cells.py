"""Which cells the two comparisons are made of, and their rows by setting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.approximator.cells import SAMPLE
from benchmarks.run import RESULTS
from benchmarks.trials import cell

Row = Mapping[str, Any]
Setting = tuple[str, float, str, int]  # method, budget, targets, steps
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


def path_of(which: str) -> Path:
    """Rows of "fixed" or "equal-cost"."""
    return RESULTS / f"science_{which.replace('-', '_')}.jsonl"


def by_setting(rows: Iterable[Row]) -> dict[Setting, dict[tuple[int, int], float]]:
    """Setting -> (architecture, seed) -> accuracy in percent."""
    found: dict[Setting, dict[tuple[int, int], float]] = defaultdict(dict)
    for row in rows:
        c = row["cell"]
        setting = (c["method"], c["budget"], c["targets"], c["steps"])
        found[setting][c["architecture"], c["seed"]] = 100 * row["accuracy"]
    return found


def full_accuracy() -> dict[tuple[int, int], float]:
    """(architecture, seed) -> percent after full training (the zoo's test networks)."""
    if not SAMPLE.exists():
        return {}
    with np.load(SAMPLE, allow_pickle=False) as stored:
        accuracy = dict(zip(stored["names"].tolist(), stored["test_accuracy"], strict=True))
    keys = [a.key for a in settings.unseen()]
    return {
        (index, seed): 100 * float(accuracy[f"{key}-s{seed}"])
        for index, key in enumerate(keys)
        for seed in settings.SEEDS
        if f"{key}-s{seed}" in accuracy
    }
