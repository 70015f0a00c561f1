"""Passes over a loader: what is an epoch, what was a look, who may set the count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from loaders import NUMBERED, POOL, feed, loader, rows, step, undisturbed
from torch import nn

from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.selectors.el2n import El2n
from subsel_automl.selectors.grad_match import GradMatch
from subsel_automl.training.inputs import PoolDataset


def break_off(made: SubsetLoader) -> Any:
    batches = []
    for batch in made:
        batches.append(batch)
        step()
        if len(batches) == 2:
            return batches
    return batches


@pytest.mark.parametrize("workers", [{}, {"num_workers": 1}, {"num_workers": 1, "persistent_workers": True}], ids=str)  # fmt: skip # noqa: E501
def test_an_early_break_ends_its_epoch_and_no_other(workers):
    made = loader(**workers)
    found = [rows(break_off(made)) for _ in range(2)] + [rows(made)]
    whole = undisturbed(3)
    assert found == [whole[0][:32], whole[1][:32], whole[2]]


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("workers", [0, 1])
def test_a_look_before_training_changes_nothing(looks, workers):
    made = loader(num_workers=workers)
    for _ in range(looks):
        next(iter(made))
    assert made.examples == 0
    assert [rows(made) for _ in range(3)] == undisturbed(3)


def test_a_look_between_epochs_changes_nothing():
    made, found = loader(), []
    for _ in range(3):
        found.append(rows(made))
        next(iter(made))
    assert found == undisturbed(3)


def test_iterators_that_are_dropped_without_an_end_are_no_epochs_of_others():
    made = loader()
    one = iter(made)
    first = [next(one)]
    step()
    second = rows(made)  # `one` still lives
    del one
    assert rows(first) == undisturbed(1)[0][:16]
    assert [second, rows(made)] == undisturbed(3)[1:]


def test_loaders_that_are_made_anew_go_on_with_the_feeds_epoch():
    shared = feed(redraw_every=1)
    found = [rows(SubsetLoader(shared, None, NUMBERED, batch_size=16)) for _ in range(3)]
    assert found == undisturbed(3)


def test_a_host_may_set_the_epoch():
    made = loader()
    made.sampler.set_epoch(2)
    assert rows(made) == undisturbed(3)[2]


@pytest.mark.parametrize("looked", [False, True])
def test_warming_up_is_over_after_its_epochs_whatever_was_looked_at(looked):
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    made = loader(El2n(warm_epochs=2), {"redraw_every": 0}, dataset=PoolDataset(POOL), model=model)
    sizes = []
    for _ in range(4):
        if looked:
            next(iter(made))
        sizes.append(sum(len(y) for _, y in made))
    assert sizes == [150, 150, 40, 40]


def test_every_state_is_read_by_torch_load_with_its_defaults(tmp_path):
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    made = loader(GradMatch(1), {"redraw_every": 0}, dataset=PoolDataset(POOL), model=model,
                  with_weights=True)  # fmt: skip
    for _ in range(3):
        list(made)
    torch.save({"loader": made.state_dict(), "feed": made.feed.state_dict()}, tmp_path / "a.pt")
    state = torch.load(tmp_path / "a.pt")
    again = loader(GradMatch(1), {"redraw_every": 0}, dataset=PoolDataset(POOL), model=model,
                   with_weights=True)  # fmt: skip
    again.load_state_dict(state["loader"])
    assert again.epoch == 3
    assert np.array_equal(again.feed.subset.indices, made.feed.subset.indices)
    assert np.array_equal(again.feed.subset.weights, made.feed.subset.weights)
    assert again.examples == made.examples == 120
