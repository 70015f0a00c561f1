"""Truths of one trial's session and its clock."""

from __future__ import annotations

import re
import time
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Subset as Part
from torch.utils.data import TensorDataset

from subsel_automl.core.errors import BadInput, MissingNeed
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.core.provider import Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.hosting.clock import Clock
from subsel_automl.hosting.session import NO_ARCHITECTURE, SubsetSession
from subsel_automl.selectors.random import Random
from subsel_automl.subselnet.online.provider import OnlineSubSelNet
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.worlds import clump_pool, some_cells

POOL = clump_pool(60)


class Pupil(Random):
    """Keeps the lessons it is told."""

    name = "pupil"
    learns = True

    def __init__(self):
        super().__init__()
        self.told = []

    def _learn(self, lesson):
        self.told.append(lesson)


class Slow(SubsetProvider):
    name = "slow"
    source = "this test"

    def _select(self, request: Request) -> Subset:
        time.sleep(0.05)
        return Random().fit(POOL).subset_for(None, request.count)


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 4))


def session(provider, budget, name="", redraw_every=None) -> SubsetSession:
    return SubsetSession(SubsetPlan(provider, budget, redraw_every=redraw_every).feed(), name)


def test_no_second_is_lost_or_doubled():
    before = time.perf_counter()
    clock, began = Clock(), time.perf_counter()
    for stage in ("SELECT", "TRAIN", None):
        time.sleep(0.01)
        clock.lap(stage)
    least = time.perf_counter() - began
    bill, most = clock.take(), time.perf_counter() - before
    wall = sum(bill[f"{stage}_seconds"] for stage in ("select", "refresh", "train", "evaluate"))
    assert least - 1e-6 <= wall <= most + 1e-6


def test_a_bill_is_not_presented_twice():
    clock = Clock()
    time.sleep(0.02)
    clock.take()
    assert clock.take()["evaluate_seconds"] < 0.01


def test_selection_training_and_the_rest_are_told_apart():
    with session(Slow().fit(POOL), 20) as subset:
        for _ in subset.loader(batch_size=10):
            time.sleep(0.03)
        time.sleep(0.02)
        bill = subset.bill()
    assert bill["select_seconds"] == pytest.approx(0.05, abs=0.03)
    assert bill["train_seconds"] == pytest.approx(0.06, abs=0.03)
    assert bill["evaluate_seconds"] >= 0.02
    assert bill["gb_minutes"] > 0


def test_a_bill_taken_inside_an_epoch_is_training():
    with session(Random().fit(POOL), 20) as subset:
        for _ in subset.loader(batch_size=20):
            time.sleep(0.03)
            bill = subset.bill()
    assert bill["train_seconds"] >= 0.03


def test_a_bill_says_what_was_trained_on():
    with session(Random().fit(POOL), 0.5) as subset:
        bill = subset.bill()
    assert (bill["provider"], bill["subset_size"]) == ("random", 30)
    assert bill["architecture_key"] == NO_ARCHITECTURE


def test_a_finished_trial_teaches_a_provider_that_learns():
    provider, cell = Pupil().fit(POOL), some_cells(1)[0]
    with session(provider, 20, "t1") as subset:
        list(subset.loader(model=model(), architecture=cell, batch_size=10))
        subset.tell(0.75)
        subset.teach()
    (lesson,) = provider.told
    assert (lesson.accuracy, lesson.examples, lesson.name) == (0.75, 20, "t1")
    assert lesson.architecture.key == cell.key


def test_a_provider_that_learns_needs_the_network():
    with session(Pupil().fit(POOL), 20) as subset, pytest.raises(MissingNeed):
        subset.loader(architecture=some_cells(1)[0])


def test_a_trial_without_a_batch_teaches_nothing_and_says_so():
    provider = Pupil().fit(POOL)
    with session(provider, 20) as subset:
        subset.loader(model=model(), architecture=some_cells(1)[0])
        subset.teach()
    assert (provider.told, subset.untaught) == ([], "it trained on no batch of its loader")


