"""Claim: what a search on subsets says that all data would have cost is what all data cost.

    python -m benchmarks.claims run summary [--quick]

In three hosts the same configurations are searched twice: on a fifth of Fashion-MNIST's first 6,000
images, redrawn every epoch, and really on all of them (a plain `DataLoader`, or the provider
`full`). The first one's estimate is compared with the CPU seconds that the second one's processes
spent, within 20 %.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from subsel_automl.catalog import dataset, provider
from subsel_automl.core.pool import Pool
from subsel_automl.core.summary import SearchSummary

BAR, SHARE, BATCH = 0.2, 0.2, 64


@dataclass(frozen=True)
class Size:
    """Images to train on and to validate on, trials, their epochs."""

    images: int = 6000
    held: int = 1000
    trials: int = 4
    epochs: int = 5


QUICK = Size(1500, 300, 2, 2)


def pool_of(size: Size) -> Pool:
    splits = dataset("fashion-mnist")
    pool = splits.train.take(np.arange(size.images), f"fashion-mnist/{size.images}")
    held = splits.validation.take(np.arange(size.held), "validation")
    return Pool(pool.name, pool.features, pool.labels, pool.images, held)


def tensors(pool: Pool) -> TensorDataset:
    """Images as a user keeps them: float, one channel."""
    assert pool.images is not None
    images = torch.from_numpy(pool.images.batch(np.arange(len(pool)))).float() / 255
    return TensorDataset(images.reshape(len(pool), 1, 28, 28), torch.from_numpy(pool.labels))


def network(width: int) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(98 * width, 10),
    )  # fmt: skip


def train(
    loader: Iterable[Any], model: nn.Module, held: TensorDataset, lr: float, epochs: int
) -> Iterable[float]:
    """The user's own loop: the held-out accuracy after each epoch."""
    optimizer = torch.optim.SGD(model.parameters(), lr, momentum=0.9)
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            parts = [(model(x).argmax(1) == y).float() for x, y in DataLoader(held, 256)]
        yield float(torch.cat(parts).mean())


def plain_loader(data: TensorDataset) -> DataLoader[Any]:
    return DataLoader(data, BATCH, shuffle=True)


def in_optuna(size: Size) -> tuple[SearchSummary, float]:
    import optuna
    from subsel_automl.integrations.optuna import SubsetObjective

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pool = pool_of(size)
    assert pool.validation is not None
    data, held = tensors(pool), tensors(pool.validation)

    def value(trial: Any, loader: Callable[[nn.Module], Iterable[Any]]) -> float:
        lr, width = trial.suggest_float("lr", 0.01, 0.1), trial.suggest_int("width", 8, 16)
        model = network(width)
        return list(train(loader(model), model, held, lr, size.epochs))[-1]

    def on_subset(trial: Any, subset: Any) -> float:
        return value(trial, lambda model: subset.loader(data, model=model, batch_size=BATCH))

    def study() -> Any:
        sampler = optuna.samplers.RandomSampler(seed=0)
        return optuna.create_study(direction="maximize", sampler=sampler)

    chooser = provider("random").fit(pool)
    objective = SubsetObjective(on_subset, chooser, SHARE, redraw_every=1)
    searched, full = study(), study()
    searched.optimize(objective, n_trials=size.trials)
    began = time.process_time()
    full.optimize(lambda trial: value(trial, lambda _: plain_loader(data)), n_trials=size.trials)
    return objective.summary(searched), time.process_time() - began


def in_ray(size: Size) -> tuple[SearchSummary, float]:
    """Ray Tune's function API, by three changed lines."""
    import ray
    from ray import tune
    from subsel_automl.integrations.ray import (
        LedgerCallback,
        start_ray,
        subset_loader,
        with_subset,
    )

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    pool = pool_of(size)
    assert pool.validation is not None
    start_ray()
    data, held = ray.put(tensors(pool)), ray.put(tensors(pool.validation))

    def trial(config: dict[str, Any], loader: Callable[..., Iterable[Any]]) -> None:
        torch.set_num_threads(1)
        began, model = time.process_time(), network(config["width"])
        made = loader(ray.get(data), model)
        for accuracy in train(made, model, ray.get(held), config["lr"], size.epochs):
            tune.report({"accuracy": accuracy, "process": time.process_time() - began})

    def on_subset(config: dict[str, Any]) -> None:
        trial(config, lambda d, model: subset_loader(d, model=model, batch_size=BATCH))

    def on_all(config: dict[str, Any]) -> None:
        trial(config, lambda d, _: plain_loader(d))

    callback = LedgerCallback(name="subset", show=False)
    chooser = provider("random").fit(pool)
    _fit(with_subset(on_subset, chooser, SHARE, redraw_every=1), size, [callback])
    full = _fit(on_all, size, [])
    ray.shutdown()
    assert callback.summary is not None
    return callback.summary, sum(result.metrics["process"] for result in full)


