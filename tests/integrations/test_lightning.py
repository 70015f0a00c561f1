"""Truths of the DataModule wrapper, with the real Lightning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lightning", reason="extra [lightning] is not installed")

import lightning
import torch
import torch.nn.functional as F
from subsel_automl.integrations.lightning import SubsetDataModule
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.selectors.el2n import El2n
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
ROWS = torch.arange(120)


class Data(lightning.LightningDataModule):
    def train_dataloader(self) -> DataLoader[Any]:
        x = torch.from_numpy(POOL.features)
        numbered = torch.cat([x, ROWS[:, None].float()], 1)  # the last column is the row's number
        return DataLoader(TensorDataset(numbered, torch.from_numpy(POOL.labels)), batch_size=16)


class WithValidation(Data):
    def val_dataloader(self) -> DataLoader[Any]:
        held: Pool = POOL.validation  # type: ignore[assignment]
        x = torch.from_numpy(held.features)
        return DataLoader(TensorDataset(x, torch.from_numpy(held.labels)), batch_size=40)


class Net(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)
        self.epochs: list[list[int]] = []
        self.validated = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x[:, :16])

    def on_train_epoch_start(self) -> None:
        self.epochs.append([])

    def training_step(self, batch: Any, place: int) -> torch.Tensor:
        self.epochs[-1] += batch[0][:, 16].int().tolist()
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch: Any, place: int) -> None:
        self.validated += len(batch[0])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def fit(data: lightning.LightningDataModule, folder: Path, **options: Any) -> Net:
    net = Net()
    trainer = lightning.Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, default_root_dir=str(folder),
        num_sanity_val_steps=0, **{"max_epochs": 2, **options},
    )  # fmt: skip
    trainer.fit(net, datamodule=data)
    return net


@pytest.mark.parametrize("reload", [0, 1])
def test_each_epoch_trains_on_its_own_draw(tmp_path: Path, reload: int) -> None:
    feed = SubsetFeed(Random().fit(POOL), 40, redraw_every=1)
    net = fit(SubsetDataModule(Data(), feed), tmp_path, reload_dataloaders_every_n_epochs=reload)
    again = SubsetFeed(Random().fit(POOL), 40, redraw_every=1)
    for epoch in (0, 1):
        assert sorted(net.epochs[epoch]) == sorted(again.at(epoch, None).indices)


def test_validation_is_the_users_own(tmp_path: Path) -> None:
    feed = SubsetFeed(Random().fit(POOL), 40)
    assert fit(SubsetDataModule(WithValidation(), feed), tmp_path).validated == 2 * 40


def test_an_adaptive_provider_warms_up_and_asks_the_lightning_module(tmp_path: Path) -> None:
    data = SubsetDataModule(Data(), SubsetFeed(El2n().fit(POOL), 40))
    net = fit(data, tmp_path, reload_dataloaders_every_n_epochs=1, max_epochs=6)
    assert [len(rows) for rows in net.epochs] == [120] * 5 + [40]
    assert data.feed.refresh_seconds > 0


def test_warming_up_without_reloading_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="reload_dataloaders_every_n_epochs=1"):
        fit(SubsetDataModule(Data(), SubsetFeed(El2n().fit(POOL), 40)), tmp_path)


def test_a_loader_with_its_own_collate_is_refused(tmp_path: Path) -> None:
    class Own(Data):
        def train_dataloader(self) -> DataLoader[Any]:
            return DataLoader(super().train_dataloader().dataset, collate_fn=list)

    with pytest.raises(BadInput, match="collate_fn"):
        fit(SubsetDataModule(Own(), SubsetFeed(Random().fit(POOL), 40)), tmp_path)
