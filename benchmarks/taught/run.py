"""Trains the cells: a problem, a length, a seed; winners and mid-field with labels and taught."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.architecture_matters.training import passes
from benchmarks.run import RESULTS, run_cells
from benchmarks.trial_table.build import TABLES
from benchmarks.trial_table.configurations import EACH, configurations
from benchmarks.trial_table.kinds import Batch, stream
from benchmarks.trial_table.problems import PROBLEMS, Problem, problem
from benchmarks.trial_table.run import BATCH, LONGEST, architecture_of, networks, validated
from benchmarks.trial_table.together import Network, Together
from subsel_automl.budgeting.table import TrialTable
from subsel_automl.catalog import provider
from subsel_automl.core.lesson import Lesson
from subsel_automl.maths.answers import hard_targets
from subsel_automl.maths.teaching import share_at_end

PATH = RESULTS / "taught.jsonl"
SEEDS, LENGTHS, SOFT = 5, (LONGEST, LONGEST // 2), 0.3
FIRST, SECOND, TEACHERS = LONGEST // 32, LONGEST // 4, 8
WINNERS, MIDDLE = (0, 1, 2), (9, 17, 25)  # by the table's truth, from 0


def cells() -> list[dict[str, Any]]:
    return [
        {"problem": name, "steps": steps, "seed": seed}
        for seed in range(SEEDS)
        for name in PROBLEMS
        for steps in LENGTHS
    ]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), train, (), workers, seconds_limit=60 * minutes)


@functools.lru_cache(maxsize=8)
def pupils(name: str) -> tuple[int, ...]:
    """Places in the table, WINNERS before MIDDLE."""
    order = np.argsort(-TrialTable.load(TABLES / f"{name}.npz").truth, kind="stable")
    return tuple(int(order[rank]) for rank in (*WINNERS, *MIDDLE))


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Test accuracies of `pupils` by arm; what the teachers came to; the guard's shares.

    A pupil's own trials are those of the search: its first, and its second where it had one.
    """
    data, seed, steps = problem(cell["problem"]), cell["seed"], cell["steps"]
    began, places = time.process_time(), pupils(data.name)
    learner, about = taught_by(data.name, seed)
    said = learner.taught()
    shares = [
        round(share_at_end(steps * BATCH, about["own"].get(place, ()), said.error), 3)
        for place in places
    ]
    arms = {
        "labels": tested(data, places, steps, seed, lambda net: on_all(data, net, seed)),
        "soft": tested(data, places, steps, seed, lambda _: _mixed(data, said, SOFT, seed)),
    }
    taught = list(arms["labels"])
    for n, share in enumerate(shares):
        if share < 1:
            streams = functools.partial(_mixed, data, said, share, seed)
            (taught[n],) = tested(data, places[n : n + 1], steps, seed, lambda _, of=streams: of())
    return {
        "test_accuracy": {**arms, "taught": taught},
        "label_shares": shares,
        "teachers": about["teachers"],
        "teacher_error": round(said.error, 4),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def _mixed(data: Problem, said: Any, share: float, seed: int) -> Iterator[Batch]:
    """All data, with a share of the label in the targets; the rows of `on_all`."""
    pool = data.pool
    targets = share * hard_targets(pool, np.arange(len(pool)))
    targets = (targets + (1 - share) * np.exp(said.answers)).astype(np.float32)
    for rows, _ in stream("all", pool, 1.0, seed, BATCH, None, None):
        yield rows, targets[rows]


def tested(
    data: Problem,
    places: Sequence[int],
    steps: int,
    seed: int,
    batches_of: Callable[[Network], Iterator[Batch]],
) -> list[float]:
    """Test accuracies of configurations (places in the table) after so many steps, in their order.

    Args:
        batches_of: the stream of a network's trainings.
    """
    found: dict[int, float] = {}
    for number, network in enumerate(networks(data.name)):
        mine = sorted(place for place in places if place // EACH == number)
        if not mine:
            continue
        configs = [configurations(network.name)[place % EACH] for place in mine]
        nets = _together(data, network, configs, steps, 100 + seed)
        _fit(nets, data, batches_of(network), steps)
        right = nets.logits(torch.from_numpy(data.test[0])).argmax(2).numpy() == data.test[1]
        found |= dict(zip(mine, right.mean(1).tolist(), strict=True))
    return [round(found[place], 4) for place in places]


def on_all(data: Problem, network: Network, seed: int) -> Iterator[Batch]:
    return stream("all", data.pool, 1.0, seed, BATCH, None, architecture_of(data, network))


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
def taught_by(name: str, seed: int) -> tuple[Any, dict[str, Any]]:
    """The search's last rung but one as lessons, each about the half that it did not train on."""
    data = problem(name)
    first: list[tuple[float, Network, int]] = []
    for network in networks(name):
        nets = _together(data, network, configurations(network.name), FIRST, 200 + seed)
        _fit(nets, data, on_all(data, network, 50 + seed), FIRST)
        first += [(float(a), network, c) for c, a in enumerate(validated(nets, data)[0, 1])]
    first.sort(key=lambda one: -one[0])
    halves = np.array_split(np.random.default_rng([seed, 3]).permutation(len(data.pool)), 2)
    learner: Any = provider("subselnet-online").fit(data.pool)
    names = [network.name for network in networks(name)]
    own: dict[int, list[tuple[float, float]]] = {}
    for accuracy, network, number in first:
        place = EACH * names.index(network.name) + number
        own[place] = [(FIRST * BATCH, 1 - accuracy)]
    accuracies = []
    for place, (_, network, number) in enumerate(first[:TEACHERS]):
        half, others = (np.sort(halves[(place + one) % 2]) for one in (0, 1))
        config = [configurations(network.name)[number]]
        nets = _together(data, network, config, SECOND, 300 + seed)
        _fit(nets, data, passes(half, seed + place), SECOND)
        accuracies.append(float(validated(nets, data)[0, -1, 0]))
        mine = EACH * names.index(network.name) + number
        own[mine].append((SECOND * BATCH, 1 - accuracies[-1]))
        told = torch.log_softmax(nets.logits(torch.from_numpy(data.train[0][others])), 2)[0]
        learner.learn(
            Lesson(
                architecture_of(data, network), others, told.numpy(), accuracies[-1],
                SECOND * BATCH, name=f"trial-{place}",
            )
        )  # fmt: skip
    return learner, {"teachers": [round(one, 4) for one in accuracies], "own": own}
