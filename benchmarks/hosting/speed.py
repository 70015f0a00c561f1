"""Claim: a SubsetLoader costs at most 1.05 times what a plain DataLoader does on the same rows.

    python -m benchmarks.claims run loader-speed [--quick]

CPU seconds a step of this process and its workers, over whole epochs, in turns (ours, plain, ours,
...); the ratio is of the sums, its interval by bootstrap over the turns.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset

from subsel_automl import Pool, SubsetFeed, SubsetLoader, provider

BAR, BATCH, ROWS, WIDTH = 1.05, 64, 24_000, 784


class Items(Dataset[Any]):
    """Items that are computed one by one, as most users' are."""

    def __init__(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.x[row] * 2 - 1, self.y[row]


def measure(quick: bool = False) -> dict[str, Any]:
    """Ratios for tensors and for items, without workers and with two."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    n, turns = (4_000, 3) if quick else (ROWS, 21)
    x, y = rng.random((n, WIDTH), dtype=np.float32), rng.integers(0, 10, n)
    pool = Pool("made", x, y)
    tensors = torch.from_numpy(x), torch.from_numpy(y)
    found = []
    for name, data in {"tensors": TensorDataset(*tensors), "items": Items(*tensors)}.items():
        for workers in (0, 2):
            options = {"num_workers": workers, "persistent_workers": workers > 0}
            feed = SubsetFeed(provider("random").fit(pool), 0.5)
            rows = feed.at(0, None).indices.tolist()
            plain = DataLoader(Subset(data, rows), BATCH, shuffle=True, **options)
            ours = SubsetLoader(feed, None, data, batch_size=BATCH, **options)
            found.append({"items": name, "workers": workers, **_ratio(ours, plain, turns)})
    return {"turns": turns, "cells": found, "holds": all(one["ratio"] <= BAR for one in found)}


def _ratio(ours: Any, plain: Any, turns: int) -> dict[str, Any]:
    for loader in (ours, plain):
        _epoch(loader)  # workers begin
    pairs = []
    for turn in range(turns):
        order: list[Callable[[], float]] = [lambda: _epoch(ours), lambda: _epoch(plain)]
        first, second = (order[(turn + k) % 2]() for k in (0, 1))
        pairs.append((first, second) if turn % 2 == 0 else (second, first))
    table = np.array(pairs)
    rng = np.random.default_rng(0)
    drawn = table[rng.integers(0, turns, (2000, turns))].sum(1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    each = table.sum(0) / turns * 1e3
    return {
        "ratio": round(float(each[0] / each[1]), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "ours_ms": round(float(each[0]), 4),
        "plain_ms": round(float(each[1]), 4),
    }


def _epoch(loader: Any) -> float:
    """CPU seconds a step; a worker's are counted while it lives."""
    began, steps = _cpu(loader), 0
    for _ in loader:
        steps += 1
    return (_cpu(loader) - began) / steps


def _cpu(loader: Any) -> float:
    spent = sum(os.times()[:2])
    iterator = getattr(loader, "_iterator", None)
    for worker in getattr(iterator, "_workers", ()):
        with open(f"/proc/{worker.pid}/stat") as file:
            words = file.read().rsplit(")", 1)[1].split()
        spent += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return spent
