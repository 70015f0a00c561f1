"""A search in the user's own loop: lessons, bills, the summary, the winner."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import Subset as Part

from subsel_automl import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.hosting.search import SubsetSearch
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
DATA = PoolDataset(POOL)


def net(width: int = 8) -> nn.Module:
    torch.manual_seed(width)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, width), nn.ReLU(), nn.Linear(width, 4))


def online(**options) -> SubsetSearch:
    return SubsetSearch(provider("subselnet-online").fit(POOL), 40, redraw_every=1, **options)


def trained(loader, model, epochs: int = 2) -> None:
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def run(search: SubsetSearch, values=(0.5, 0.8, 0.6)) -> None:
    for width, value in enumerate(values, 4):
        model = net(width)
        trained(search.loader(DATA, model=model, config={"width": width}), model)
        search.tell(value, "acc")


def test_every_trial_of_a_learning_search_leaves_a_lesson():
    search = online()
    run(search)
    search.end()
    lessons = search.plan.provider.teachers.lessons()
    assert sorted(one.accuracy for one in lessons) == [0.5, 0.6, 0.8]
    assert {one.examples for one in lessons} == {80}
    assert len({one.architecture.key for one in lessons}) == 3


def test_the_summary_names_the_winner_its_configuration_and_what_was_saved():
    search = online(name="mine")
    run(search)
    found = search.summary()
    assert found.winner.value == 0.8
    assert found.winner.config == {"width": 5}
    assert found.winner.metric == "acc"
    told = found.to_dict() if hasattr(found, "to_dict") else found.as_dict()
    assert told["trials"] == 3 or told["trials"]["complete"] == 3
    assert "lessons" in str(found)


def test_of_a_metric_to_minimize_the_least_wins_and_teaches_most():
    search = online()
    for width, loss in ((4, 0.2), (5, 2.0)):
        model = net(width)
        trained(search.loader(DATA, model=model, config={"width": width}), model)
        search.tell(loss, "loss", "min")
    assert search.summary().winner.config == {"width": 4}
    by_width = {
        len(one.architecture.ops): one.accuracy for one in search.plan.provider.teachers.lessons()
    }
    assert max(by_width.values()) > 0.8
    assert len(search.plan.provider.teachers.lessons()) == 2


def test_bills_of_trials_are_written_once_each(tmp_path):
    search = online(ledger=tmp_path / "ledger.sqlite")
    run(search)
    search.end()
    search.end()
    rows = search.account.ledger.rows()["reports"]
    assert len(rows) == 3
    assert search.trials == 3


def test_a_copy_is_the_search_itself():
    search = online()
    assert copy.deepcopy(search) is search
    assert copy.deepcopy({"net": search})["net"] is search


def test_a_pickled_search_leaves_its_running_trial_behind():
    search = online()
    search.loader(DATA, model=net())
    assert pickle.loads(pickle.dumps(search)).running is None
    assert search.running is not None


def test_a_trial_that_failed_teaches_nothing_and_is_billed_as_failed():
    search = online()
    model = net()
    trained(search.loader(DATA, model=model), model)
    search.end(failed=True)
    assert search.plan.provider.teachers.lessons() == []
    (row,) = search.account.ledger.rows()["reports"]
    assert "failed" in str(row)
    run(search, (0.5,))
    assert search.summary().winner.value == 0.5


def test_a_loop_that_breaks_off_ends_with_the_next_trial():
    search = online()
    assert len(next(iter(search.loader(DATA, model=net())))) == 2  # the loop breaks off here
    run(search, (0.7,))
    assert search.summary().winner.value == 0.7


def test_folds_keep_lessons_of_their_own():
    search = online()
    rows = np.arange(len(POOL))
    for fold in (0, 1):
        for width in (4, 5):
            model = net(width)
            part = Part(DATA, rows[rows % 2 == fold].tolist())
            trained(search.loader(part, model=model), model)
            search.tell(0.5 + width / 100)
    search.end()
    teachers = search.plan.provider.teachers
    assert teachers.lessons() == []
    for fold in (0, 1):
        pool = POOL.take(rows[rows % 2 == fold], "fold")
        assert len(teachers.part(pool).lessons()) == 2


def test_a_trial_may_be_folds_of_one_network_each():
    search = online()
    search.trial({"lr": 1})
    for fold in (0, 1):
        part, model = Part(DATA, list(range(fold, 120, 2))), net()
        trained(search.running.loader(part, model=model), model)
    search.tell(0.5)
    assert search.summary().winner.config == {"lr": 1}


def test_what_cannot_be_told_is_refused():
    search = online()
    with pytest.raises(BadInput, match="no trial runs"):
        search.tell(0.5)
    search.loader(DATA, model=net())
    with pytest.raises(UnknownName, match="'best'"):
        search.tell(0.5, mode="best")


def test_a_search_by_a_feed_has_its_plan():
    feed = SubsetFeed(provider("random").fit(POOL), 0.25, redraw_every=1, seed=7)
    search = SubsetSearch.of(feed, name="other")
    assert search.plan.feed().plan() == feed.plan()
    assert search.name == "other"


def test_what_no_feed_takes_is_refused_when_the_search_is_made():
    with pytest.raises(BadInput):
        SubsetSearch(provider("random").fit(POOL), 0)
