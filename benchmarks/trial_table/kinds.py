"""What a trial trains on: a stream of (rows of the pool, distributions or None), batch by batch.

all              every example once a pass
class-2, -10, -30   so many percent of every class, drawn afresh every pass
fixed-10         10 % of every class, once and for all
growing          one fixed subset of every class, nested: 5 % at the shortest length, twice as
                 many at each longer one, so that there are about five passes over each
subselnet, subselnet-soft   10 % by `subselnet-online`, drawn afresh every pass, with labels or
                 its soft targets; taught by the best trials of a 16th of the length of the same
                 network, which saw at most half of the pool
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from subsel_automl.catalog import provider
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.maths.answers import hard_targets

KINDS = (
    "all", "class-10", "fixed-10", "growing", "class-2", "class-30", "subselnet", "subselnet-soft",
)  # fmt: skip
TAUGHT = ("subselnet", "subselnet-soft")
SMALLEST = 0.05
Batch = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32] | None]


def share(kind: str, length: float) -> float:
    """Of the pool in a pass, for a trial of a share `length` of the longest."""
    if kind == "growing":
        doubled = SMALLEST * length * 32
        return min(1.0, doubled) if length < 1 else 1.0
    return {"all": 1.0, "class-2": 0.02, "class-30": 0.3}.get(kind, 0.1)


def stream(
    kind: str,
    pool: Pool,
    length: float,
    seed: int,
    batch: int,
    taught: SubsetProvider | None,
    architecture: Architecture | None,
) -> Iterator[Batch]:
    """Without end; every configuration of a network is given the same."""
    used = taught if kind in TAUGHT else provider("full" if kind == "all" else "random-per-class")
    assert used is not None
    if kind not in TAUGHT:
        used.fit(pool)
    redrawn = kind not in ("all", "fixed-10", "growing")
    feed = SubsetFeed(
        used, share(kind, length), seed=seed, redraw_every=int(redrawn),
        targets="soft" if kind == "subselnet-soft" else "labels",
    )  # fmt: skip
    return mixed(feed, architecture, seed, batch)


def mixed(
    feed: SubsetFeed, architecture: Architecture | None, seed: int, batch: int
) -> Iterator[Batch]:
    """Pass after pass of a feed, in an order that is drawn; soft targets mixed with labels."""
    soft, pool = feed.targets == "soft", feed.provider.pool
    rng = np.random.default_rng([seed, 17])
    rows = np.zeros(0, np.int64)
    targets = np.zeros((0, pool.classes), np.float32)
    epoch = 0
    while True:
        while len(rows) < batch:
            subset = feed.at(epoch, architecture)
            order = rng.permutation(len(subset.indices))
            rows = np.concatenate([rows, subset.indices[order]])
            if soft:
                kept = np.float32(feed.soft.label_share)
                aimed = hard_targets(pool, subset.indices)
                if subset.targets is not None:
                    aimed = kept * aimed + (1 - kept) * subset.targets
                targets = np.concatenate([targets, aimed[order].astype(np.float32)])
            feed.examples += len(order)
            epoch += 1
        yield rows[:batch], targets[:batch] if soft else None
        rows, targets = rows[batch:], targets[batch:]
