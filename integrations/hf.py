"""Hugging Face: rows of a `datasets.Dataset`, and a training set for `transformers.Trainer` that
follows a feed from epoch to epoch.

    rows = select_from(dataset, subset)                                  # dataset.select(indices)

    train_set = SubsetDataset(dataset, feed)
    Trainer(model, args, train_dataset=train_set, callbacks=[train_set.callback()])

The Trainer computes its own loss from labels and shows nobody its network: soft targets, weights
and adaptive providers are refused here. For them write the loop with `SubsetLoader`.
"""

from __future__ import annotations

from typing import Any

from torch.utils.data import Dataset
from transformers import TrainerCallback

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.subset import Subset


def select_from(dataset: Any, subset: Subset) -> Any:
    """The subset's rows of a `datasets.Dataset`, in order of choice.

    Raises:
        BadInput: the subset names a row that the dataset does not have.
    """
    if len(subset) and int(subset.indices.max()) >= len(dataset):
        raise BadInput(
            f"the subset names row {int(subset.indices.max())}, the dataset has {len(dataset)}; "
            "select from the examples of the subset's own pool"
        )
    return dataset.select(subset.indices.tolist())


class SubsetDataset(Dataset[Any]):
    """The rows of one epoch's subset; `callback()` moves it on.

    Args:
        dataset: a `datasets.Dataset` or any map-style Dataset: the pool's examples in its order.
        feed: with labels as targets.
        architecture: of the network, for providers that read it.

    Raises:
        BadInput: another length than the pool's; soft targets, weights, an adaptive provider, one
            that learns.
    """

    def __init__(
        self, dataset: Any, feed: SubsetFeed, architecture: Architecture | None = None
    ) -> None:
        provider = feed.provider
        if len(dataset) != len(provider.pool):
            raise BadInput(
                f"the dataset has {len(dataset)} examples, pool {provider.pool.name!r} "
                f"{len(provider.pool)}; give the pool's examples in its order"
            )
        if feed.targets != "labels" or provider.refresh_every or provider.learns:
            raise BadInput(
                f"transformers.Trainer neither takes soft targets nor shows its network to "
                f"provider {provider.name!r}; write the loop with SubsetLoader"
            )
        self.dataset, self.feed, self.architecture = dataset, feed, architecture
        self.move_to(0)

    def move_to(self, epoch: int) -> None:
        """Hold the subset of this epoch."""
        self.subset = self.feed.at(epoch, self.architecture)
        if self.subset.weights is not None:
            raise BadInput(
                f"provider {self.feed.provider.name!r} weighs its examples, which "
                "transformers.Trainer does not; write the loop with SubsetLoader"
            )

    def __len__(self) -> int:
        return len(self.subset)

    def __getitem__(self, place: int) -> Any:
        return self.dataset[int(self.subset.indices[place])]

    def callback(self) -> TrainerCallback:
        """For `Trainer(callbacks=[...])`."""
        return _Follow(self)


class _Follow(TrainerCallback):
    def __init__(self, train_set: SubsetDataset) -> None:
        self.train_set = train_set

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        self.train_set.move_to(int(state.epoch or 0))
