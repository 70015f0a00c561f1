"""The part of a pool that a Dataset holds: a fold, or what a host held in."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch.utils.data import Subset as Part

from ..core.errors import BadInput
from ..core.feed import SubsetFeed


def feed_of(feed: SubsetFeed, dataset: Any, rows: Any = None) -> SubsetFeed:
    """The feed over the pool's rows that a Dataset holds: `feed` itself when it holds them all.

    Raises:
        BadInput: rows that are not the pool's, or not one an item.
        MissingNeed: what `SubsetFeed.over` refuses.
    """
    pool = feed.provider.pool
    if rows is None and isinstance(dataset, Part) and len(dataset) != len(pool):
        rows = dataset.indices if len(dataset.dataset) == len(pool) else None  # type: ignore[arg-type]
    if rows is None:
        return feed
    held = np.asarray(rows)
    good = held.ndim == 1 and held.dtype.kind in "iu" and len(held) == len(np.unique(held)) > 0
    if not good or held.min() < 0 or held.max() >= len(pool) or len(held) != len(dataset):
        raise BadInput(
            f"rows= names {held.size} rows of pool {pool.name!r} (0..{len(pool) - 1}); give one "
            "distinct row an item of the Dataset, in its order"
        )
    return feed.over(pool.take(held.astype(np.int64), f"{pool.name}/{len(held)} rows"))


def validation_of(feed: SubsetFeed, validation: Any) -> Any:
    """The Dataset of the pool's validation examples, checked."""
    held = feed.provider.pool.validation
    if held is None:
        raise BadInput(
            "validation was given, and the pool has no validation pool that it could show"
        )
    if len(validation) != len(held):
        raise BadInput(
            f"validation has {len(validation)} examples, pool {held.name!r} {len(held)}; give the "
            "pool's examples, one by one in its order"
        )
    return validation
