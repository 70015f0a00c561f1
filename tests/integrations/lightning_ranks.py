"""Run by test_lightning_ranks.py: two processes of Lightning over one subset.

python lightning_ranks.py FOLDER: each rank writes rank-N.json, the rows of its epochs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import lightning
import torch
import torch.nn.functional as F
from subsel_automl.integrations.lightning import SubsetDataModule
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)


class Data(lightning.LightningDataModule):
    def train_dataloader(self) -> DataLoader[Any]:
        numbered = torch.cat([torch.from_numpy(POOL.features), torch.arange(120.0)[:, None]], 1)
        return DataLoader(TensorDataset(numbered, torch.from_numpy(POOL.labels)), 8, shuffle=True)


class Net(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.epochs = nn.Linear(16, 4), []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x[:, :16])

    def on_train_epoch_start(self) -> None:
        self.epochs.append([])

    def training_step(self, batch: Any, place: int) -> torch.Tensor:
        self.epochs[-1] += batch[0][:, 16].int().tolist()
        return F.cross_entropy(self(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def main(folder: Path) -> None:
    feed, net = SubsetFeed(Random().fit(POOL), 41, redraw_every=1), Net()
    trainer = lightning.Trainer(
        accelerator="cpu", devices=2, strategy="ddp", max_epochs=3, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(net, datamodule=SubsetDataModule(Data(), feed))
    (folder / f"rank-{trainer.global_rank}.json").write_text(json.dumps(net.epochs))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
