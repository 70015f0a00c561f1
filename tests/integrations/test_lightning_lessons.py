"""A Lightning fit leaves a lesson: of a feed alone, of a trial, of a search."""

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

from subsel_automl import provider
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.hosting.search import SubsetSearch
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
DATA = TensorDataset(torch.from_numpy(POOL.features), torch.from_numpy(POOL.labels))


class Data(lightning.LightningDataModule):
    def train_dataloader(self) -> DataLoader[Any]:
        return DataLoader(DATA, batch_size=16, shuffle=True)

    def val_dataloader(self) -> DataLoader[Any]:
        return DataLoader(DATA, batch_size=60)


class Net(lightning.LightningModule):
    def __init__(self, width: int = 4, told: bool = True) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.told = told
        self.body, self.head = nn.Linear(16, width), nn.Linear(width, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(torch.relu(self.body(x)))
        return logits

    def training_step(self, batch: Any, place: int) -> torch.Tensor:
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch: Any, place: int) -> None:
        if self.told:
            self.log("val_acc", (self(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def fit(net: Net, about: Any, folder: Path) -> float | None:
    trainer = lightning.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder,
    )  # fmt: skip
    trainer.fit(net, datamodule=SubsetDataModule(Data(), about))
    assert not net._forward_hooks
    value = trainer.callback_metrics.get("val_acc")
    return None if value is None else float(value)


@pytest.fixture
def online() -> Any:
    return provider("subselnet-online").fit(POOL)


def test_a_fit_of_a_feed_alone_is_a_trial_of_its_own(online: Any, tmp_path: Path) -> None:
    value = fit(Net(), SubsetFeed(online, 40, redraw_every=1), tmp_path)
    (lesson,) = online.teachers.lessons()
    assert lesson.accuracy == pytest.approx(value)
    assert lesson.examples == 80
    assert len(lesson.indices) > 40  # heard in both epochs' draws


def test_a_module_that_logs_nothing_is_measured(online: Any, tmp_path: Path) -> None:
    assert fit(Net(told=False), SubsetFeed(online, 40, redraw_every=1), tmp_path) is None
    assert len(online.teachers.lessons()) == 1


def test_a_fit_belongs_to_the_trial_it_is_given(online: Any, tmp_path: Path) -> None:
    with SubsetSession(SubsetFeed(online, 40, redraw_every=1), "mine") as session:
        value = fit(Net(), session, tmp_path)
        assert online.teachers.lessons() == []  # the trial's host ends it
        assert session.accuracy == pytest.approx(value)
        session.teach()
    assert [one.name for one in online.teachers.lessons()] == ["mine"]


def test_every_fit_of_a_search_is_a_trial_with_its_hyperparameters(
    online: Any, tmp_path: Path
) -> None:
    search = SubsetSearch(online, 40, redraw_every=1)
    values = {width: fit(Net(width), search, tmp_path) for width in (4, 6)}
    found = search.summary()
    assert len(online.teachers.lessons()) == 2
    assert found.winner is not None
    assert found.winner.value == pytest.approx(max(v for v in values.values() if v is not None))
    assert found.winner.config["width"] in (4, 6)
