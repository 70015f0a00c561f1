"""Lightning: the user's own DataModule, its training loader replaced by one over the subset.

    trainer.fit(model, datamodule=SubsetDataModule(data, feed))    # was: datamodule=data

Batch size, workers and `drop_last` are those of the DataModule's own training DataLoader; the other
loaders are its own. An adaptive provider asks the LightningModule, whose forward gives logits.
`Trainer(reload_dataloaders_every_n_epochs=1)` lets Lightning see epochs of other lengths (of a
provider that warms up). Only `lightning`, not `pytorch_lightning`: their classes do not mix.
"""

from __future__ import annotations

from typing import Any

import lightning
from lightning.pytorch.utilities.model_helpers import is_overridden
from torch.utils.data import DataLoader, default_collate

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..hosting.loader import SubsetLoader


class SubsetDataModule(lightning.LightningDataModule):
    """Around a DataModule whose training Dataset holds the pool's examples in the pool's order.

    A resumed training draws by its epoch; what an adaptive provider remembered begins anew.

    Args:
        inner: the user's own.
        feed: provider, budget, redraws and targets.
        architecture, validation, with_weights: see `SubsetLoader`.

    Raises:
        BadInput: while training: no torch DataLoader inside or one with its own collate_fn, several
            processes, a provider that warms up without reloading.
    """

    def __init__(
        self,
        inner: lightning.LightningDataModule,
        feed: SubsetFeed,
        *,
        architecture: Architecture | None = None,
        validation: Any = None,
        with_weights: bool = False,
    ) -> None:
        super().__init__()
        self.inner, self.feed, self.architecture = inner, feed, architecture
        self.validation, self.with_weights = validation, with_weights
        self.loader: SubsetLoader | None = None

    def prepare_data(self) -> None:
        self.inner.prepare_data()

    def setup(self, stage: str) -> None:
        self.inner.trainer = self.trainer
        self.inner.setup(stage)

    def teardown(self, stage: str) -> None:
        self.inner.teardown(stage)

    def train_dataloader(self) -> SubsetLoader:
        trainer: Any = self.trainer
        if trainer is None or trainer.world_size > 1:
            raise BadInput("SubsetDataModule trains in one process, inside trainer.fit")
        if self.feed.provider.warm_epochs and trainer.reload_dataloaders_every_n_epochs != 1:
            raise BadInput(
                f"provider {self.feed.provider.name!r} begins with epochs of another length; make "
                "Trainer(reload_dataloaders_every_n_epochs=1)"
            )
        if self.loader is None:
            self.loader = self._made(self.inner.train_dataloader(), trainer.lightning_module)
        self.loader.epoch = trainer.current_epoch
        return self.loader

    def _made(self, given: Any, model: Any) -> SubsetLoader:
        plain = isinstance(given, DataLoader) and given.collate_fn is default_collate
        if not plain or given.batch_size is None:
            raise BadInput(
                f"{type(self.inner).__name__}.train_dataloader() must give one torch DataLoader "
                "with the default collate_fn; SubsetDataModule reads its Dataset and batch size"
            )
        return SubsetLoader(
            self.feed,
            self.architecture,
            given.dataset,
            batch_size=given.batch_size,
            seed=self.feed.seed,
            model=model,
            validation=self.validation,
            drop_last=given.drop_last,
            with_weights=self.with_weights,
            num_workers=given.num_workers,
        )

    def val_dataloader(self) -> Any:
        return self._own("val_dataloader")

    def test_dataloader(self) -> Any:
        return self._own("test_dataloader")

    def predict_dataloader(self) -> Any:
        return self._own("predict_dataloader")

    def _own(self, name: str) -> Any:
        """The user's loader, or none when the DataModule has none."""
        return getattr(self.inner, name)() if is_overridden(name, self.inner) else []
