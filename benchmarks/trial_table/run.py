"""Trains the cells of the table: a cell is a problem, a network, a kind of data, a length, a seed,
and has the 16 configurations of that network; one row a cell in work-dir/trial_table/PROBLEM.jsonl.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from subsel_automl.catalog import provider
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.lesson import Lesson
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.spaces.tracing import trace

from .configurations import configurations
from .kinds import KINDS, TAUGHT, stream
from .problems import PROBLEMS, Problem, problem
from .together import PICTURES, ROWS, Network, Together

LONGEST, BATCH, SEEDS, TRUTHS, LESSONS = 1024, 64, 2, 3, 8
LENGTHS = (32, 64, 128, 256, 512, 1024)
POINTS = (32, 64, 128, 192, 256, 384, 512, 640, 768, 896, 1024)
SIZES = (250, 1000, 2000)  # validation examples, nested
TEMPERATURES = 2.0 ** np.arange(-2, 4.01, 0.5)
TEACHING_LENGTH, TEACHING_SEED = 64, 9


def networks(name: str) -> tuple[Network, ...]:
    return ROWS if name == "letter" else PICTURES


def cells(only: str = "") -> list[dict[str, Any]]:
    """In order of importance: all data and its truth, then the other kinds, a seed each."""
    names = [only] if only else list(PROBLEMS)
    blocks = [("all", seed) for seed in range(TRUTHS)]
    blocks += [(kind, seed) for seed in range(SEEDS) for kind in KINDS if kind != "all"]
    return [
        {"problem": name, "network": network.name, "kind": kind, "steps": steps, "seed": seed}
        for kind, seed in blocks
        for name in names
        for steps in (LENGTHS if seed < SEEDS else LENGTHS[-1:])
        for network in networks(name)
    ]


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """One row: of 16 configurations, what each of POINTS that it reached measured."""
    data = problem(cell["problem"])
    network = next(one for one in networks(data.name) if one.name == cell["network"])
    kind, steps, seed = cell["kind"], cell["steps"], cell["seed"]
    taught, prepared = None, 0.0
    if kind in TAUGHT:
        taught, prepared = _taught(data.name, network)
    return {
        "preparation_cpu_seconds": prepared,
        **_trained(data, network, kind, steps, seed, taught),
    }


def _trained(
    data: Problem,
    network: Network,
    kind: str,
    steps: int,
    seed: int,
    taught: SubsetProvider | None,
) -> dict[str, Any]:
    nets = _together(data, network, steps, seed)
    x, y = (torch.from_numpy(part) for part in data.train)
    batches = stream(
        kind, data.pool, steps / LONGEST, seed, BATCH, taught, architecture_of(data, network)
    )
    spent = {"training": 0.0, "selection": 0.0, "validation": 0.0}
    points = []
    for step in range(1, steps + 1):
        began = time.process_time()
        rows, soft = next(batches)
        drawn = time.process_time()
        nets.train(x[rows], y[rows] if soft is None else torch.from_numpy(soft))
        trained = time.process_time()
        if step in POINTS:
            points.append(validated(nets, data))
        spent["selection"] += drawn - began
        spent["training"] += trained - drawn
        spent["validation"] += time.process_time() - trained
    test = (nets.logits(torch.from_numpy(data.test[0])).argmax(2).numpy() == data.test[1]).mean(1)
    measured = np.stack(points)  # [points, measures, sizes, configurations]
    count = len(nets.configs)
    return {
        "points": np.round(measured, 4).tolist(),
        "test_accuracy": np.round(test, 4).tolist(),
        **{f"{part}_cpu_seconds": seconds / count for part, seconds in spent.items()},
    }


def _together(data: Problem, network: Network, steps: int, seed: int) -> Together:
    shape = data.train[0].shape[1:]
    return Together(network, shape, data.classes, configurations(network.name), steps, seed)


def validated(nets: Together, data: Problem) -> np.ndarray:
    """Accuracy, cross-entropy and that at its best temperature, on SIZES examples, [3, 3, c]."""
    x, y = (torch.from_numpy(part) for part in data.validation)
    logits = nets.logits(x)
    right = (logits.argmax(2) == y).float()
    entropies = torch.stack([_entropies(logits, y, float(one)) for one in TEMPERATURES])
    plain = int(np.flatnonzero(TEMPERATURES == 1)[0])
    found = []
    for size in SIZES:
        means = entropies[:, :, :size].mean(2)
        found.append(torch.stack([right[:, :size].mean(1), means[plain], means.min(0).values]))
    return torch.stack(found, 1).numpy()


def _entropies(logits: Tensor, y: Tensor, temperature: float) -> Tensor:
    """Of each example, [configurations, n]."""
    told = torch.log_softmax(logits / temperature, 2)
    return -told.gather(2, y.expand(len(logits), -1)[:, :, None])[:, :, 0]


@functools.lru_cache(maxsize=8)
def _taught(name: str, network: Network) -> tuple[SubsetProvider, float]:
    """`subselnet-online` with the lessons of LESSONS trials, and their CPU seconds."""
    began = time.process_time()
    data = problem(name)
    nets = _together(data, network, TEACHING_LENGTH, TEACHING_SEED)
    x, y = (torch.from_numpy(part) for part in data.train)
    batches = stream(
        "all", data.pool, 1.0, TEACHING_SEED, BATCH, None, architecture_of(data, network)
    )
    for _ in range(TEACHING_LENGTH):
        rows, _ = next(batches)
        nets.train(x[rows], y[rows])
    accuracies = validated(nets, data)[0, -1]
    told = torch.log_softmax(nets.logits(x), 2).numpy()
    pupil = provider("subselnet-online").fit(data.pool)
    for place in np.argsort(-accuracies)[:LESSONS]:
        pupil.learn(
            Lesson(
                architecture_of(data, network), np.arange(len(x)), told[place],
                float(accuracies[place]), TEACHING_LENGTH * BATCH, name=f"trial-{place}",
            )
        )  # fmt: skip
    return pupil, time.process_time() - began


@functools.lru_cache(maxsize=8)
def architecture_of(data: Problem, network: Network) -> Architecture:
    """The network as a module, traced."""
    shape = data.train[0].shape[1:]
    layers: list[nn.Module] = []
    for width in network.widths:
        if network.kernel:
            layers.append(
                nn.LazyConv2d(width, network.kernel, 2, network.kernel // 2, bias=not network.norm)
            )
            layers += [nn.BatchNorm2d(width)] * network.norm
        else:
            layers.append(nn.LazyLinear(width, bias=not network.norm))
            layers += [nn.BatchNorm1d(width)] * network.norm
        layers.append(nn.ReLU())
    model = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(data.classes))
    model(torch.zeros(2, *shape))
    return trace(model, torch.zeros(2, *shape))
