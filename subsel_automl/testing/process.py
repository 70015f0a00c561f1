"""Another process, for promises that must hold in any."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import cache


@cache
def other_process() -> ProcessPoolExecutor:
    """One for all classes: a fresh interpreter with its own hash seed."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