def own_trainable(size: Size) -> tuple[SearchSummary, float]:
    """`SubsetTrainable` under Ray Tune; on all data with the provider `full`."""
    import ray
    from ray import tune
    from subsel_automl.integrations.ray import (
        LedgerCallback,
        SubsetTrainable,
        TrialTask,
        start_ray,
    )

    from subsel_automl import search_space
    from subsel_automl.worlds import some_cells

    start_ray()
    pool, space = pool_of(size), search_space("nasbench101")
    sizes = {"channels": 8, "stacks": 2, "cells": 1, "stem_stride": 2}
    found: dict[str, SearchSummary] = {}
    for name, share, every in (("random", SHARE, 1), ("full", 1.0, 0)):
        chooser = provider(name).fit(pool)
        task = TrialTask(
            chooser, space, some_cells(1), share, size.epochs, redraw_every=every, sizes=sizes,
            batch=BATCH,
        )  # fmt: skip
        callback = LedgerCallback(name=name, show=False)
        sgd = {"name": "sgd", "momentum": 0.9, "weight_decay": 1e-4}
        settings = {
            "optimizer": {**sgd, "lr": tune.grid_search(list(_rates(size)))},
            "scheduler": {"name": "cosine"},
        }
        _tuned(tune.with_parameters(SubsetTrainable, task=task), settings, [callback])
        assert callback.summary is not None
        found[name] = callback.summary
    ray.shutdown()
    return found["random"], found["full"].spent["total"].cpu


def _rates(size: Size) -> Iterable[float]:
    return np.round(np.linspace(0.01, 0.1, size.trials), 4).tolist()


def _fit(trainable: Any, size: Size, callbacks: list[Any]) -> Any:
    from ray import tune

    space = {"lr": tune.grid_search(list(_rates(size))), "width": 12}
    return _tuned(trainable, space, callbacks)


def _tuned(trainable: Any, space: dict[str, Any], callbacks: list[Any]) -> Any:
    """One trial after the other."""
    from ray import tune

    with tempfile.TemporaryDirectory() as folder:
        return tune.Tuner(
            trainable,
            param_space=space,
            tune_config=tune.TuneConfig(max_concurrent_trials=1),
            run_config=tune.RunConfig(storage_path=folder, verbose=0, callbacks=callbacks),
        ).fit()


def _warm() -> None:
    """What the first optimizer of a process imports is on nobody's bill."""
    rows = TensorDataset(torch.zeros(4, 1, 28, 28), torch.zeros(4, dtype=torch.int64))
    list(train(DataLoader(rows, 4), network(8), rows, 0.1, 1))


HOSTS = {"optuna": in_optuna, "ray-function": in_ray, "SubsetTrainable": own_trainable}


def measure(quick: bool = False) -> dict[str, Any]:
    """The estimate of each host's search on subsets, and what all data took."""
    torch.set_num_threads(1)
    size, rows = QUICK if quick else Size(), []
    _warm()
    for name, host in HOSTS.items():
        summary, really = host(size)
        assert summary.full is not None
        rows.append(
            {
                "host": name,
                "trials": summary.trials,
                "spent_cpu_seconds": round(summary.spent["total"].cpu, 2),
                "estimate_cpu_seconds": round(summary.full.cpu, 2),
                "really_cpu_seconds": round(really, 2),
                "apart": round(summary.full.cpu / really - 1, 4),
            }
        )
    return {"hosts": rows, "holds": all(abs(row["apart"]) <= BAR for row in rows)}
