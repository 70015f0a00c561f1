"""Turns a feed of subsets into batches of one size.

Epochs are joined end to end: the shuffled epochs of a subset form one stream that is cut into
batches, so a subset smaller than a batch is simply seen more than once a step, and every step of
every method costs the same. Weights count against each other inside a subset, so they are scaled to
a mean of one; where a subset with weights follows one without (an adaptive provider's first
refresh), the latter's are ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.subset import Subset
from .trainer import Batch, Trainer

Column = npt.NDArray[np.generic] | None
Columns = tuple[Column, ...]  # indices, weights, targets


def feed_batches(
    feed: SubsetFeed,
    architecture: Architecture | None,
    trainer: Trainer,
    steps: int,
    *,
    first_epoch: int = 0,
) -> Iterator[Batch]:
    """`steps` batches of the recipe's size from the subsets that a feed hands out.

    The feed is asked again for every pass over its subset, so it redraws and refreshes by passes.
    """
    batch, made, epoch = trainer.recipe.batch, 0, first_epoch
    held: Columns | None = None
    while made < steps:
        while held is None or _rows(held) < batch:
            subset = feed.at(epoch, architecture, trainer)
            trainer.soft = feed.soft
            trainer.begin_pass()  # `recorded` has told the feed of the pass before
            fresh = _shuffled(subset, feed.targets == "soft", trainer.rng)
            held = fresh if held is None else _joined(held, fresh)
            epoch += 1
        yield Batch(*_part(held, slice(None, batch)))  # type: ignore[arg-type]
        held = _part(held, slice(batch, None))
        made += 1


def _rows(columns: Columns) -> int:
    assert columns[0] is not None
    return len(columns[0])


def _shuffled(subset: Subset, soft: bool, rng: np.random.Generator) -> Columns:
    place = rng.permutation(len(subset))
    targets, weights = subset.targets if soft else None, subset.weights
    if weights is not None:
        weights = weights / max(float(weights.mean()), 1e-12)
    return tuple(
        None if part is None else part[place] for part in (subset.indices, weights, targets)
    )


def _even(columns: Columns, other: Columns) -> Columns:
    """With weights of one where only the other part has weights."""
    if columns[1] is not None or other[1] is None:
        return columns
    return columns[0], np.ones(_rows(columns), np.float32), columns[2]


def _part(columns: Columns, rows: slice) -> Columns:
    return tuple(None if column is None else column[rows] for column in columns)


def _joined(left: Columns, right: Columns) -> Columns:
    left, right = _even(left, right), _even(right, left)
    if (left[2] is None) != (right[2] is None):
        raise BadInput("a provider gave targets in one epoch and none in the next")
    return tuple(
        None if a is None or b is None else np.concatenate([a, b])
        for a, b in zip(left, right, strict=True)
    )