class Closed(nn.Module):
    """Runs in eval mode until it has trained."""

    def __init__(self, eager):
        super().__init__()
        self.head, self.trained = nn.Linear(16, 4), eager

    def forward(self, x):
        self.trained = self.trained or self.training
        if self.trained and not self.training:
            raise RuntimeError("closed")
        return self.head(x.flatten(1))


@pytest.mark.parametrize(
    ("eager", "said"),
    [(True, "Closed cannot be traced.*closed"), (False, "Closed fails when it is asked.*closed")],
)
def test_a_network_that_fails_when_asked_teaches_by_what_was_heard_and_is_told_of_once(eager, said):
    provider = OnlineSubSelNet().fit(POOL)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for trial in ("a", "b", "c"):
            with session(provider, 20, trial, redraw_every=0) as subset:
                net = Closed(eager)
                for x, _ in subset.loader(model=net, batch_size=10):
                    net(x)
                subset.tell(0.75)
                subset.teach()
    assert len(provider.teachers.lessons()) == 3
    (warning,) = told
    assert re.match(said, str(warning.message))


def test_an_accuracy_in_percent_is_read_as_percent_with_a_warning():
    warned = pytest.warns(UserWarning, match="91 is read as percent")
    with session(Pupil().fit(POOL), 20) as subset, warned:
        subset.tell(91.0)
    assert subset.accuracy == pytest.approx(0.91)


@pytest.mark.parametrize(("value", "mode"), [(-0.1, "max"), (101.0, "max"), (-2.0, "min")])
def test_a_metric_that_is_no_share_teaches_nothing_and_the_trial_goes_on(value, mode):
    provider = Pupil().fit(POOL)
    with session(provider, 20) as subset:
        list(subset.loader(model=model(), architecture=some_cells(1)[0], batch_size=10))
        subset.tell(value, mode)
        subset.teach()
        assert subset.bill()["untaught"].startswith(f"its metric is {value:.6g}")
    assert provider.told == []


def test_a_loss_is_better_the_smaller_and_a_share():
    with session(Pupil().fit(POOL), 20) as subset:
        shares = []
        for loss in (0.0, np.log(4), 5.0):  # log(4): of somebody who knows nothing of 4 classes
            subset.tell(loss, "min")
            shares.append(subset.accuracy)
    assert shares[:2] == [1.0, pytest.approx(0.5)]
    assert 0 < shares[2] < 0.5


def test_a_loader_that_is_made_anew_goes_on_where_the_last_one_stood():
    def batches(anew: bool) -> list[list[int]]:
        feed = SubsetFeed(Random().fit(POOL), 20, redraw_every=1)
        with SubsetSession(feed) as subset:
            loader, found = subset.loader(batch_size=8), []
            for _ in range(3):
                loader = subset.loader(batch_size=8) if anew else loader
                found += [y.tolist() for _, y in loader]
            assert subset.made is loader
            assert loader.epoch == 3
            assert loader.examples == 60
            return found

    assert batches(True) == batches(False)


def test_folds_have_a_subset_each_of_their_own_rows():
    data, rows = PoolDataset(POOL), np.arange(len(POOL))
    with session(Random().fit(POOL), 0.5) as subset:
        for fold in range(3):
            held_in = rows[rows % 3 != fold]
            loader = subset.loader(Part(data, held_in.tolist()))
            chosen = held_in[loader.feed.at(0, None).indices]
            assert len(chosen) == len(held_in) // 2
            assert sum(len(y) for _, y in loader) == len(chosen)


def test_a_fold_whose_rows_are_not_known_says_how_to_tell():
    part = TensorDataset(torch.zeros(40, 2), torch.from_numpy(POOL.labels[:40]))
    with session(Random().fit(POOL), 0.5) as subset:
        with pytest.raises(BadInput, match=r"Subset\(dataset, rows\), or rows="):
            subset.loader(part)
        told = subset.loader(part, rows=np.arange(40))
        assert sum(len(y) for _, y in told) == 20
