"""Rows of a pool as a network reads them, and a pool as a torch Dataset of (x, label)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from ..core.errors import BadInput, MissingNeed
from ..core.pool import ImageSource, Pool


class Inputs:
    """Rows of a pool as the network reads them: normalised by the pool's own mean and spread."""

    def __init__(self, pool: Pool) -> None:
        self.scale: tuple[Tensor, Tensor] | None = None
        if pool.images is not None:
            self.scale = _mean_and_spread(pool.images)

    def __call__(self, pool: Pool, rows: npt.NDArray[np.int64]) -> Tensor:
        if pool.images is None or self.scale is None:
            return torch.from_numpy(pool.features[rows])
        x = torch.from_numpy(np.ascontiguousarray(pool.images.batch(rows))).permute(0, 3, 1, 2)
        return (x.float() - self.scale[0]) / self.scale[1]  # NHWC memory stays channels_last


def _mean_and_spread(images: ImageSource) -> tuple[Tensor, Tensor]:
    rows = np.linspace(0, len(images) - 1, min(len(images), 4096)).astype(np.int64)
    sample = images.batch(rows).astype(np.float64)
    mean, spread = sample.mean((0, 1, 2)), sample.std((0, 1, 2)) + 1e-6
    return (
        torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1),
        torch.tensor(spread, dtype=torch.float32).view(1, -1, 1, 1),
    )


class PoolDataset(Dataset[tuple[Tensor, Any]]):
    """A pool as a map-style Dataset: normalised images [c, h, w], or features [d], and the label
    (targets [k], where the task has no classes).

    Args:
        pool: with labels.
        scaled_by: the pool whose mean and spread normalise the images; by default `pool` itself.

    Raises:
        MissingNeed: the pool has no labels.
    """

    def __init__(self, pool: Pool, scaled_by: Pool | None = None) -> None:
        if not pool.task:
            raise MissingNeed(f"pool {pool.name!r} has no labels; training needs them")
        self.pool, self.labels = pool, pool.labels
        self.inputs = Inputs(pool if scaled_by is None else scaled_by)

    def __len__(self) -> int:
        return len(self.pool)

    def __getitem__(self, index: int) -> tuple[Tensor, Any]:
        return self.__getitems__([index])[0]

    def __getitems__(self, rows: list[int]) -> list[tuple[Tensor, Any]]:
        """Many at once: what torch's DataLoader asks for when it can."""
        wanted = np.asarray(rows, np.int64)
        x = self.inputs(self.pool, wanted)
        if self.labels is not None:
            return list(zip(x, self.labels[wanted].tolist(), strict=True))
        assert self.pool.targets is not None
        return list(zip(x, torch.from_numpy(self.pool.targets[wanted]), strict=True))


def batch_of(dataset: Any, rows: npt.NDArray[np.int64]) -> tuple[Any, Any]:
    """(x, y) of these rows, collated as torch's DataLoader does.

    Raises:
        BadInput: items that are not (x, y).
    """
    wanted = rows.tolist()
    many = getattr(dataset, "__getitems__", None)
    items = many(wanted) if many is not None else [dataset[row] for row in wanted]
    if not (isinstance(items[0], (tuple, list)) and len(items[0]) == 2):
        raise BadInput(
            f"an item of {type(dataset).__name__} is {type(items[0]).__name__}; the loader needs "
            "(x, y). For Hugging Face datasets see integrations.hf"
        )
    x, y = default_collate(items)
    return x, y
