"""What is run, and how its rows are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.run import RESULTS

PATH = RESULTS / "trial_search.jsonl"
SEARCHES: Mapping[str, Mapping[str, Any]] = {  # none is tuned; a third of the queries is random
    "random": {},
    "evolution": {"population": 8, "tournament": 3},
    "local": {"initial": 8},
    "bo": {"initial": 8, "chosen": 4, "encoder": "adjacency"},
}
OURS, CONTROLS = ("local", "bo"), ("random", "evolution")
PROVIDERS = ("random-per-class", "subselnet")
SEEDS, QUERIES, BUDGET = 6, 24, 0.1
TRAINING = {
    "trial_epochs": 6, "channels": 8, "cells": 1, "stem_stride": 2, "rate": 0.1, "batch": 64
}  # fmt: skip
Row = Mapping[str, Any]


def cells() -> list[dict[str, Any]]:
    return [
        {"search": search, "provider": provider, "seed": seed, "queries": QUERIES}
        for seed in range(SEEDS)
        for provider in PROVIDERS
        for search in SEARCHES
    ]


def at_equal_cost(rows: Sequence[Row]) -> dict[tuple[str, str, int], float]:
    """(search, provider, seed) -> test accuracy in % by the table, of the best so far at the CPU
    seconds that the cheapest search of its seed and provider spent in all."""
    least: dict[tuple[str, int], float] = {}
    for row in rows:
        key = row["cell"]["provider"], row["cell"]["seed"]
        least[key] = min(least.get(key, float("inf")), row["spent"][-1])
    return {
        (cell["search"], cell["provider"], cell["seed"]): _until(
            row, least[cell["provider"], cell["seed"]]
        )
        for row in rows
        for cell in (row["cell"],)
    }


def _until(row: Row, seconds: float) -> float:
    """Of what had been found by then; of the first training, where that took longer."""
    done = max(1, sum(spent <= seconds + 1e-9 for spent in row["spent"]))
    best = max(range(done), key=lambda place: row["read"][place])
    return float(row["truth"][best])
