"""Runs cells of a benchmark: one cell, one JSONL row; resumable, several processes of one thread.

A cell is a mapping of JSON values. Rows that are on disk are not run again; rows are written whole
lines at a time by the parent alone, so a killed run loses only the cells in flight. Cells stand in
order of importance.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Cell = Mapping[str, Any]
RESULTS = Path(__file__).parent / "results"


def identity(cell: Cell) -> str:
    """What makes two cells the same."""
    return json.dumps(dict(cell), sort_keys=True)


def commit() -> str:
    """The checked-out commit, with a plus sign when files differ from it."""
    here = Path(__file__).parent
    out = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=10"],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    return out.stdout.strip() or "unknown"


def stamp() -> dict[str, Any]:
    """Where a row was measured."""
    return {"commit": commit(), "device": f"cpu {platform.machine()}", "scale": "lite"}


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a results file; a torn last line (a killed run) is dropped."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_text().splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def run_cells(
    path: Path,
    cells: Sequence[Cell],
    work: Callable[..., Mapping[str, Any]],
    setup: tuple[Any, ...],
    workers: int = 2,
) -> list[dict[str, Any]]:
    """Run what is missing in `path` and give all rows of these cells.

    Args:
        work: a module-level function (cell, *setup) -> results; it may cache what setup builds.
        workers: processes; 0 runs in this one.
    """
    done = {identity(row["cell"]) for row in read_rows(path)}
    missing = [cell for cell in cells if identity(cell) not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    about = stamp()
    with open(path, "a") as out:
        for count, (cell, result) in enumerate(_results(missing, work, setup, workers), 1):
            out.write(json.dumps({"cell": dict(cell), **result, **about}) + "\n")
            out.flush()
            print(f"\r{path.stem}: {count}/{len(missing)}", end="", file=sys.stderr, flush=True)
    wanted = {identity(cell) for cell in cells}
    return [row for row in read_rows(path) if identity(row["cell"]) in wanted]


def _results(
    cells: Sequence[Cell], work: Callable[..., Any], setup: tuple[Any, ...], workers: int
) -> Iterator[tuple[Cell, Mapping[str, Any]]]:
    jobs = [(work, cell, setup) for cell in cells]
    if workers == 0 or len(cells) < 2:
        yield from map(_one, jobs)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        yield from pool.imap_unordered(_one, jobs)


def _one(job: tuple[Callable[..., Any], Cell, tuple[Any, ...]]) -> tuple[Cell, Any]:
    import torch

    torch.set_num_threads(1)
    work, cell, setup = job
    try:
        return cell, work(cell, *setup)
    except Exception:
        print(f"cell failed: {identity(cell)}\n{traceback.format_exc()}", file=sys.stderr)
        raise
