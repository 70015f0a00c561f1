"""Datasets of 40 examples of 4 classes, as people write them."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import Dataset

from subsel_automl.core.pool import Pool

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 6)).astype(np.float32)
Y = np.arange(40) % 4
SAME = Pool("same", X, Y).fingerprint


class Items(Dataset):
    """A map-style Dataset of `make(i)`, which counts what is read."""

    def __init__(self, make, n=40) -> None:
        self.make, self.n, self.read = make, n, []

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i):
        self.read.append(i)
        return self.make(i)


class Many(Items):
    """One that reads several at once, as `DataLoader` asks."""

    def __getitems__(self, rows):
        return [self.make(i) for i in rows]


class Collated(Items):
    """One whose `__getitems__` gives a batch, not items."""

    def __getitems__(self, rows):
        return X[rows], Y[rows]


def tensors(i):
    return torch.from_numpy(X[i]), torch.tensor(Y[i])
