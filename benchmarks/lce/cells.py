"""What is run: searches, who foretells, epochs after which it does, seeds; and the rows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.run import RESULTS, rows_of

PATH = RESULTS / "lce.jsonl"
SIMPLE, MODELLED = ("random", "local", "evolution"), ("bo",)
SEARCHES = (*SIMPLE, *MODELLED)
NONE = ""  # all trainings whole
EXTRAPOLATORS = ("last", "lcsvr", "wpm", "ridge")
LEARNED = EXTRAPOLATORS[1:]
CHEAP = (NONE, "last", "ridge", "lcsvr", "wpm")
SEEDS = {"random": 40, "local": 40, "evolution": 40, "bo": 30}
AT = (1_000, 2_000, 4_000)  # epochs spent, at which regret is read
FEW, FEWS = 10, (3, 5, 10, 20, 30)  # of 50; Fig. 5.8
SWEPT, SWEPT_BY, SWEPT_SEEDS, SWEPT_TOTAL = ("local", "random"), ("last", "lcsvr"), 30, 2_000
BO = {"encoder": "operations", "pooling": "mean", "predictor": "gp", "initial": 10}
Cell = Mapping[str, Any]


def cells() -> list[dict[str, Any]]:
    """The cheap ones first."""
    return sorted([*compared(), *swept()], key=lambda cell: CHEAP.index(cell["by"]))


def compared() -> list[dict[str, Any]]:
    """Every search with every extrapolator, and without."""
    return [
        _cell(search, by, FEW if by else 0, AT[-1], seed)
        for search in SEARCHES
        for by in (NONE, *EXTRAPOLATORS)
        for seed in range(SEEDS[search])
    ]


def swept() -> list[dict[str, Any]]:
    """Fig. 5.8: other numbers of epochs; seed by seed, so that a part of it compares them all."""
    return [
        _cell(search, by, few, SWEPT_TOTAL, seed)
        for by in SWEPT_BY
        for seed in range(SWEPT_SEEDS)
        for search in SWEPT
        for few in FEWS
        if few != FEW
    ]


def _cell(search: str, by: str, few: int, total: int, seed: int) -> dict[str, Any]:
    return {"search": search, "by": by, "few": few, "epochs_total": total, "seed": seed}


def options(search: str) -> dict[str, Any]:
    """Of the search itself."""
    return dict(BO) if search == "bo" else {}


def rows(search: str, by: str, few: int = FEW) -> dict[int, Mapping[str, Any]]:
    """By seed; as many as there are."""
    total = AT[-1] if few == FEW or not by else SWEPT_TOTAL
    seeds = SEEDS[search] if total == AT[-1] else SWEPT_SEEDS
    wanted = [_cell(search, by, few if by else 0, total, seed) for seed in range(seeds)]
    return {row["cell"]["seed"]: row for row in rows_of(PATH, wanted)}


def regret(row: Mapping[str, Any], at: int) -> float:
    """Of the best that had finished when so many epochs were spent."""
    found: float = [value for spent, value in row["regret"] if spent <= at][-1]
    return found
