"""Claim: a search that learns costs at most 1.08 times the CPU seconds of one that does not.

    python -m benchmarks.claims run lesson-cost [--quick]

The same trials (Fashion-MNIST, small CNNs, Optuna-like random configurations, a tenth an epoch)
are made by arms in turns, trial by trial, so that they share what else the machine does:

    plain, fixed     random-per-class, drawn afresh every epoch or once, labels: nothing is learned
    heard            subselnet-online: what the networks said in the loop (soft; labels)
    asked            the same, every trial asked about the whole pool at its end: before the saving
    fixed-asked      subselnet-online on one subset a trial, which asks about some other examples

Ratios are of CPU seconds with everything in them (tracing, selection, lessons), their intervals by
bootstrap over trials. The teachers' quality is the cross-entropy of their mean on examples that
both kinds of teachers spoke of, and the pupils' mean accuracy over the second half of the trials.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl import Pool, SubsetSearch, dataset, provider
from subsel_automl.maths.answers import losses
from subsel_automl.subselnet.online.provider import OnlineSubSelNet
from subsel_automl.subselnet.online.taught import mean_of
from subsel_automl.training.seeded import seeded

BAR, SHARE, BATCH, HELD = 1.08, 0.1, 64, 1_000
RIVALS = {"heard": "plain", "heard-labels": "plain", "asked": "plain", "fixed-asked": "fixed"}
BARRED = ("heard", "heard-labels", "fixed-asked")


class AsksAll(OnlineSubSelNet):
    """What it did before the saving: a pass over the whole pool at the end of every trial."""

    def _asked_rows(self, *about: Any) -> Any:
        rows = super()._asked_rows(*about)
        return None if rows is None else np.arange(len(self.pool))


class Net(nn.Module):
    """Two convolutions, two linear layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, width, 3, padding=1)
        self.second = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.inner, self.last = nn.Linear(2 * width * 49, 64), nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.last(F.relu(self.inner(x.flatten(1))))  # type: ignore[no-any-return]


def measure(quick: bool = False) -> dict[str, Any]:
    """Ratios of CPU seconds, and how good teachers and pupils were."""
    torch.set_num_threads(1)
    n, trials, epochs, turns = (2_000, 3, 2, 1) if quick else (10_000, 12, 6, 3)
    train, held = _data(n)
    pool = Pool.from_dataset(train)
    spent: dict[str, list[float]] = {}
    reached: dict[str, list[list[float]]] = {}
    quality = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for turn in range(turns):
            searches = _searches(pool)
            tried = _configurations(trials, turn)
            made: dict[str, list[float]] = {name: [] for name in searches}
            for k, config in enumerate(tried):
                for name in sorted(searches, reverse=bool((k + turn) % 2)):
                    seconds, accuracy = _trial(searches[name], train, held, config, epochs, k)
                    spent.setdefault(name, []).append(seconds)
                    made[name].append(accuracy)
            for name, values in made.items():
                reached.setdefault(name, []).append(values)
            quality.append(_quality(searches, pool))
    ratios = {name: _ratio(spent[name], spent[rival]) for name, rival in RIVALS.items()}
    half = trials // 2
    pupils = {n: round(float(np.mean([v[half:] for v in x])), 4) for n, x in reached.items()}
    return {
        "trials": trials,
        "turns": turns,
        "ratios": ratios,
        "pupils_accuracy": pupils,
        "gain_of_soft": _paired(reached["heard"], reached["plain"], half),
        "gain_of_asking_all": _paired(reached["asked"], reached["heard"], half),
        "teachers": {
            key: round(float(np.mean([q[key] for q in quality])), 4) for key in quality[0]
        },
        "holds": all(ratios[name]["ratio"] <= BAR for name in BARRED),
    }


