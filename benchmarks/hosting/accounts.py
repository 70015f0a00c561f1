"""Claim: what is injected ends up in its column, and a host's bill is what its process spent.

    python -m benchmarks.claims run accounts [--quick]

A provider sleeps while it selects and computes while it refreshes; a trial computes while it trains
and while it evaluates, for known times. Each host's bill is compared with them, column by column,
and its CPU seconds with those of the process, both within 5 %.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.hosting.clock import STAGES
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

BAR, EPOCHS = 0.05, 3
SLEEP, REFRESH, TRAIN, EVALUATE = 1.0, 0.8, 1.2, 0.6  # seconds: once; each later epoch; an epoch


def spin(seconds: float) -> None:
    """CPU seconds of this thread's process."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


class Injected(Random):
    """Sleeps when it selects, computes when it refreshes."""

    name = "injected"
    refresh_every = 1

    def _select(self, request: Any) -> Any:
        time.sleep(SLEEP)
        return super()._select(request)

    def _refresh(self, request: Any, probe: Any) -> Any:
        spin(REFRESH)
        return request.previous


POOL = clump_pool(150)


def plan() -> SubsetPlan:
    return SubsetPlan(Injected().fit(POOL), 40)


def train(loader: Any, net: nn.Module) -> None:
    """One epoch: its own steps and the injected seconds."""
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for place, (x, y) in enumerate(loader):
        if place == 0:
            spin(TRAIN)
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x.flatten(1)), y).backward()
        optimizer.step()


def network() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 4))


