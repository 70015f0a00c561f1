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
from subsel_automl.selectors.grad_match import GradMatch
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
ROWS = Dataset.from_dict({"x": POOL.features, "labels": POOL.labels, "row": range(120)})


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)
        self.seen: list[int] = []

    def forward(
        self, x: torch.Tensor, labels: torch.Tensor | None = None, row: torch.Tensor | None = None
    ) -> Any:
        logits = self.layer(x)
        if labels is None or row is None:  # a provider asks
            return {"logits": logits}
        self.seen += row.tolist()
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


def trained(
    folder: Path, feed: SubsetFeed, epochs: int, resume: bool = False, **options: Any
) -> Net:
    torch.manual_seed(0)
    train_set, net = SubsetDataset(ROWS, feed), Net()
    arguments = TrainingArguments(
        str(folder), num_train_epochs=epochs, per_device_train_batch_size=8, report_to=[],
        use_cpu=True, disable_tqdm=True, dataloader_pin_memory=False,
        **{"save_strategy": "no", **options},
    )  # fmt: skip
    trainer = Trainer(net, arguments, train_dataset=train_set, callbacks=[train_set.callback()])
    trainer.train(resume_from_checkpoint=resume)
    return net


WORKERS = {"dataloader_num_workers": 1, "dataloader_persistent_workers": True}


@pytest.mark.slow
def test_persistent_workers_see_every_redraw(tmp_path: Path) -> None:
    here = trained(tmp_path / "a", SubsetFeed(Random().fit(POOL), 40, redraw_every=1), 3)
    there = trained(
        tmp_path / "b", SubsetFeed(Random().fit(POOL), 40, redraw_every=1), 3, **WORKERS
    )
    assert here.seen == there.seen
    assert len({tuple(sorted(here.seen[at : at + 40])) for at in (0, 40, 80)}) == 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["redrawn", "adaptive"])
def test_a_resumed_trainer_goes_on_as_if_undisturbed(tmp_path: Path, kind: str) -> None:
    def feed() -> SubsetFeed:
        if kind == "redrawn":
            return SubsetFeed(Random().fit(POOL), 40, redraw_every=2)
        return SubsetFeed(El2n(refresh_every=2, warm_epochs=0).fit(POOL), 40)

    saving = {"save_strategy": "epoch", "lr_scheduler_type": "constant"}
    whole = trained(tmp_path / "whole", feed(), 5, **saving)
    first = trained(tmp_path / "parts", feed(), 3, **saving)
    then = trained(tmp_path / "parts", feed(), 5, resume=True, **saving)
    assert first.seen == whole.seen[: 3 * 40]
    epochs = [then.seen[at : at + 40] for at in (0, 40)]
    expected = [whole.seen[at : at + 40] for at in (120, 160)]
    assert [sorted(rows) for rows in epochs] == [sorted(rows) for rows in expected]


@pytest.mark.slow
def test_a_provider_that_looks_at_the_network_is_shown_the_trainers(tmp_path: Path) -> None:
    feed = SubsetFeed(El2n(refresh_every=1, warm_epochs=0).fit(POOL), 40)
    net = trained(tmp_path, feed, 3)
    assert feed.refresh_seconds > 0
    assert feed.epochs == 3
    assert len(net.seen) == 3 * 40


def test_a_streamed_dataset_is_told_to_be_map_style() -> None:
    with pytest.raises(BadInput, match="map-style"):
        SubsetDataset(ROWS.to_iterable_dataset(), SubsetFeed(Random().fit(POOL), 40))


def test_a_dataset_of_another_length_is_refused() -> None:
    with pytest.raises(BadInput, match="100 examples, pool 'clumps' 120"):
        SubsetDataset(ROWS.select(range(100)), SubsetFeed(Random().fit(POOL), 40))


@pytest.mark.parametrize(
    "feed",
    [
        SubsetFeed(Random().fit(POOL), 40, targets="soft"),
        SubsetFeed(El2n().fit(POOL), 40),
        SubsetFeed(GradMatch().fit(POOL), 40),
        SubsetFeed(Random().fit(POOL), 40, prior="keep"),
    ],
    ids=["soft", "warms up", "weighs", "prior"],
)
def test_what_the_trainer_cannot_do_is_refused(feed: SubsetFeed) -> None:
    with pytest.raises(BadInput, match="SubsetLoader"):
        SubsetDataset(ROWS, feed)
