"""A subset's batches by place: the Dataset's x and y, the soft target, the weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils.data import Dataset

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.subset import Subset
from ..training.inputs import batch_of

Rows = npt.NDArray[np.int64]


class Chosen(Dataset[Any]):
    """Batches (x, y), or (x, y, w) with weights of mean one, by places in the subset.

    Raises:
        BadInput: a label of the Dataset that is not the pool's: it stands in another order.
    """

    def __init__(self, dataset: Any, subset: Subset, feed: SubsetFeed, weights: bool) -> None:
        self.dataset, self.indices = dataset, subset.indices
        self.pool = feed.provider.pool
        self.share = feed.soft.label_share
        self.targets = subset.targets if feed.targets == "soft" else None
        self.weights: npt.NDArray[np.float32] | None = None
        if weights:
            own = np.ones(len(subset), np.float32) if subset.weights is None else subset.weights
            self.weights = own / max(float(own.mean()), 1e-12)

    def __getitems__(self, places: list[int]) -> tuple[Any, ...]:
        rows = self.indices[places]
        x, y = batch_of(self.dataset, rows)
        self._same_labels(rows, y)
        if self.targets is not None:
            y = self._soft(places, y)
        if self.weights is None:
            return x, y
        return x, y, torch.from_numpy(self.weights[places])

    def _soft(self, places: list[int], y: Tensor) -> Tensor:
        assert self.targets is not None
        predicted = torch.from_numpy(self.targets[places])
        hard = one_hot(y.long(), predicted.shape[1]).float()
        return (1 - self.share) * predicted + self.share * hard

    def _same_labels(self, rows: Rows, y: Any) -> None:
        labels = self.pool.labels
        if labels is None or not isinstance(y, Tensor) or y.ndim != 1 or y.is_floating_point():
            return
        wrong = np.flatnonzero(y.numpy() != labels[rows])
        if len(wrong):
            row = rows[wrong[0]]
            raise BadInput(
                f"item {row} of the Dataset has label {int(y[wrong[0]])}, example {row} of pool "
                f"{self.pool.name!r} has {labels[row]}; give the Dataset in the pool's own order"
            )
