"""Truths of the skorch iterator, with the real skorch."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("skorch", reason="extra [skorch] is not installed")

import torch
from skorch import NeuralNetClassifier
from subsel_automl.integrations.skorch import subset_iterator
from torch import nn

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


def net(feed: SubsetFeed, **options: Any) -> NeuralNetClassifier:
    return NeuralNetClassifier(
        Net, criterion=nn.CrossEntropyLoss, lr=0.5, max_epochs=20, batch_size=16, verbose=0,
        iterator_train=subset_iterator, iterator_train__feed=feed, **options,
    )  # fmt: skip


def test_a_classifier_learns_from_the_subset_alone() -> None:
    feed = SubsetFeed(Random().fit(POOL), 40)
    fitted = net(feed, train_split=None).fit(POOL.features, POOL.labels)
    assert [len(row["batches"]) for row in fitted.history] == [3] * 20
    assert sum(batch["train_batch_size"] for batch in fitted.history[0]["batches"]) == 40
    assert fitted.score(POOL.features, POOL.labels) > 0.9


def test_examples_that_skorch_held_out_are_noticed() -> None:
    feed = SubsetFeed(Random().fit(POOL), 40)
    with pytest.raises(BadInput, match="96 examples, pool 'clumps' 120"):
        net(feed).fit(POOL.features, POOL.labels)