def added(bills: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The bills of one trial, column by column."""
    names = [f"{stage.lower()}_{unit}" for stage in STAGES for unit in ("seconds", "cpu_seconds")]
    found = list(bills)
    return {name: float(sum(bill[name] for bill in found)) for name in names}


def in_session() -> tuple[dict[str, float], float]:
    """A plain loop."""
    began, bills = time.process_time(), []
    with SubsetSession(plan().feed()) as subset:
        net = network()
        loader = subset.loader(model=net)
        for _ in range(EPOCHS):
            train(loader, net)
            spin(EVALUATE)
            bills.append(subset.bill())
    return added(bills), time.process_time() - began


def in_optuna() -> tuple[dict[str, float], float]:
    import optuna
    from subsel_automl.integrations.optuna import SubsetObjective

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    spent = []

    def objective(trial: Any, subset: Any) -> float:
        net = network()
        loader = subset.loader(model=net)
        for _ in range(EPOCHS):
            train(loader, net)
            spin(EVALUATE)
        return 0.5

    class Timed(SubsetObjective):
        def __call__(self, trial: Any) -> Any:
            began = time.process_time()
            try:
                return super().__call__(trial)
            finally:
                spent.append(time.process_time() - began)

    study = optuna.create_study(direction="maximize")
    study.optimize(Timed(objective, plan().provider, 40), n_trials=1)
    facts = {k.removeprefix("subset_"): v for k, v in study.trials[0].user_attrs.items()}
    return added([facts]), spent[0]


def ray_class() -> tuple[dict[str, float], float]:
    from ray import tune
    from subsel_automl.integrations.ray import subset_loader, with_subset

    class Trial(tune.Trainable):
        def setup(self, config: dict[str, Any]) -> None:
            self.net = network()
            self.loader = subset_loader(model=self.net)

        def step(self) -> dict[str, Any]:
            train(self.loader, self.net)
            spin(EVALUATE)
            return {"accuracy": 0.5}

    made = with_subset(Trial, plan().provider, 40)
    began = time.process_time()
    trial, bills = made({}), []
    for _ in range(EPOCHS):
        time.sleep(0.3)  # a host that waits: nobody's seconds
        bills.append(trial.train())
    return added(bills), time.process_time() - began


def ray_function() -> tuple[dict[str, float], float]:
    import ray
    from ray import tune
    from subsel_automl.integrations.ray import (
        current_subset,
        start_ray,
        subset_loader,
        with_subset,
    )

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    start_ray()

    def train_fn(config: dict[str, Any]) -> None:
        _warm()
        current_subset().bill()  # what a new worker imports is billed, and not what is asked here
        began, net = time.process_time(), network()
        loader = subset_loader(model=net)
        for _ in range(EPOCHS):
            train(loader, net)
            spin(EVALUATE)
            tune.report({"accuracy": 0.5, "process": time.process_time() - began})

    with tempfile.TemporaryDirectory() as folder:
        run = tune.RunConfig(storage_path=folder, verbose=0)
        trainable = with_subset(train_fn, plan().provider, 40)
        table = tune.Tuner(trainable, run_config=run).fit()[0].metrics_dataframe
    ray.shutdown()
    return added(table.to_dict("records")), float(table["process"].iloc[-1])


def own_trainable() -> tuple[dict[str, float], float]:
    from ray import tune
    from subsel_automl.integrations.ray import SubsetTrainable, TrialTask

    from subsel_automl import dataset, search_space
    from subsel_automl.training.trainer import Trainer
    from subsel_automl.worlds import some_cells

    class Slow(Trainer):
        def epoch(self, batches: Any) -> float:
            spin(TRAIN)
            return super().epoch(batches)

        def evaluate(self, *given: Any) -> tuple[float, float]:
            spin(EVALUATE)
            return super().evaluate(*given)

    module = sys.modules[SubsetTrainable.__module__]
    task = TrialTask(
        Injected().fit(dataset("digits").train), search_space("nasbench101"), some_cells(1), 40, 3,
        sizes={"channels": 2, "stacks": 1, "cells": 1}, batch=40,
    )  # fmt: skip
    before, module.Trainer = module.Trainer, Slow  # type: ignore[attr-defined]
    try:
        began = time.process_time()
        settings = {
            "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4},
            "scheduler": {"name": "cosine"},
        }
        trial = tune.with_parameters(SubsetTrainable, task=task)(settings)
        bills = [trial.train() for _ in range(EPOCHS)]
        return added(bills), time.process_time() - began
    finally:
        module.Trainer = before  # type: ignore[attr-defined]


HOSTS = {
    "session": in_session,
    "optuna": in_optuna,
    "ray-class": ray_class,
    "ray-function": ray_function,
    "SubsetTrainable": own_trainable,
}


def expected() -> dict[str, float]:
    """CPU seconds a column, and the wall seconds of the sleep."""
    return {
        "select_seconds": SLEEP,
        "refresh_cpu_seconds": REFRESH * (EPOCHS - 1),
        "train_cpu_seconds": TRAIN * EPOCHS,
        "evaluate_cpu_seconds": EVALUATE * EPOCHS,
    }


def measure(quick: bool = False) -> dict[str, Any]:
    """Each host's bill against what was injected and what the process spent."""
    torch.set_num_threads(1)
    _warm()
    rows = []
    for name, host in HOSTS.items():
        if quick and name != "session":
            continue
        bill, process = host()
        total = sum(value for key, value in bill.items() if key.endswith("cpu_seconds"))
        apart = {key: round(bill[key] / value - 1, 4) for key, value in expected().items()}
        rows.append(
            {
                "host": name,
                "select_cpu_seconds": round(bill["select_cpu_seconds"], 4),
                "apart": apart,
                "process_apart": round(total / process - 1, 4),
            }
        )
    holds = all(
        max(abs(v) for v in [*row["apart"].values(), row["process_apart"]]) <= BAR
        and row["select_cpu_seconds"] < 0.05 * SLEEP
        for row in rows
    )
    return {"hosts": rows, "holds": holds}


def _warm() -> None:
    """Imports and first calls cost seconds that are nobody's claim."""
    feed = SubsetFeed(Random().fit(POOL), 40)
    with SubsetSession(feed) as subset:
        net = network()
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        for x, y in subset.loader(model=net):
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
    np.linalg.norm(np.ones((8, 8)))
