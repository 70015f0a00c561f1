"""The rows of a problem as one table, `tables/PROBLEM.npz`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import work_folder
from benchmarks.run import read_rows
from subsel_automl.budgeting.table import MEASURES, SPENT, TrialTable

from .configurations import EACH, configurations
from .kinds import KINDS
from .problems import PROBLEMS
from .run import LENGTHS, POINTS, SIZES, TRUTHS, networks

TABLES = Path(__file__).parent / "tables"


def build() -> list[Path]:
    """A table of every problem that has rows."""
    found = []
    for name in PROBLEMS:
        rows = read_rows(work_folder() / "trial_table" / f"{name}.jsonl")
        if rows:
            TABLES.mkdir(exist_ok=True)
            found.append(TABLES / f"{name}.npz")
            assembled(name, rows).save(found[-1])
    return found


def assembled(name: str, rows: list[dict[str, Any]]) -> TrialTable:
    """NaN where there is no row."""
    nets = [network.name for network in networks(name)]
    configs = [config for net in nets for config in configurations(net)]
    trials = (len(configs), len(KINDS), len(LENGTHS), TRUTHS)
    measured = np.full((len(MEASURES), *trials, len(POINTS), len(SIZES)), np.nan, np.float32)
    tested = np.full(trials, np.nan, np.float32)
    spent = {part: np.full(trials, np.nan, np.float32) for part in SPENT}
    for row in rows:
        cell = row["cell"]
        first = EACH * nets.index(cell["network"])
        kind, length = KINDS.index(cell["kind"]), LENGTHS.index(cell["steps"])
        where = (slice(first, first + EACH), kind, length, cell["seed"])
        points = np.array(row["points"], np.float32)  # [points, measures, sizes, configurations]
        measured[(slice(None), *where, slice(len(points)))] = points.transpose(1, 3, 0, 2)
        tested[where] = row["test_accuracy"]
        for part in SPENT:
            spent[part][where] = row[f"{part}_cpu_seconds"]
    return TrialTable(
        name, tuple(configs), KINDS, LENGTHS, POINTS, SIZES,
        **dict(zip(MEASURES, measured, strict=True)), test_accuracy=tested, seconds=spent,
    )  # fmt: skip


def tables() -> dict[str, TrialTable]:
    """Of every problem whose table has been built."""
    return {path.stem: TrialTable.load(path) for path in sorted(TABLES.glob("*.npz"))}
