"""The clock: examples of each pass, and CPU seconds of trials that run at once."""

from __future__ import annotations

import os
import threading
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Subset as Part

from subsel_automl.core.plan import SubsetPlan
from subsel_automl.hosting import clock
from subsel_automl.hosting.clock import STAGES, Clock
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.selectors.random import Random
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.worlds import clump_pool

POOL = clump_pool(60)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """No session that another test left open shares the seconds."""
    monkeypatch.setattr(clock, "_shared", clock._SharedSeconds())


def session(budget=20):
    return SubsetSession(SubsetPlan(Random().fit(POOL), budget).feed())


def stepping():
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), 0.1)
    return optimizer.step


def counts(bill):
    return bill["examples"], bill["full_examples"]


def cpu(bill):
    return sum(bill[f"{stage.lower()}_cpu_seconds"] for stage in STAGES)


def test_whole_passes_count_their_examples_and_as_many_passes_over_all_data():
    with session() as subset:
        loader = subset.loader(batch_size=8)
        list(loader)
        list(loader)
        assert counts(subset.bill()) == (40, 120)
        assert counts(subset.bill()) == (0, 0)


def test_a_pass_that_is_broken_off_counts_what_was_handed_out():
    step = stepping()
    with session() as subset:
        for place, _ in enumerate(subset.loader(batch_size=5)):
            step()
            if place == 1:
                break
        assert counts(subset.bill()) == (10, 30)


def test_a_look_that_is_no_epoch_counts_nothing():
    with session() as subset:
        next(iter(subset.loader(batch_size=5)))
        assert counts(subset.bill()) == (0, 0)


def test_bills_inside_a_pass_count_each_example_once():
    step, found = stepping(), []
    with session() as subset:
        for _ in subset.loader(batch_size=5):
            step()
            found.append(subset.bill()["examples"])
        found.append(subset.bill()["examples"])
    assert found == [5, 5, 5, 5, 0]


def test_workers_that_read_ahead_hand_out_nothing():
    step = stepping()
    with session() as subset:
        for _ in subset.loader(batch_size=5, num_workers=1):
            step()
            break
        assert subset.bill()["examples"] == 5


def test_a_fold_stands_for_its_own_examples():
    with session(0.5) as subset:
        list(subset.loader(Part(PoolDataset(POOL), np.arange(40).tolist())))
        bill = subset.bill()
    assert counts(bill) == (20, 40)
    assert (bill["pool_size"], bill["subset_size"]) == (40, 20)


def test_a_bill_says_what_the_trial_trains_on():
    with session(0.5) as subset:
        subset.lessons, subset.untaught = 1, "why"
        bill = subset.bill()
    wanted = {"pool_size": 60, "budget": 0.5, "targets": "labels", "redraw_every": 1}
    assert (wanted | {"lessons": 1, "untaught": "why", "learns": False}).items() <= bill.items()


def test_trials_that_run_at_once_share_the_seconds_of_their_process():
    """Threads compute for different times; whatever their share, all of it is the process's."""
    bills, lock = [], threading.Lock()

    def trial(seconds):
        with session() as subset:
            until = time.thread_time() + seconds
            while time.thread_time() < until:
                np.linalg.norm(np.ones((100, 100)))
            with lock:
                bills.append(subset.bill())

    threads = [threading.Thread(target=trial, args=(0.1 + 0.1 * n,)) for n in range(4)]
    began = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(cpu, bills)) == pytest.approx(time.process_time() - began, rel=0.05)


def spin(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_a_clock_that_is_alone_is_told_all_of_it():
    one = Clock()
    spin(0.05)
    one.join()
    spin(0.05)
    one.leave()
    spin(0.05)
    assert cpu(one.take()) == pytest.approx(0.15, abs=0.02)


def test_two_clocks_are_told_one_half_each_while_both_run():
    one, two = Clock(), Clock()
    one.join()
    two.join()
    spin(0.1)
    two.leave()
    spin(0.1)
    one.leave()
    assert cpu(one.take()) == pytest.approx(0.15, abs=0.02)
    assert cpu(two.take()) == pytest.approx(0.15, abs=0.02)


def test_a_clock_that_is_dropped_takes_no_share():
    one, two = Clock(), Clock()
    one.join()
    two.join()
    del two
    spin(0.1)
    one.leave()
    assert cpu(one.take()) == pytest.approx(0.1, abs=0.02)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_counts_its_own_seconds():
    import multiprocessing

    def trial(told):
        with session() as subset:
            spin(0.1)
            told.put(cpu(subset.bill()))

    spin(0.2)
    outer = Clock()
    outer.join()
    fork = multiprocessing.get_context("fork")
    told = fork.Queue()
    child = fork.Process(target=trial, args=(told,))
    child.start()
    found = told.get(timeout=60)
    child.join(60)
    outer.leave()
    assert found == pytest.approx(0.1, abs=0.05)
