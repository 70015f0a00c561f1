"""Hugging Face: rows of a `datasets.Dataset`, and a training set for `transformers.Trainer` that
follows a feed from epoch to epoch.

    rows = select_from(dataset, subset)                                  # dataset.select(indices)

    train_set = SubsetDataset(dataset, feed)
    Trainer(model, args, train_dataset=train_set, callbacks=[train_set.callback()])

The epoch's rows lie in memory that workers share, so that persistent workers see every redraw. The
callback shows the network to providers that ask it, and keeps where the feed stands beside the
Trainer's checkpoints. The Trainer computes its own loss from labels: soft targets and weights are
refused here. For them write the loop with `SubsetLoader`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset, default_collate
from transformers import TrainerCallback

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.feed_file import RECORD, read_feed, save_feed
from ..core.subset import Subset
from ..hosting.items import LABELS, require_rows
from ..hosting.session import say_untaught
from ..training.probe import ModelProbe

FOLDER = "subsel-feed"  # in a checkpoint of the Trainer


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
        BadInput: another length than the pool's; soft targets, weights, a provider that warms up
            (its epochs have other lengths, and the Trainer counts steps once).
    """

    def __init__(
        self, dataset: Any, feed: SubsetFeed, architecture: Architecture | None = None
    ) -> None:
        require_rows(dataset)
        provider = feed.provider
        if len(dataset) != len(provider.pool):
            raise BadInput(
                f"the dataset has {len(dataset)} examples, pool {provider.pool.name!r} "
                f"{len(provider.pool)}; give the pool's examples in its order"
            )
        if feed.targets != "labels" or feed.weighs or provider.warm_epochs:
            raise BadInput(
                f"transformers.Trainer computes its own loss over epochs of one length, so soft "
                f"targets, weights and warm epochs are not for it (provider {provider.name!r}, "
                f"targets {feed.targets!r}); write the loop with SubsetLoader"
            )
        say_untaught(provider, "transformers.Trainer")
        self.dataset, self.feed, self.architecture = dataset, feed, architecture
        self.probe: ModelProbe | None = None
        self._rows = torch.zeros(len(dataset), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
        self._count = torch.zeros(1, dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
        self.move_to(0)

    def show(self, model: Any, collate: Any = None) -> None:
        """The network in training, for providers that ask it; `collate` is the Trainer's."""
        names = set(inspect.signature(model.forward).parameters)

        def read(dataset: Any, rows: npt.NDArray[np.int64]) -> Any:
            batch = (collate or default_collate)([dataset[int(row)] for row in rows])
            if not isinstance(batch, Mapping):
                raise BadInput("items of a Trainer's Dataset are mappings from argument to value")
            return {k: v for k, v in batch.items() if k in names and k not in LABELS}

        self.probe = ModelProbe(model, self.feed.provider.pool, self.dataset, read=read)

    def move_to(self, epoch: int) -> None:
        """Hold the subset of this epoch.

        Raises:
            BadInput: the provider weighs its examples after all.
        """
        self.subset = self.feed.at(epoch, self.architecture, self.probe)
        if self.subset.weights is not None:
            raise BadInput(
                f"provider {self.feed.provider.name!r} weighs its examples, which "
                "transformers.Trainer does not; write the loop with SubsetLoader"
            )
        count = len(self.subset)
        self._rows[:count] = torch.from_numpy(self.subset.indices)
        self._count[0] = count

    def __len__(self) -> int:
        return int(self._count[0])

    def __getitem__(self, place: int) -> Any:
        return self.dataset[int(self._rows[place])]

    def callback(self) -> TrainerCallback:
        """For `Trainer(callbacks=[...])`."""
        return _Follow(self)


class _Follow(TrainerCallback):
    def __init__(self, train_set: SubsetDataset) -> None:
        self.train_set = train_set

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **about: Any
    ) -> None:
        feed = self.train_set.feed
        feed.epochs = feed.epochs or max(1, round(args.num_train_epochs))
        if model is not None:
            loader = about.get("train_dataloader")
            self.train_set.show(model, getattr(loader, "collate_fn", None))
        folder = _folder(args, state)
        if state.global_step and (folder / RECORD).exists():
            feed.load_state_dict(read_feed(folder)[0])

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        self.train_set.move_to(int(state.epoch or 0))

    def on_save(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        save_feed(self.train_set.feed, _folder(args, state))


def _folder(args: Any, state: Any) -> Path:
    return Path(args.output_dir) / f"checkpoint-{state.global_step}" / FOLDER
