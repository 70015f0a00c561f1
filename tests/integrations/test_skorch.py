"""Truths of the skorch iterator, with the real skorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("skorch", reason="extra [skorch] is not installed")

import torch
from sklearn.model_selection import GridSearchCV
from skorch import NeuralNetClassifier
from subsel_automl.integrations.skorch import subset_iterator
from torch import nn

from subsel_automl.core.errors import MissingNeed
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Needs
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
NUMBERED = POOL.features.copy()
NUMBERED[:, 0] = np.arange(120)  # the first column is the row's number


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


def net(
    feed: SubsetFeed, kind: type[NeuralNetClassifier] = NeuralNetClassifier, **options: Any
) -> NeuralNetClassifier:
    settings = {"lr": 0.5, "max_epochs": 20, **options}
    return kind(
        Net, criterion=nn.CrossEntropyLoss, batch_size=16, verbose=0,
        iterator_train=subset_iterator, iterator_train__feed=feed, **settings,
    )  # fmt: skip


def test_a_classifier_learns_from_the_subset_alone() -> None:
    feed = SubsetFeed(Random().fit(POOL), 40)
    fitted = net(feed, train_split=None).fit(POOL.features, POOL.labels)
    assert [len(row["batches"]) for row in fitted.history] == [3] * 20
    assert sum(batch["train_batch_size"] for batch in fitted.history[0]["batches"]) == 40
    assert fitted.score(POOL.features, POOL.labels) > 0.9


@pytest.mark.parametrize("redraw_every", [0, 1])
def test_what_train_split_holds_out_is_never_trained_on(redraw_every: int) -> None:
    feed = SubsetFeed(Random().fit(POOL), 0.5, redraw_every=redraw_every)
    seen: list[int] = []

    class Watched(NeuralNetClassifier):
        def train_step(self, batch: Any, **more: Any) -> Any:
            seen.extend(batch[0][:, 0].tolist())
            return super().train_step(batch, **more)

    fitted = net(feed, kind=Watched, max_epochs=4)
    held_in, _ = fitted.train_split(NUMBERED, POOL.labels)
    fitted.fit(NUMBERED, POOL.labels)
    rows = [int(row) for row in seen]
    assert len(rows) == 4 * len(held_in) // 2
    assert set(rows) <= set(held_in.indices)
    assert len(set(rows)) == (len(held_in) // 2 if not redraw_every else len(set(rows)))


def test_a_grid_search_gives_every_fold_a_subset_of_its_own() -> None:
    feed = SubsetFeed(Random().fit(POOL), 0.5)
    search = GridSearchCV(
        net(feed, train_split=None, max_epochs=5), {"lr": [1e-3, 0.5]}, cv=3, scoring="accuracy"
    )
    search.fit(POOL.features, POOL.labels)
    assert search.best_params_ == {"lr": 0.5}
    assert [len(row["batches"]) for row in search.best_estimator_.history] == [4] * 5


@pytest.mark.parametrize("calls", [1, 2, 6])
def test_partial_fit_goes_on_where_it_stood(calls: int) -> None:
    def batches(calls: int) -> list[list[float]]:
        seen: list[list[float]] = []

        class Watched(NeuralNetClassifier):
            def train_step(self, batch: Any, **more: Any) -> Any:
                seen.append(batch[0][:, 0].tolist())
                return super().train_step(batch, **more)

        feed = SubsetFeed(Random().fit(POOL), 20, redraw_every=2)
        one = net(feed, kind=Watched, train_split=None, max_epochs=6 // calls)
        for _ in range(calls):
            one.partial_fit(NUMBERED, POOL.labels)
        return seen

    assert batches(calls) == batches(1)


def test_a_provider_that_learned_from_a_zoo_is_refused_for_a_fold() -> None:
    class Zooed(Random):
        name = "zooed"
        needs = Needs.ZOO

        def fit(self, pool: Pool, zoo: Any = None) -> Any:
            self._pool = pool
            return self

    with pytest.raises(MissingNeed, match=r"fit one on each part"):
        net(SubsetFeed(Zooed().fit(POOL), 20)).fit(POOL.features, POOL.labels)
