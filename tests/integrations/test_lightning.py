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
from torch.utils.data import (
    DataLoader,
    RandomSampler,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
)

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.hosting.loader import SubsetLoader
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
    trainer_of(folder, **options).fit(net, datamodule=data)
    return net


def trainer_of(folder: Path, **options: Any) -> lightning.Trainer:
    return lightning.Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, default_root_dir=str(folder),
        num_sanity_val_steps=0, **{"max_epochs": 2, **options},
    )  # fmt: skip


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


class Loaded(Data):
    """A DataModule whose loader has these options."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    def train_dataloader(self) -> DataLoader[Any]:
        return DataLoader(super().train_dataloader().dataset, **{"batch_size": 16, **self.options})


def doubled(items: Any) -> Any:
    x, y = default_collate(items)
    return torch.cat([x, x]), torch.cat([y, y])


def begin(number: int) -> None:
    torch.manual_seed(number)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("num_workers", 1),
        ("pin_memory", True),
        ("worker_init_fn", begin),
        ("timeout", 9),
        ("drop_last", True),
        ("persistent_workers", True),
        ("prefetch_factor", 3),
    ],
)
def test_the_users_options_are_kept(tmp_path: Path, option: str, value: Any) -> None:
    workers = {} if option in ("pin_memory", "drop_last", "worker_init_fn") else {"num_workers": 1}
    data = SubsetDataModule(
        Loaded(**{**workers, option: value}), SubsetFeed(Random().fit(POOL), 40)
    )
    fit(data, tmp_path, max_epochs=1)
    assert getattr(data.loader, option) == value


def test_the_users_collate_is_used(tmp_path: Path) -> None:
    feed = SubsetFeed(Random().fit(POOL), 40)
    net = fit(SubsetDataModule(Loaded(collate_fn=doubled), feed), tmp_path)
    assert [len(rows) for rows in net.epochs] == [80, 80]


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_loader_that_does_not_shuffle_stays_in_order(tmp_path: Path, shuffle: bool) -> None:
    feed = SubsetFeed(Random().fit(POOL), 40)
    net = fit(SubsetDataModule(Loaded(shuffle=shuffle), feed), tmp_path)
    assert (net.epochs[0] == sorted(net.epochs[0])) == (not shuffle)


@pytest.mark.parametrize(
    "options",
    [
        {"sampler": WeightedRandomSampler(torch.ones(120), 120)},
        {"sampler": RandomSampler(range(120), replacement=True)},
        {"sampler": RandomSampler(range(120), num_samples=10)},
        {"sampler": SubsetRandomSampler(range(60))},
        {"batch_sampler": [[0, 1], [2, 3]], "batch_size": 1},
    ],
    ids=["weighted", "replacement", "fewer", "subset", "batches"],
)
def test_a_sampler_that_chooses_for_itself_is_refused(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(BadInput, match=r"of its own|one torch DataLoader"):
        fit(SubsetDataModule(Loaded(**options), SubsetFeed(Random().fit(POOL), 40)), tmp_path)


@pytest.mark.parametrize("options", [{}, {"num_workers": 1, "persistent_workers": True}], ids=str)
def test_a_resumed_training_goes_on_as_if_undisturbed(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    def data() -> SubsetDataModule:
        feed = SubsetFeed(Random().fit(POOL), 40, redraw_every=2)
        return SubsetDataModule(Loaded(shuffle=True, **options), feed)

    whole = fit(data(), tmp_path, max_epochs=5)
    trainer, net = trainer_of(tmp_path, max_epochs=2), Net()
    trainer.fit(net, datamodule=data())
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    torch.load(tmp_path / "a.ckpt", weights_only=True)
    gone_on = Net()
    trainer_of(tmp_path, max_epochs=5).fit(
        gone_on, datamodule=data(), ckpt_path=str(tmp_path / "a.ckpt")
    )
    assert [*net.epochs, *gone_on.epochs] == whole.epochs


def test_an_adaptive_provider_goes_on_with_what_it_remembered(tmp_path: Path) -> None:
    def data() -> SubsetDataModule:
        feed = SubsetFeed(El2n(refresh_every=2, warm_epochs=1).fit(POOL), 40)
        return SubsetDataModule(Loaded(shuffle=True), feed)

    options = {"reload_dataloaders_every_n_epochs": 1}
    torch.manual_seed(0)
    whole = fit(data(), tmp_path, max_epochs=4, **options)
    torch.manual_seed(0)
    trainer, net = trainer_of(tmp_path, max_epochs=2, **options), Net()
    trainer.fit(net, datamodule=data())
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    gone_on = Net()
    trainer_of(tmp_path, max_epochs=4, **options).fit(
        gone_on, datamodule=data(), ckpt_path=str(tmp_path / "a.ckpt")
    )
    assert [*net.epochs, *gone_on.epochs] == whole.epochs


def test_a_module_takes_a_subset_loader_as_it_is(tmp_path: Path) -> None:
    feed = SubsetFeed(Random().fit(POOL), 40, redraw_every=1)
    data, net = Data().train_dataloader().dataset, Net()
    trainer_of(tmp_path, max_epochs=3).fit(net, SubsetLoader(feed, dataset=data, batch_size=16))
    again = SubsetFeed(Random().fit(POOL), 40, redraw_every=1)
    expected = [sorted(again.at(epoch, None).indices) for epoch in range(3)]
    assert [sorted(rows) for rows in net.epochs] == expected
