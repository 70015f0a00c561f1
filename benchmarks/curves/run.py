"""Runs the cells that are missing."""

from __future__ import annotations

from benchmarks.run import RESULTS, run_cells

from .cells import cells, work

PATH = RESULTS / "curves.jsonl"


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), work, (), workers, seconds_limit=60 * minutes)
