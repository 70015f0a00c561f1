"""The head of `transfer.py`: batch norm, d-hidden, ReLU, hidden-c on fixed features."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import nn

from ..core.pool import Pool
from ..spaces.networks import Network
from ..training.batches import steps_an_epoch, uniform_epoch
from ..training.recipes import Recipe
from ..training.seeded import seeded
from ..training.trainer import Trainer

RATE, BATCH = 1e-3, 128


def head_losses(pool: Pool, *, hidden: int, epochs: int, seed: int) -> npt.NDArray[np.float64]:
    """Train the head on a pool of features; the cross-entropy of every example, [n]."""
    n, d = pool.features.shape
    batch = min(BATCH, max(8, n // 20))
    recipe = Recipe({"name": "adam", "lr": RATE}, {"name": "constant"}, batch=batch)
    with seeded(seed):
        body = nn.Sequential(nn.BatchNorm1d(d), nn.Linear(d, hidden), nn.ReLU())
        head = Network(body, hidden, pool.classes)
        steps = epochs * steps_an_epoch(n, batch)
        trainer = Trainer(head, pool, recipe, steps=steps, seed=seed, precision="fp32")
        for _ in range(epochs):
            trainer.epoch(uniform_epoch(trainer.rng, n, batch))
    return trainer.losses(np.arange(n)).astype(np.float64)
