"""Loaders whose items are their own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.provider import Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)


LABELS = torch.from_numpy(POOL.labels)


NUMBERED = TensorDataset(torch.arange(150.0)[:, None], LABELS)  # x is the row's own number


class Sure(SubsetProvider):
    """Predicts 0.7 for the label and 0.1 for each other class, and weighs by place."""

    name, source, weighs = "sure", "this test", True

    def _select(self, request: Request) -> Subset:
        rows = request.rng().permutation(150)[: request.count]
        targets = np.full((len(rows), 4), 0.1, np.float32)
        targets[np.arange(len(rows)), POOL.labels[rows]] = 0.7
        return Subset(rows, np.arange(1, len(rows) + 1, dtype=np.float32), targets)


def feed(provider: SubsetProvider | None = None, budget=40, **options) -> SubsetFeed:
    return SubsetFeed((provider or Random()).fit(POOL), budget, **options)


def loader(provider: SubsetProvider | None = None, plan: dict[str, Any] | None = None, **options):
    made = feed(provider, **{"redraw_every": 1, **(plan or {})})
    return SubsetLoader(made, None, **{"dataset": NUMBERED, "batch_size": 16, **options})


def rows(batches: Any) -> list[int]:
    return [int(value) for batch in batches for value in batch[0][:, 0]]


def step() -> None:
    """What a training loop does in every step."""
    weight = nn.Parameter(torch.ones(1))
    weight.sum().backward()
    torch.optim.SGD([weight], 0.1).step()


def undisturbed(epochs: int) -> list[list[int]]:
    whole = loader()
    return [rows(whole) for _ in range(epochs)]
