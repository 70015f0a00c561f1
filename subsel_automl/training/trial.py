"""One trial from start to end: a network trained on what a feed hands out, then tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.pool import Pool
from ..spaces.base import SearchSpace
from .meter import Meter
from .recipes import Recipe
from .seeded import seeded
from .stream import feed_batches
from .trainer import Trainer


@dataclass(frozen=True)
class TrialCost:
    """What a training cost, selection and refreshes included."""

    seconds: float
    cpu_seconds: float
    select_seconds: float
    gb_minutes: float


@dataclass(frozen=True)
class TrialResult:
    """What a finished trial measured."""

    accuracy: float
    loss: float
    steps: int
    seconds: float
    cpu_seconds: float
    select_seconds: float
    gb_minutes: float


def network(
    space: SearchSpace, architecture: Architecture, pool: Pool, sizes: Mapping[str, int], seed: int
) -> torch.nn.Module:
    """Fresh weights by seed, for the images of a pool, or its vectors where the space allows it.

    Raises:
        BadInput: no images, in a space of image networks.
    """
    if pool.images is None and not space.reads_vectors:
        raise BadInput(
            f"pool {pool.name!r} has no images; networks of space {space.name!r} read images. "
            "Give Pool(images=...), or a space of networks that read vectors"
        )
    width = pool.features.shape[1] if pool.images is None else pool.images.shape[2]
    with seeded(seed):
        return space.module(architecture, classes=pool.classes, in_channels=width, **sizes)


def run_trial(
    space: SearchSpace,
    architecture: Architecture,
    feed: SubsetFeed,
    recipe: Recipe,
    *,
    steps: int,
    test: Pool,
    sizes: Mapping[str, int],
    seed: int,
    test_examples: int | None = None,
    device: str = "cpu",
) -> TrialResult:
    """Train for `steps` steps, then test; selection is inside the measured time."""
    model = network(space, architecture, feed.provider.pool, sizes, seed)
    trainer, cost = train_trial(
        model, architecture, feed, recipe, steps=steps, seed=seed, device=device
    )
    accuracy, loss = trainer.evaluate(test, test_examples)
    return TrialResult(accuracy, loss, steps, **asdict(cost))


def train_trial(
    model: torch.nn.Module,
    architecture: Architecture | None,
    feed: SubsetFeed,
    recipe: Recipe,
    *,
    steps: int,
    seed: int,
    device: str = "cpu",
) -> tuple[Trainer, TrialCost]:
    """Train a network for `steps` steps on what a feed hands out."""
    with Meter() as meter:
        trainer = Trainer(model, feed.provider.pool, recipe, steps=steps, seed=seed, device=device)
        trainer.epoch(feed_batches(feed, architecture, trainer, steps))
    chosen = feed.select_seconds + feed.refresh_seconds
    return trainer, TrialCost(meter.seconds, meter.cpu_seconds, chosen, meter.gb_minutes)
