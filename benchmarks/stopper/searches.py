"""Real searches of Optuna and Ray: 24 networks that train on subsets of Fashion-MNIST for up to 16
epochs each, with a learning rate that falls to zero.

Configurations are drawn from the seed and the same in every search of it, and a training depends on
its configuration and the seed alone: searches of one seed differ by whom they stop. The one
without a stopper tells each configuration's final accuracy, which winners are compared by.
"""

from __future__ import annotations

import functools
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import optuna
import torch
import torch.nn.functional as F
from subsel_automl.integrations.optuna import CurvePruner, SubsetObjective
from torch import nn

from benchmarks.data import splits_kept
from subsel_automl.catalog import provider
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import SubsetProvider

SEEDS, TRIALS, EPOCHS, BUDGET, JUDGED, BATCH = 8, 24, 16, 2_000, 2_000, 64
PRUNERS: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
    "none": optuna.pruners.NopPruner,
    "median": optuna.pruners.MedianPruner,
    "asha": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "curves": lambda: CurvePruner(epochs=EPOCHS),
    "curves over asha": lambda: CurvePruner(epochs=EPOCHS, over=PRUNERS["asha"]()),
}
SCHEDULERS = ("median", "asha", "curves", "curves over asha")
Config = dict[str, Any]
Report = Callable[[int, float], None]


def cells() -> list[dict[str, Any]]:
    return [
        {"study": host, "stopper": name, "seed": seed}
        for seed in range(SEEDS)
        for host, names in (("optuna", PRUNERS), ("ray", SCHEDULERS))
        for name in names
    ]


def drawn(seed: int) -> list[Config]:
    """The configurations of a seed."""
    rng = np.random.default_rng([seed, 0x57])
    return [
        {
            "lr": float(10 ** rng.uniform(-3.5, 0.5)),
            "momentum": float(rng.choice([0.0, 0.9])),
            "weight_decay": float(10 ** rng.uniform(-6, -2)),
            "width": int(rng.choice([8, 16])),
            "place": place,
        }
        for place in range(TRIALS)
    ]


@functools.cache
def fitted() -> SubsetProvider:
    """Random per class, redrawn every epoch: the usual choice."""
    return provider("random-per-class").fit(splits_kept("fashion-mnist").train)


@functools.cache
def held() -> tuple[torch.Tensor, torch.Tensor]:
    """Examples that judge: of the validation split, which no trial trains on."""
    pool = splits_kept("fashion-mnist").validation
    return tensors(pool, min(JUDGED, len(pool)))


def tensors(pool: Pool, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first examples of a pool, [n, 1, 28, 28] around 0."""
    rows = np.arange(count)
    images = torch.from_numpy(pool.images.batch(rows)).permute(0, 3, 1, 2).float()
    return (images / 255 - 0.3) / 0.35, torch.as_tensor(pool.labels[rows])


def network(config: Config, seed: int) -> nn.Module:
    torch.manual_seed(1_000 * seed + config["place"])
    width = config["width"]
    return nn.Sequential(
        nn.Conv2d(1, width, 3, 2, 1), nn.ReLU(), nn.Conv2d(width, 2 * width, 3, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(2 * width * 49, 10),
    )  # fmt: skip


def trained(config: Config, seed: int, loader: Any) -> Iterator[float]:
    """Accuracy after each epoch."""
    model = network(config, seed)
    names = ("lr", "momentum", "weight_decay")
    optimizer = torch.optim.SGD(model.parameters(), **{name: config[name] for name in names})
    steps = EPOCHS * math.ceil(BUDGET / BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    x, y = held()
    for _ in range(EPOCHS):
        for images, labels in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            yield float((model(x).argmax(1) == y).double().mean())


@functools.cache
def items() -> torch.utils.data.Dataset[Any]:
    """The user's data set: what a loader serves."""
    pool = splits_kept("fashion-mnist").train
    return torch.utils.data.TensorDataset(*tensors(pool, len(pool)))


def summed(found: Mapping[int, list[float]], began: float) -> dict[str, Any]:
    """The row of a search: curves of its trials, epochs in all, the winner, CPU seconds since."""
    whole = {place: curve for place, curve in found.items() if len(curve) == EPOCHS}
    return {
        "curves": [[round(value, 5) for value in found[place]] for place in range(TRIALS)],
        "epochs": sum(map(len, found.values())),
        "winner": max(whole, key=lambda place: whole[place][-1]),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def by_optuna(stopper: str, seed: int) -> dict[int, list[float]]:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    configs, data, found = drawn(seed), items(), {}

    def objective(trial: optuna.Trial, subset: Any) -> float:
        place = trial.suggest_int("place", 0, TRIALS - 1)
        config, curve = configs[place], found.setdefault(place, [])
        loader = subset.loader(data, model=network(config, seed), batch_size=BATCH)
        for epoch, accuracy in enumerate(trained(config, seed, loader), 1):
            curve.append(accuracy)
            trial.report(accuracy, epoch)
            if epoch < EPOCHS and trial.should_prune():
                raise optuna.TrialPruned()
        return curve[-1]

    study = optuna.create_study(
        direction="maximize",
        pruner=PRUNERS[stopper](),
        sampler=optuna.samplers.RandomSampler(seed),
    )
    for place in range(TRIALS):
        study.enqueue_trial({"place": place})
    study.optimize(
        SubsetObjective(objective, fitted(), BUDGET, redraw_every=1, seed=seed), n_trials=TRIALS
    )
    return found
