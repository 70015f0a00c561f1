"""Teachers of other kinds: ten networks of `benchmarks/architecture_matters` as pupils of the best
three others, on CIFAR-10 sprites.

One cell is a network and a seed: it trains for a 32nd and a quarter of the length (the search's
trials, which say how good it is), and for half and all of it with labels, with the soft targets of
its teachers at a share of the label of 0.3, and as the guard says (`share_at_end`; where it says
labels, that is the training with labels). Teachers are chosen by their held-out error, and answer
about rows that they did not train on.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from benchmarks.architecture_matters import answers
from benchmarks.architecture_matters.family import FAMILY
from benchmarks.architecture_matters.training import BATCH, answered, examples, passes, trained
from benchmarks.run import RESULTS, run_cells
from benchmarks.trial_table.kinds import Batch
from subsel_automl.maths.answers import hard_targets, wrong
from subsel_automl.maths.teaching import share_at_end
from subsel_automl.subselnet.fitting import zoo_mean

PATH = RESULTS / "taught_family.jsonl"
SEEDS, TEACHERS, SHARE = 5, 3, 0.3
SHORT, LENGTHS = (38, 300), (1200, 600)


def cells() -> list[dict[str, Any]]:
    return [{"network": name, "seed": seed} for seed in range(SEEDS) for name in FAMILY]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), train, (), workers, seconds_limit=60 * minutes)


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Test accuracies by length and arm, the teachers' error and the guard's shares."""
    began, data = time.process_time(), answers.data()
    name, seed = cell["network"], cell["seed"]
    teachers, said = taught_by(name, seed % answers.SEEDS)
    error = float(wrong(np.log(np.maximum(said, 1e-9)), data.pool))
    own = [(steps * BATCH, 1 - _accuracy(name, seed, steps, None, "validation")) for steps in SHORT]
    found: dict[str, Any] = {}
    for steps in LENGTHS:
        guarded = round(share_at_end(steps * BATCH, own, error), 3)
        labels = _accuracy(name, seed, steps, None)
        soft = _accuracy(name, seed, steps, _mixed(said, SHARE))
        taught = {1.0: labels, SHARE: soft}.get(guarded)
        if taught is None:
            taught = _accuracy(name, seed, steps, _mixed(said, guarded))
        found[str(steps)] = {
            "labels": labels, "soft": soft, "taught": taught, "label_share": guarded,
        }  # fmt: skip
    return {
        "test_accuracy": found,
        "teachers": teachers,
        "teacher_error": round(error, 4),
        "own_errors": [round(one, 4) for _, one in own],
        "cpu_seconds": round(time.process_time() - began, 1),
    }


@functools.cache
def taught_by(name: str, teacher: int) -> tuple[list[str], Any]:
    """The best others' names, and their mean probabilities, [n, c]."""
    pool = answers.data().pool
    others = [other for other in FAMILY if other != name]
    others.sort(key=lambda other: wrong(answers.own(other, teacher), pool))
    best = others[:TEACHERS]
    told = zoo_mean(torch.from_numpy(np.stack([answers.own(one, teacher) for one in best])))
    return best, np.exp(told.numpy())


def _mixed(said: Any, share: float) -> Any:
    pool = answers.data().pool
    targets = share * hard_targets(pool, np.arange(len(pool))) + (1 - share) * said
    return targets.astype(np.float32)


def _accuracy(name: str, seed: int, steps: int, targets: Any, part: str = "test") -> float:
    data = answers.data()
    batches: Iterator[Batch] = passes(np.arange(len(data.pool)), seed)
    if targets is not None:
        batches = ((rows, targets[rows]) for rows, _ in batches)
    model = trained(FAMILY[name], examples(data.train), batches, steps, 2000 + seed)
    x, y = data.test if part == "test" else data.validation
    return round(float((answered(model, torch.from_numpy(x)).argmax(1) == y).mean()), 4)
