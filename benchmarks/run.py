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
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks import settings
from subsel_automl.training.allocator import keep_freed_memory
from subsel_automl.training.precision import native_bf16

Cell = Mapping[str, Any]
ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(os.environ.get("SUBSEL_RESULTS") or Path(__file__).parent / "results")
if settings.SCALE != "lite":
    RESULTS /= settings.SCALE


def identity(cell: Cell) -> str:
    """What makes two cells the same."""
    return json.dumps(dict(cell), sort_keys=True)


def commit(folder: Path = ROOT) -> str:
    """The checked-out commit, with a plus sign when files differ from it; rows that were measured
    since are no difference."""

    def git(*words: str) -> Any:
        return subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=False
        )

    name = git("rev-parse", "--short=10", "HEAD").stdout.strip()
    same = git("diff", "--quiet", "HEAD", "--", ":/", ":(top,exclude)benchmarks/results")
    return f"{name}{'+' if same.returncode else ''}" if name else "unknown"


def stamp(scale: str = "") -> dict[str, Any]:
    """Where a row was measured."""
    scale = scale or settings.SCALE
    kind = settings.SCALES[scale].device
    numbers = "bf16" if native_bf16(torch.device(kind)) else "fp32"
    device = f"{kind} {platform.machine()} {numbers}"
    return {"commit": commit(), "device": device, "scale": scale}


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
    *,
    scale: str = "",
    seconds_limit: float = float("inf"),
) -> list[dict[str, Any]]:
    """Run what is missing in `path` and give all rows of these cells that are there.

    A bar on stderr shows the time left. A cell that fails is named on stderr and left out; the
    others go on, and the first failure is raised at the end.

    Args:
        work: a module-level function (cell, *setup) -> results; it may cache what setup builds.
        workers: processes; 0 runs in this one.
        seconds_limit: no cell is begun after so long; the next call goes on. SUBSEL_MINUTES in
            the environment is a limit too.
    """
    seconds_limit = min(seconds_limit, 60 * float(os.environ.get("SUBSEL_MINUTES", "inf")))
    done = {identity(row["cell"]) for row in read_rows(path)}
    wanted = {identity(cell): cell for cell in cells}  # each once, however often it is asked for
    missing = [cell for name, cell in wanted.items() if name not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    about, failed, began = stamp(scale), [], time.monotonic()
    with open(path, "a") as out:
        found = _results(missing, work, setup, workers, began + seconds_limit)
        for count, (cell, result) in enumerate(found, 1):
            if isinstance(result, str):
                failed.append(result)
            elif result is not None:
                out.write(json.dumps({"cell": dict(cell), **result, **about}) + "\n")
                out.flush()
            left = (time.monotonic() - began) / count * (len(missing) - count)
            told = f"\r{path.stem}: {count}/{len(missing)}, {left / 60:.0f} min left "
            print(told, end="", file=sys.stderr, flush=True)
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(missing)} cells failed; the first: {failed[0]}")
    return rows_of(path, cells)


def not_run(path: Path, cells: Sequence[Cell]) -> int:
    """How many of these cells have no row."""
    done = {identity(row["cell"]) for row in read_rows(path)}
    return len({identity(cell) for cell in cells} - done)


def rows_of(path: Path, cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """The rows of these cells that have been measured."""
    wanted = {identity(cell) for cell in cells}
    return [row for row in read_rows(path) if identity(row["cell"]) in wanted]


def _results(
    cells: Sequence[Cell],
    work: Callable[..., Any],
    setup: tuple[Any, ...],
    workers: int,
    until: float,
) -> Iterator[tuple[Cell, Any]]:
    jobs = [(work, cell, setup, until) for cell in cells]
    if workers == 0 or len(cells) < 2:
        yield from map(_one, jobs)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        yield from pool.imap_unordered(_one, jobs)


def _one(job: tuple[Callable[..., Any], Cell, tuple[Any, ...], float]) -> tuple[Cell, Any]:
    """(cell, results), a text when the cell failed, or None when its time was over."""
    import torch

    torch.set_num_threads(1)
    keep_freed_memory()
    work, cell, setup, until = job
    if time.monotonic() > until:  # one clock for all processes of a machine
        return cell, None
    torch.set_flush_denormal(True)  # small numbers cost as others; of a process: put back below
    try:
        return cell, work(cell, *setup)
    except Exception as error:
        print(f"cell failed: {identity(cell)}\n{traceback.format_exc()}", file=sys.stderr)
        return cell, f"{identity(cell)}: {error!r}"
    finally:
        torch.set_flush_denormal(False)
