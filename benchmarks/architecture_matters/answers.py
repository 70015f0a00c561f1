"""What is known of a network's answers before it is trained: its own, the others' mean, g_beta's.

A network's own answers come from two trainings, one on each half of the pool: each example is
answered about by the one that did not train on it. Halves and weights differ between the teachers'
seeds. The mean is over the nine other networks of the same teachers' seed; g_beta is fitted to the
same nine (`fit_lessons`, at its own settings) and reads the graph of the tenth.

Answers are kept in the work folder, each file named by what it was made from.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.data import work_folder
from benchmarks.trial_table.problems import Problem, problem
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.lesson import Lesson
from subsel_automl.maths.answers import losses, wrong
from subsel_automl.maths.metrics import spearman
from subsel_automl.spaces.tracing import trace
from subsel_automl.subselnet.fitting import zoo_mean
from subsel_automl.subselnet.online.refit import fit_lessons
from subsel_automl.training.seeded import seeded

from .family import FAMILY
from .training import BATCH, answered, examples, passes, trained

PROBLEM = "cifar10-sprites"
STEPS, SEEDS = 600, 2
Answers = npt.NDArray[np.float32]


def data() -> Problem:
    return problem(PROBLEM)


@functools.cache
def own(name: str, teacher: int) -> Answers:
    """Held out, over the pool, [n, c]."""
    return _kept(f"{name}-{teacher}", _described(name), lambda: _cross_fitted(name, teacher))


@functools.cache
def mean(name: str, teacher: int) -> Answers:
    """log of the other networks' mean probability, [n, c]."""
    others = [own(other, teacher) for other in FAMILY if other != name]
    return zoo_mean(torch.from_numpy(np.stack(others))).numpy()


@functools.cache
def g_beta(name: str, teacher: int) -> Answers:
    """Of an approximator that knows the other networks alone, [n, c]."""
    described = " ".join(_described(other) for other in FAMILY) + name
    return _kept(f"{name}-{teacher}-g_beta", described, lambda: _predicted(name, teacher))


SOURCES: dict[str, Callable[[str, int], Answers]] = {"own": own, "mean": mean, "g_beta": g_beta}


@functools.cache
def about(source: str, name: str, teacher: int) -> dict[str, float]:
    """Share of the pool that the answers get right, and Spearman of their losses with those of the
    network's own teacher of another seed."""
    told, pool = SOURCES[source](name, teacher), data().pool
    another = losses(own(name, (teacher + 1) % SEEDS), pool)
    return {
        "answers_right": round(1 - wrong(told, pool), 4),
        "answers_spearman": round(spearman(losses(told, pool), another), 4),
    }


@functools.cache
def architecture(name: str) -> Architecture:
    """The graph that g_beta reads."""
    with seeded(0):
        return trace(FAMILY[name].build(), torch.zeros(2, *data().train[0].shape[1:]))


def _cross_fitted(name: str, teacher: int) -> Answers:
    part = examples(data().train)
    order = np.random.default_rng([teacher, 3]).permutation(len(part.y))
    halves = [np.sort(half) for half in np.array_split(order, 2)]
    found = np.empty((len(part.y), data().classes), np.float32)
    for place, half in enumerate(halves):
        seed = 2 * teacher + place
        model = trained(FAMILY[name], part, passes(half, seed), STEPS, seed)
        found[halves[1 - place]] = answered(model, part.x[halves[1 - place]])
    return found


def _predicted(name: str, teacher: int) -> Answers:
    pool = data().pool
    every = np.arange(len(pool))
    lessons = [
        Lesson(
            architecture(other), every, own(other, teacher),
            1 - wrong(own(other, teacher), pool), STEPS * BATCH, name=other,
        )
        for other in FAMILY
        if other != name
    ]  # fmt: skip
    return fit_lessons(lessons, pool).log_probabilities(pool, [architecture(name)])[0]


def _described(name: str) -> str:
    member = FAMILY[name]
    return f"{architecture(name).key} {member.rate} {STEPS} {data().pool.fingerprint}"


def _kept(name: str, described: str, make: Callable[[], Answers]) -> Answers:
    digest = hashlib.sha256(described.encode()).hexdigest()[:8]
    path = work_folder() / "architecture_matters" / f"{name}-{digest}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, answers=make())
    with np.load(path) as held:
        return np.asarray(held["answers"], np.float32)
