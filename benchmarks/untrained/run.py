"""Trains the unseen networks, and scores the cells by everything that needs no training of theirs.

A row is a network of the zoo, or a score of a study. What is cross-validated on the networks comes
once all of them are trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.run import RESULTS, not_run, rows_of, run_cells

from .networks import COUNT, trained
from .scores import names, scored
from .studies import BUNDLES

PATH = RESULTS / "untrained.jsonl"


def networks() -> list[dict[str, Any]]:
    return [{"study": "zoo", "network": place} for place in range(COUNT)]


def scores(which: str) -> list[dict[str, Any]]:
    return [{"study": which, "score": name} for name in names(which)]


def cells() -> list[dict[str, Any]]:
    return [*networks(), *(cell for which in BUNDLES for cell in scores(which))]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    limit = 60 * minutes
    for which in ("nasbench101", "nasbench201"):
        run_cells(PATH, scores(which), scored_cell, (None,), workers, seconds_limit=limit)
    run_cells(PATH, networks(), train, (), workers, seconds_limit=limit)
    if not not_run(PATH, networks()):
        truth = accuracies()
        run_cells(PATH, scores("zoo"), scored_cell, (truth,), workers, seconds_limit=limit)


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    return trained(cell["network"])


def scored_cell(cell: Mapping[str, Any], truth: list[float] | None) -> dict[str, Any]:
    return scored(cell["study"], cell["score"], truth)


def accuracies() -> list[float]:
    """Test accuracies of the networks that are trained, in their order."""
    rows = {row["cell"]["network"]: row for row in rows_of(PATH, networks())}
    return [rows[place]["test_accuracy"] for place in sorted(rows)]
