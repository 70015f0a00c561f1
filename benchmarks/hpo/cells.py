"""Which searches Table 5 is made of, and its rows a rival."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from benchmarks.run import RESULTS, rows_of
from benchmarks.statistics import Estimate, mean_interval, paired

PATH = RESULTS / "hpo.jsonl"
SAMPLES, EPOCHS, RETRAIN_PASSES, ARCHITECTURE, DATA = 10, 6, 3, 2, "fashion-mnist"
BUDGETS, REPEATS = (0.1, 0.05), (0, 1, 2)
Row = Mapping[str, Any]
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
    """One a rival, least test error first: intervals over searches (repeats), paired with full's.

    Searches that found the same winner share one retraining of it; `trainings` counts the distinct
    ones, which is what test errors are of. A search trains as many epochs as its scheduler lets
    it, so the speed-up is given by epoch too.
    """
    rows = rows_of(PATH, cells())
    full = {row["cell"]["repeat"]: row for row in rows if row["cell"]["method"] == "full"}
    groups: dict[Rival, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        cell = row["cell"]
        if cell["budget"] == budget or cell["method"] == "full":
            rival = cell["method"], cell["targets"], cell["redraw"]
            groups[rival][cell["repeat"]] = row
    found = [_entry(rival, group, full) for rival, group in groups.items()]
    return sorted(found, key=lambda entry: entry["error"].value)


def _entry(rival: Rival, group: Mapping[int, Row], full: Mapping[int, Row]) -> dict[str, Any]:
    pairs = [(row, full[repeat]) for repeat, row in sorted(group.items()) if repeat in full]
    errors = {repeat: row["test_error"] for repeat, row in group.items()}
    entry: dict[str, Any] = {
        "rival": rival,
        "repeats": len(group),
        "trainings": len({training(row) for row in group.values()}),
        "errors": errors,
        "error": mean_interval(list(errors.values())),
        "best": mean_interval([100 * row["validation_accuracy"] for row in group.values()]),
        "epochs": float(np.mean([row["epochs_trained"] for row in group.values()])),
        "more_error": _mean(
            [row["test_error"] - all_data["test_error"] for row, all_data in pairs]
        ),
    }
    for name in ("cpu", "wall"):
        entry[name] = _mean([_spent(f, name) / _spent(row, name) for row, f in pairs], ratio=True)
    entry["cpu_an_epoch"] = _mean([_an_epoch(f) / _an_epoch(row) for row, f in pairs], ratio=True)
    return entry


def training(row: Row) -> tuple[str, int]:
    """What a test error is of: the winner's configuration, and the seed of its retraining."""
    return json.dumps(row["config"], sort_keys=True), row["cell"]["repeat"]


def ahead(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Estimate:
    """Points of test error by which ours is below theirs, search by search."""
    both = sorted(set(ours["errors"]) & set(theirs["errors"]))
    mine, other = ({repeat: e["errors"][repeat] for repeat in both} for e in (ours, theirs))
    return paired(other, mine)


def _mean(values: list[float], ratio: bool = False) -> Estimate | None:
    return mean_interval(values, ratio=ratio) if values else None


def _an_epoch(row: Row) -> float:
    return _spent(row, "cpu") / float(row["epochs_trained"])


def _spent(row: Row, clock: str) -> float:
    return float(row[f"{clock}_seconds"] + row["fit_cpu_seconds"])


def named(rival: Rival) -> str:
    """A rival in words."""
    name, targets, redraw = rival
    return f"{name} {targets}" + (" redrawn" if redraw else "")


def or_none(value: float) -> float | None:
    """Two digits, or None of what is not finite."""
    return round(float(value), 2) if np.isfinite(value) else None
