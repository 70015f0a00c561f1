"""Small worlds whose answers are known, for tests of providers: a pool, cells, a zoo, a probe.

Everything is computed here by plain rules and follows from a seed; nothing is trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .core.architecture import Architecture
from .core.errors import BadInput
from .core.pool import ArrayImages, Pool
from .core.probe import Recorded
from .core.zoo import LearningCurve

Rows = npt.NDArray[np.int64]
SIDE = 4  # images of 4 x 4 pixels


def clump_pool(n: int = 150, classes: int = 4, *, seed: int = 0, name: str = "clumps") -> Pool:
    """n examples of `classes` clumps, with images, labels and a validation pool of 40.

    Labels go round (0, 1, ..., 0, 1, ...), so every class is there once n >= classes.
    """
    rng = np.random.default_rng([seed, n, classes])
    centres = rng.random((classes, SIDE * SIDE))
    held = _clumps(f"{name}/validation", 40, centres, rng, None)
    return _clumps(name, n, centres, rng, held)


def _clumps(
    name: str,
    n: int,
    centres: npt.NDArray[np.float64],
    rng: np.random.Generator,
    validation: Pool | None,
) -> Pool:
    labels = np.arange(n) % len(centres)
    values = np.clip(centres[labels] + rng.normal(0, 0.15, (n, SIDE * SIDE)), 0, 1)
    images = (values * 255).astype(np.uint8).reshape(n, SIDE, SIDE, 1)
    features = images.reshape(n, -1).astype(np.float32) / np.float32(255)
    return Pool(name, features, labels, ArrayImages(images), validation, len(centres))


def some_cells(count: int, *, seed: int = 0, role: str | None = None) -> list[Architecture]:
    """Distinct NAS-Bench-101 cells, of one fold ("training", "validation", "test") if asked."""
    from .data.splits import architecture_role
    from .spaces.nasbench101 import NASBench101

    space, rng = NASBench101(), np.random.default_rng([seed, 0xCE11])
    found: dict[str, Architecture] = {}
    while len(found) < count:
        cell = space.sample(rng)
        if role is None or architecture_role(cell) == role:
            found.setdefault(cell.key, cell)
    return list(found.values())


def strength(architecture: Architecture) -> float:
    """How sure a network of the synthetic zoo is: 0.4 without 3x3 convolutions, 3.9 with five."""
    return 0.4 + 0.7 * sum(op == "conv3x3-bn-relu" for op in architecture.ops)


@dataclass(eq=False)
class MemoryZoo:
    """A zoo in memory, from predictions over one pool.

    Args:
        pool: what the predictions are about.
        networks: architecture -> log-probabilities [n, c].
        accuracies: by key; 0.9 where nothing is said.
    """

    pool: Pool
    networks: Mapping[Architecture, npt.NDArray[np.floating]]
    accuracies: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_key = {a.key: np.asarray(p, np.float16) for a, p in self.networks.items()}
        for key, p in self._by_key.items():
            if len(p) != len(self.pool):
                raise BadInput(f"network {key} predicts {len(p)} of {len(self.pool)} examples")

    @property
    def architectures(self) -> Sequence[Architecture]:
        return list(self.networks)

    @property
    def pool_fingerprint(self) -> str:
        return self.pool.fingerprint

    def predictions(self, key: str) -> npt.NDArray[np.float16]:
        return self._by_key[key]

    def curve(self, key: str) -> LearningCurve:
        return LearningCurve({"train_loss": (1.0, 0.5)}, (1.0, 1.0))

    def seconds(self, key: str) -> float:
        return 2.0

    def accuracy(self, key: str) -> float:
        return self.accuracies.get(key, 0.9)


def difficulty(pool: Pool, seed: int = 0) -> npt.NDArray[np.float64]:
    """Of every example, [n]; belongs to its content, so permuting the pool permutes it."""
    direction = np.random.default_rng([seed, 0xD1F]).normal(size=pool.features.shape[1])
    along = pool.features.astype(np.float64) @ direction
    return (along - along.min()) / max(float(np.ptp(along)), 1e-9)


def synthetic_zoo(pool: Pool, architectures: Sequence[Architecture], seed: int = 0) -> MemoryZoo:
    """Networks that are right where an example is easy, and surer the stronger the cell is.

    Logit of the label: strength(cell) (3 - 4 difficulty); of any other class: 0.
    """
    if pool.labels is None:
        raise BadInput(f"pool {pool.name!r} has no labels; a zoo predicts them")
    hard = difficulty(pool, seed)
    networks = {}
    for architecture in architectures:
        logits = np.zeros((len(pool), pool.classes))
        logits[np.arange(len(pool)), pool.labels] = strength(architecture) * (3 - 4 * hard)
        networks[architecture] = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return MemoryZoo(pool, networks)


@dataclass(frozen=True, eq=False)
class LinearProbe:
    """A linear softmax with given weights [d, classes], shown as a running trial."""

    pool: Pool
    weights: npt.NDArray[np.float64]
    seen: Recorded = field(default_factory=Recorded)

    def logits(self, indices: Rows) -> npt.NDArray[np.float32]:
        return (self.pool.features[indices] @ self.weights).astype(np.float32)

    def losses(self, indices: Rows) -> npt.NDArray[np.float32]:
        return -np.log(self._probabilities(indices)[np.arange(len(indices)), self._y(indices)])

    def last_layer_gradients(self, indices: Rows) -> npt.NDArray[np.float32]:
        error, inner = self.last_layer_factors(indices)
        return (error[:, :, None] * inner[:, None, :]).reshape(len(indices), -1)

    def last_layer_factors(
        self, indices: Rows
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        error = self._probabilities(indices)
        error[np.arange(len(indices)), self._y(indices)] -= 1
        one = np.ones((len(indices), 1), np.float32)
        return error, np.concatenate([self.pool.features[indices], one], 1)

    def about(self, pool: Pool) -> LinearProbe:
        return replace(self, pool=pool)

    def recorded(self) -> Recorded:
        return self.seen

    def _probabilities(self, indices: Rows) -> npt.NDArray[np.float32]:
        logits = self.logits(indices)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return odds / odds.sum(1, keepdims=True)

    def _y(self, indices: Rows) -> Rows:
        assert self.pool.labels is not None
        return self.pool.labels[indices]


def linear_probe(pool: Pool, seed: int = 0) -> LinearProbe:
    """A probe with random weights."""
    rng = np.random.default_rng([seed, 0x9B0])
    return LinearProbe(pool, rng.normal(size=(pool.features.shape[1], pool.classes)))
