"""Passes over a whole pool, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .trainer import Batch


def steps_an_epoch(n: int, batch: int) -> int:
    """Whole batches in one pass, at least one."""
    return max(1, n // batch)


def uniform_epoch(rng: np.random.Generator, n: int, batch: int) -> Iterator[Batch]:
    """One pass over the whole pool in random order (the odd rest is left for another epoch)."""
    order = rng.permutation(n)
    if n < batch:
        order = np.concatenate([order, rng.choice(n, batch - n)])
    for start in range(0, steps_an_epoch(n, batch) * batch, batch):
        yield Batch(order[start : start + batch])
