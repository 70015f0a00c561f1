"""The rows of a problem as one table, `tables/PROBLEM.npz`.

What a table holds stays in it, also where the rows are gone (a bare machine): rows are added.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import work_folder
from benchmarks.run import read_rows, run_cells
from subsel_automl.budgeting.table import MEASURES, SPENT, TrialTable

from .configurations import EACH, configurations
from .kinds import KINDS
from .problems import PROBLEMS
from .run import LENGTHS, POINTS, SIZES, TRUTHS, cells, networks, train

TABLES = Path(__file__).parent / "tables"


def build() -> list[Path]:
    """A table of every problem that has rows."""
    found = []
    for name in PROBLEMS:
        rows = read_rows(work_folder() / "trial_table" / f"{name}.jsonl")
        if rows:
            TABLES.mkdir(exist_ok=True)
            found.append(TABLES / f"{name}.npz")
            assembled(name, rows, _held(name)).save(found[-1])
    return found


def _held(name: str) -> TrialTable | None:
    """The table so far, if it is of the same trials."""
    path = TABLES / f"{name}.npz"
    if not path.exists():
        return None
    held = TrialTable.load(path)
    configs = [config for net in networks(name) for config in configurations(net.name)]
    same = (held.kinds, held.lengths, held.points, held.sizes) == (KINDS, LENGTHS, POINTS, SIZES)
    return held if same and list(held.configs) == configs else None


def missing(wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a problem that its table does not hold."""
    held = _held(wanted[0]["problem"]) if wanted else None
    if held is None:
        return wanted
    names = [network.name for network in networks(held.name)]
    return [
        cell
        for cell in wanted
        if np.isnan(
            held.test_accuracy[
                EACH * names.index(cell["network"]),
                KINDS.index(cell["kind"]),
                LENGTHS.index(cell["steps"]),
                cell["seed"],
            ]
        )
    ]


def assembled(name: str, rows: list[dict[str, Any]], held: TrialTable | None = None) -> TrialTable:
    """NaN where there is no row, and nothing is held."""
    nets = [network.name for network in networks(name)]
    configs = [config for net in nets for config in configurations(net)]
    trials = (len(configs), len(KINDS), len(LENGTHS), TRUTHS)
    measured = np.full((len(MEASURES), *trials, len(POINTS), len(SIZES)), np.nan, np.float32)
    tested = np.full(trials, np.nan, np.float32)
    spent = {part: np.full(trials, np.nan, np.float32) for part in SPENT}
    if held is not None:
        measured = np.stack([getattr(held, measure) for measure in MEASURES])
        tested = held.test_accuracy.copy()
        spent = {part: values.copy() for part, values in held.seconds.items()}
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


def measure(only: str = "", minutes: float = 1e9, workers: int = 1) -> None:
    """What is missing, the first seed of every kind and problem before the second."""
    until = time.monotonic() + 60 * minutes
    for (name, _, _), group in itertools.groupby(cells(only), _block):
        path = work_folder() / "trial_table" / f"{name}.jsonl"
        left = until - time.monotonic()
        run_cells(path, missing(list(group)), train, (), workers, seconds_limit=left)


def _block(cell: Mapping[str, Any]) -> tuple[str, str, int]:
    return cell["problem"], cell["kind"], cell["seed"]
