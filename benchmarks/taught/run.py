"""Trains the cells: a problem, a network, an arm, a length, a seed; 16 configurations at once."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from benchmarks.run import RESULTS, run_cells
from benchmarks.trial_table.configurations import configurations
from benchmarks.trial_table.kinds import Batch, mixed, stream
from benchmarks.trial_table.problems import PROBLEMS, Problem, problem
from benchmarks.trial_table.run import BATCH, LONGEST, architecture_of, networks, validated
from benchmarks.trial_table.together import Network, Together
from subsel_automl.catalog import provider
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.lesson import Lesson
from subsel_automl.core.provider import SubsetProvider

PATH = RESULTS / "taught.jsonl"
SEEDS, LENGTHS, ARMS = 5, (LONGEST, LONGEST // 2), ("labels", "taught")
FIRST, SECOND, TEACHERS = LONGEST // 32, LONGEST // 4, 8


def cells() -> list[dict[str, Any]]:
    return [
        {"problem": name, "network": network.name, "arm": arm, "steps": steps, "seed": seed}
        for seed in range(SEEDS)
        for steps in LENGTHS
        for name in PROBLEMS
        for arm in ARMS
        for network in networks(name)
    ]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), train, (), workers, seconds_limit=60 * minutes)


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Test and validation accuracies of 16 configurations, and what the teachers came to."""
    torch.set_flush_denormal(True)
    data, seed, steps = problem(cell["problem"]), cell["seed"], cell["steps"]
    network = next(one for one in networks(data.name) if one.name == cell["network"])
    nets = _together(data, network, configurations(network.name), steps, 100 + seed)
    began = time.process_time()
    if cell["arm"] == "labels":
        batches = stream("all", data.pool, 1.0, seed, BATCH, None, architecture_of(data, network))
        told: dict[str, Any] = {}
    else:
        taught, told = _taught(data.name, seed)
        batches = _taught_stream(taught, data, network, seed)
    _fit(nets, data, batches, steps)
    x, y = data.test
    accuracy = (nets.logits(torch.from_numpy(x)).argmax(2).numpy() == y).mean(1)
    return {
        "test_accuracy": np.round(accuracy, 4).tolist(),
        "validation_accuracy": np.round(validated(nets, data)[0, -1], 4).tolist(),
        "cpu_seconds": round(time.process_time() - began, 1),
        **told,
    }


def _together(
    data: Problem, network: Network, configs: list[dict[str, Any]], steps: int, seed: int
) -> Together:
    return Together(network, data.train[0].shape[1:], data.classes, configs, steps, seed)


def _fit(nets: Together, data: Problem, batches: Iterator[Batch], steps: int) -> None:
    x, y = (torch.from_numpy(part) for part in data.train)
    for _ in range(steps):
        rows, soft = next(batches)
        nets.train(x[rows], y[rows] if soft is None else torch.from_numpy(soft))


@functools.lru_cache(maxsize=2)
def _taught(name: str, seed: int) -> tuple[SubsetProvider, dict[str, Any]]:
    """The search's last rung but one as lessons, each about the half that it did not train on."""
    data = problem(name)
    first: list[tuple[float, Network, int]] = []
    for network in networks(name):
        nets = _together(data, network, configurations(network.name), FIRST, 200 + seed)
        architecture = architecture_of(data, network)
        _fit(nets, data, stream("all", data.pool, 1.0, 50 + seed, BATCH, None, architecture), FIRST)
        first += [(float(a), network, c) for c, a in enumerate(validated(nets, data)[0, 1])]
    first.sort(key=lambda one: -one[0])
    halves = np.array_split(np.random.default_rng([seed, 3]).permutation(len(data.pool)), 2)
    learner = provider("subselnet-online").fit(data.pool)
    accuracies = []
    for place, (_, network, number) in enumerate(first[:TEACHERS]):
        mine, others = (np.sort(halves[(place + one) % 2]) for one in (0, 1))
        config = [configurations(network.name)[number]]
        nets = _together(data, network, config, SECOND, 300 + seed)
        _fit(nets, data, _rows_of(mine, seed + place), SECOND)
        accuracies.append(float(validated(nets, data)[0, -1, 0]))
        told = torch.log_softmax(nets.logits(torch.from_numpy(data.train[0][others])), 2)[0]
        learner.learn(
            Lesson(
                architecture_of(data, network), others, told.numpy(), accuracies[-1],
                SECOND * BATCH, name=f"trial-{place}",
            )
        )  # fmt: skip
    return learner, {"teachers": [round(one, 4) for one in accuracies]}


def _rows_of(rows: np.ndarray, seed: int) -> Iterator[Batch]:
    """Passes over these rows alone."""
    rng, left = np.random.default_rng([seed, 5]), np.zeros(0, np.int64)
    while True:
        while len(left) < BATCH:
            left = np.concatenate([left, rng.permutation(rows)])
        yield left[:BATCH], None
        left = left[BATCH:]


def _taught_stream(
    taught: SubsetProvider, data: Problem, network: Network, seed: int
) -> Iterator[Batch]:
    """All data with soft targets: the whole pool is handed out, pass after pass."""
    feed = SubsetFeed(taught, 1.0, seed=seed, redraw_every=1, targets="soft")
    return mixed(feed, architecture_of(data, network), seed, BATCH)