def _searches(pool: Pool) -> dict[str, SubsetSearch]:
    online, plain = provider("subselnet-online"), provider("random-per-class")
    soft: dict[str, Any] = {"redraw_every": 1, "targets": "soft"}
    return {
        "plain": SubsetSearch(plain.fit(pool), SHARE, redraw_every=1),
        "fixed": SubsetSearch(provider("random-per-class").fit(pool), SHARE),
        "heard": SubsetSearch(online.fit(pool), SHARE, **soft),
        "heard-labels": SubsetSearch(provider("subselnet-online").fit(pool), SHARE, redraw_every=1),
        "asked": SubsetSearch(AsksAll().fit(pool), SHARE, **soft),
        "fixed-asked": SubsetSearch(provider("subselnet-online").fit(pool), SHARE),
    }


def _configurations(count: int, turn: int) -> list[tuple[float, int]]:
    rng = np.random.default_rng([7, turn])
    return [(10 ** rng.uniform(-2.5, -0.7), int(rng.choice([8, 12, 16]))) for _ in range(count)]


def _trial(
    search: SubsetSearch,
    train: TensorDataset,
    held: TensorDataset,
    config: tuple[float, int],
    epochs: int,
    seed: int,
) -> tuple[float, float]:
    """CPU seconds with the trial's end, and its accuracy."""
    began = time.process_time()
    with seeded(seed):
        net = Net(config[1])
    optimizer = torch.optim.SGD(net.parameters(), config[0], momentum=0.9)
    loader, accuracy = search.loader(train, model=net, batch_size=BATCH), 0.0
    for _ in range(epochs):
        net.train()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            said = net(held.tensors[0]).argmax(1)
        accuracy = float((said == held.tensors[1]).float().mean())
        search.tell(accuracy)
    search.end()
    return time.process_time() - began, accuracy


def _quality(searches: dict[str, SubsetSearch], pool: Pool) -> dict[str, float]:
    """Cross-entropy and error of both kinds of teachers' means, on examples that both know."""
    means = {}
    for name in ("heard", "asked"):
        lessons = searches[name].plan.provider.teachers.lessons()  # type: ignore[attr-defined]
        means[name] = mean_of(sorted(lessons, key=lambda one: -one.accuracy)[:8], pool)
    rows = np.flatnonzero(means["heard"][1] & means["asked"][1])
    found: dict[str, float] = {"known": float(np.mean(means["heard"][1]))}
    labels = pool.labels
    assert labels is not None
    for name, (answers, _) in means.items():
        found[f"{name}_loss"] = float(losses(answers[rows], pool, rows).mean())
        found[f"{name}_error"] = float((answers[rows].argmax(1) != labels[rows]).mean())
    return found


def _ratio(ours: list[float], theirs: list[float]) -> dict[str, Any]:
    pairs, rng = np.array([ours, theirs]), np.random.default_rng(0)
    drawn = pairs[:, rng.integers(pairs.shape[1], size=(2_000, pairs.shape[1]))].sum(2)
    low, high = np.percentile(drawn[0] / drawn[1], [2.5, 97.5])
    return {
        "ratio": round(float(pairs[0].sum() / pairs[1].sum()), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
    }


def _paired(ours: list[list[float]], theirs: list[list[float]], first: int) -> dict[str, Any]:
    """Points of accuracy over the trials from `first` on, configuration by configuration."""
    apart = 100 * (np.array(ours) - np.array(theirs))[:, first:].ravel()
    rng = np.random.default_rng(0)
    means = apart[rng.integers(len(apart), size=(2_000, len(apart)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "points": round(float(apart.mean()), 2),
        "interval": [round(float(low), 2), round(float(high), 2)],
    }


def _data(n: int) -> tuple[TensorDataset, TensorDataset]:
    splits = dataset("fashion-mnist")

    def part(pool: Pool, count: int) -> TensorDataset:
        assert pool.images is not None
        assert pool.labels is not None
        pixels = torch.from_numpy(pool.images.batch(np.arange(count))).permute(0, 3, 1, 2)
        return TensorDataset(pixels.float() / 255 - 0.29, torch.tensor(pool.labels[:count]))

    return part(splits.train, n), part(splits.validation, HELD)
