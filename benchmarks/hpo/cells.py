"""Which searches Table 5 is made of, and its rows a rival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import numpy as np

from benchmarks.run import RESULTS, rows_of
from benchmarks.statistics import mean_and_error

PATH = RESULTS / "hpo.jsonl"
SAMPLES, EPOCHS, RETRAIN_PASSES, ARCHITECTURE, DATA = 10, 6, 3, 2, "fashion-mnist"
BUDGETS, REPEATS = (0.1, 0.05), (0, 1, 2)
Rows = list[dict[str, Any]]
Rival = tuple[str, str, int]
RIVALS: tuple[Rival, ...] = (  # method, targets, redraw
    ("full-equal-steps", "labels", 0),
    ("subselnet", "soft", 1),
    ("random", "soft", 1),
    ("random", "labels", 1),
    ("random", "labels", 0),
    ("subselnet", "labels", 0),
    ("automata", "labels", 0),
    ("asp", "labels", 0),
    ("subselnet-online", "soft", 1),
    ("zoo-mean", "soft", 1),
    ("subselnet", "soft", 0),
    ("subselnet", "labels", 1),
    ("random-per-class", "labels", 0),
)
MAIN = 9
OURS = ("subselnet", "subselnet-inductive", "subselnet-hybrid", "subselnet-online")


def cells(only: Collection[str] = ()) -> list[dict[str, Any]]:
    """The first rivals at 10 % and full data, repeat by repeat; then at 5 %, then the others."""
    first, others = RIVALS[:MAIN], RIVALS[MAIN:]
    full = ("full", "labels", 0)
    grid = [
        *((rival, 0.1 if rival != full else 1.0, r) for r in REPEATS for rival in (full, *first)),
        *((rival, 0.05, repeat) for repeat in REPEATS for rival in first),
        *((rival, 0.1, repeat) for repeat in REPEATS for rival in others),
    ]
    return [
        {
            "method": name,
            "targets": targets,
            "redraw": redraw,
            "budget": budget,
            "repeat": repeat,
            "samples": SAMPLES,
            "epochs": EPOCHS,
        }
        for (name, targets, redraw), budget, repeat in grid
        if not only or name in only
    ]


def entries(budget: float) -> list[dict[str, Any]]:
    """One a rival, least test error first: mean and standard error over repeats, measured pairs."""
    rows = rows_of(PATH, cells())
    full = {row["cell"]["repeat"]: row for row in rows if row["cell"]["method"] == "full"}
    groups: dict[tuple[str, str, int], Rows] = defaultdict(list)
    for row in rows:
        cell = row["cell"]
        if cell["budget"] == budget or cell["method"] == "full":
            groups[cell["method"], cell["targets"], cell["redraw"]].append(row)
    found = []
    for rival, group in groups.items():
        paired = [row for row in group if row["cell"]["repeat"] in full]
        entry: dict[str, Any] = {
            "rival": rival,
            "repeats": len(group),
            "error": _mean_and_error([row["test_error"] for row in group]),
            "best": _mean_and_error([100 * row["validation_accuracy"] for row in group]),
        }
        for name in ("cpu", "wall"):
            ratios = [_spent(full[r["cell"]["repeat"]], name) / _spent(r, name) for r in paired]
            entry[name] = _mean_and_error(ratios)
        entry["more_error"] = [
            row["test_error"] - full[row["cell"]["repeat"]]["test_error"] for row in paired
        ]
        found.append(entry)
    return sorted(found, key=lambda entry: entry["error"][0])


def _mean_and_error(values: list[float]) -> tuple[float, float]:
    """Of one repeat there is no spread; of none, nothing."""
    if not values:
        return float("nan"), float("nan")
    mean, error = mean_and_error(values)
    return mean, error if len(values) > 1 else float("nan")


def _spent(row: dict[str, Any], clock: str) -> float:
    extra = row["fit_cpu_seconds"]
    return float(row[f"{clock}_seconds"] + extra)


def named(rival: Rival) -> str:
    """A rival in words."""
    name, targets, redraw = rival
    return f"{name} {targets}" + (" redrawn" if redraw else "")


def or_none(value: float) -> float | None:
    """Two digits, or None of what is not finite."""
    return round(float(value), 2) if np.isfinite(value) else None
