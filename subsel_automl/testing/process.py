"""Another process, for promises that must hold in any, and the state that all of one share."""

from __future__ import annotations

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any

import numpy as np


@cache
def other_process() -> ProcessPoolExecutor:
    """One for all classes: a fresh interpreter with its own hash seed."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


def global_state() -> tuple[Any, ...]:
    """Of the random numbers that a process shares: Python's, numpy's and torch's."""
    import torch

    of_numpy: Any = np.random.get_state()  # noqa: NPY002
    return (
        random.getstate(),
        (of_numpy[1].tolist(), *of_numpy[2:]),  # a draw moves the place alone
        torch.get_rng_state().tolist(),
    )
