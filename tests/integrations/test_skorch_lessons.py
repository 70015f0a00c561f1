"""Every fit of a skorch net is a trial of a search: by fit, partial_fit and a grid of folds."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("skorch", reason="extra [skorch] is not installed")

import torch
from sklearn.model_selection import GridSearchCV
from skorch import NeuralNetClassifier
from subsel_automl.integrations.skorch import subset_options
from torch import nn

from subsel_automl import provider
from subsel_automl.hosting.search import SubsetSearch
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)


class Net(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(16, width), nn.Linear(width, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(torch.relu(self.body(x)))
        return logits


def searched(**options: Any) -> tuple[SubsetSearch, NeuralNetClassifier]:
    search = SubsetSearch(provider("subselnet-online").fit(POOL), 0.4, redraw_every=1)
    net = NeuralNetClassifier(
        Net, criterion=nn.CrossEntropyLoss, batch_size=16, verbose=0, max_epochs=2, lr=0.1,
        **subset_options(search), **options,
    )  # fmt: skip
    return search, net


def taught(search: SubsetSearch, pool: Any = None) -> list[Any]:
    teachers: Any = search.plan.provider.teachers  # type: ignore[attr-defined]
    found: list[Any] = (teachers if pool is None else teachers.part(pool)).lessons()
    return found


def test_every_fit_is_a_trial_and_teaches() -> None:
    search, net = searched(train_split=None)
    net.fit(POOL.features, POOL.labels)
    net.set_params(module__width=6).fit(POOL.features, POOL.labels)
    assert search.trials == 2
    assert [one.examples for one in taught(search)] == [96, 96]
    assert not net.module_._forward_hooks
    assert search.summary().states == {"complete": 2}


def test_a_partial_fit_is_a_trial_too() -> None:
    search, net = searched(train_split=None)
    net.partial_fit(POOL.features, POOL.labels)
    net.partial_fit(POOL.features, POOL.labels)
    assert search.trials == 2
    assert len(taught(search)) == 2


def test_a_held_out_part_tells_how_good_the_network_is() -> None:
    search, net = searched()
    net.fit(POOL.features, POOL.labels)
    found = search.summary()
    assert found.winner is not None
    assert found.winner.metric == "valid_acc"
    assert found.winner.value == pytest.approx(net.history[-1]["valid_acc"])
    assert found.winner.config["lr"] == 0.1


def test_a_grid_of_folds_is_one_search_whose_folds_learn_apart() -> None:
    search, net = searched(train_split=None)
    grid = GridSearchCV(net, {"module__width": [4, 6]}, cv=2, refit=False, error_score="raise")
    grid.fit(POOL.features, POOL.labels)
    assert search.trials == 4
    assert taught(search) == []
    parts: Any = search.plan.provider.teachers._parts  # type: ignore[attr-defined]
    assert [len(part.lessons()) for part in parts.values()] == [2, 2]
    assert search.summary().states == {"complete": 4}
