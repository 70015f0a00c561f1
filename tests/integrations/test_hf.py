"""Truths of the Hugging Face adapter, with real `datasets` and a real `transformers.Trainer`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers", reason="extra [hf] is not installed")
pytest.importorskip("datasets", reason="extra [hf] is not installed")

import torch
import torch.nn.functional as F
from datasets import Dataset
from subsel_automl.integrations.hf import SubsetDataset, select_from
from torch import nn
from transformers import Trainer, TrainingArguments

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.subset import Subset
from subsel_automl.selectors.el2n import El2n
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
ROWS = Dataset.from_dict({"x": POOL.features, "labels": POOL.labels, "row": range(120)})


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)
        self.seen: list[int] = []

    def forward(self, x: torch.Tensor, labels: torch.Tensor, row: torch.Tensor) -> Any:
        self.seen += row.tolist()
        logits = self.layer(x)
        return {"loss": F.cross_entropy(logits, labels), "logits": logits}


def test_select_from_takes_the_rows_in_order_of_choice() -> None:
    assert select_from(ROWS, Subset(np.array([7, 3, 99])))["row"][:] == [7, 3, 99]


def test_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInput, match="row 120"):
        select_from(ROWS, Subset(np.array([120])))


@pytest.mark.slow
@pytest.mark.parametrize("redraw_every", [0, 1])
def test_the_trainer_sees_each_epochs_subset(tmp_path: Path, redraw_every: int) -> None:
    pytest.importorskip("accelerate", reason="extra [hf] is not installed")
    feed = SubsetFeed(Random().fit(POOL), 40, redraw_every=redraw_every)
    train_set, net = SubsetDataset(ROWS, feed), Net()
    arguments = TrainingArguments(
        str(tmp_path), num_train_epochs=3, per_device_train_batch_size=8, report_to=[],
        use_cpu=True, save_strategy="no", disable_tqdm=True, dataloader_pin_memory=False,
    )  # fmt: skip
    Trainer(net, arguments, train_dataset=train_set, callbacks=[train_set.callback()]).train()
    again = SubsetFeed(Random().fit(POOL), 40, redraw_every=redraw_every)
    for epoch in range(3):
        seen = net.seen[40 * epoch : 40 * (epoch + 1)]
        assert sorted(seen) == sorted(again.at(epoch, None).indices)


def test_a_dataset_of_another_length_is_refused() -> None:
    with pytest.raises(BadInput, match="100 examples, pool 'clumps' 120"):
        SubsetDataset(ROWS.select(range(100)), SubsetFeed(Random().fit(POOL), 40))


@pytest.mark.parametrize(
    "feed",
    [
        SubsetFeed(Random().fit(POOL), 40, targets="soft"),
        SubsetFeed(El2n().fit(POOL), 40),
    ],
    ids=["soft", "adaptive"],
)
def test_what_the_trainer_cannot_do_is_refused(feed: SubsetFeed) -> None:
    with pytest.raises(BadInput, match="SubsetLoader"):
        SubsetDataset(ROWS, feed)
