"""What a SubsetLoader reads next: the batches of an epoch, drawn in the main process.

Every pass over it is one epoch of the feed: the subset is asked for, ordered by seed and epoch, cut
into batches, and, where torch.distributed runs, shared among the ranks. An entry of a batch is a
row of the Dataset, or `Entry`: the row with its soft target and weight, so that whoever reads it (a
worker that was forked an epoch ago, a loader that Accelerate made of ours) has all it needs.

A pass that is broken off before any optimizer made a step was a look, and is no epoch.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils.data import DistributedSampler, Sampler

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.subset import Subset
from ..maths.answers import hard_targets
from .ranks import ranks

Rows = npt.NDArray[np.int64]
ORDERS = ("shuffled", "pool")


class Entry(NamedTuple):
    """One example of a batch: its row, soft target [c] and weight where there are any."""

    row: int
    target: npt.NDArray[np.float32] | None
    weight: float | None


class _Steps(threading.local):
    """Optimizer steps made by this thread since the package was loaded."""

    made = 0


_steps = _Steps()


def _count(*about: Any) -> None:
    _steps.made += 1


register_optimizer_step_post_hook(_count)


@dataclass(eq=False)
class Pass:
    """One pass: its epoch, its batches, optimizer steps and examples before, all data for each of
    its examples; batches and examples trained on, and those that were counted."""

    epoch: int
    batches: int
    steps: int
    examples: int
    share: float
    given: int = 0
    handed: int = 0
    counted: int = 0

    def hand(self, examples: int) -> None:
        """A batch is trained on."""
        self.given += 1
        self.handed += examples

    @property
    def looked(self) -> bool:
        """It was broken off before any optimizer made a step, if it ends now."""
        return self.given < self.batches and _steps.made == self.steps


class SubsetBatches(Sampler[list[Any]]):
    """A batch sampler over the subsets of a feed.

    Args:
        feed: whose `next_epoch` a pass begins with.
        ask: gives the subset of an epoch.
        over: is told the examples that a pass handed out since it was last told, of how many of
            all data, and whether the pass is over.
        batch_size, drop_last: as in DataLoader; a last batch of one joins the one before.
        seed: of the orders.
        order: "shuffled", or "pool": ascending rows.
        weighted: entries carry weights, of mean one over the subset.

    Attributes:
        shared: this pass is shared among the ranks of torch.distributed. A `SubsetLoader` asks for
            that; a loader that shares for itself (Accelerate) reads the whole.
    """

    def __init__(
        self,
        feed: SubsetFeed,
        ask: Callable[[int], Subset],
        over: Callable[[float, float, bool], None],
        *,
        batch_size: int,
        drop_last: bool,
        seed: int,
        order: str,
        weighted: bool,
    ) -> None:
        self.feed, self.ask, self.over, self.seed, self.order = feed, ask, over, seed, order
        self.batch_size, self.drop_last, self.weighted = batch_size, drop_last, weighted
        self.shared = False
        self.now: int | None = None  # examples of the pass that runs
        self.handed: deque[Rows] = deque()  # batches that were read and not yet trained on
        self.sampler = EpochSampler(self)
        self.token: Pass | None = None  # the pass that runs

    def set_epoch(self, epoch: int) -> None:
        """The host's own count: the next pass is this epoch."""
        self.end(self.token)
        self.feed.next_epoch = int(epoch)

    def __len__(self) -> int:
        return self.steps(1)

    def steps(self, world: int) -> int:
        """Batches a rank, in the epoch that runs or the next one."""
        return len(self._cuts(self.size // world, self.size // world))

    @property
    def size(self) -> int:
        """Examples of the epoch that runs, or of the next one as far as is known."""
        n, held = len(self.feed.provider.pool), self.feed.subset
        if self.now is not None:
            return self.now
        if self.feed.next_epoch < self.feed.provider.warm_epochs:
            return n
        return self.feed.budget.resolve(n) if held is None else len(held)

    def __iter__(self) -> Iterator[list[Any]]:
        self.end(self.token)  # a host may drop a pass without a word
        epoch, ours = self.feed.next_epoch, self.shared
        subset = self.ask(epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(subset))
        if self.order == "pool":
            order = np.argsort(subset.indices, kind="stable")
        batches, entries = self._batches(order, ours), entries_of(self.feed, subset, self.weighted)
        share = len(self.feed.provider.pool) / len(subset)
        token = self.token = Pass(epoch, len(batches), _steps.made, self.feed.examples, share)
        self.now, world = len(subset), ranks()[0] if ours else 1
        self.handed.clear()
        try:
            for places in batches:
                self.handed.append(subset.indices[places])
                self.feed.examples += world * len(places)
                if not ours:  # a SubsetLoader counts for itself: some wait in workers
                    token.hand(len(places))
                yield entries(places)
        finally:
            if not ours:
                self.end(token)

    def end(self, token: Pass | None) -> None:
        """A pass is over, if it is not already: an epoch, unless it was only looked at."""
        if token is None or token is not self.token:
            return
        self.tell(ended=True)
        self.token = self.now = None
        if token.looked:
            self.feed.examples = token.examples
        elif self.feed.next_epoch == token.epoch:
            self.feed.next_epoch = token.epoch + 1

    def tell(self, ended: bool = False) -> None:
        """Say what the pass that runs has handed out so far; a look hands out nothing."""
        token = self.token
        if token is None:
            return
        fresh = 0 if token.looked else token.handed - token.counted
        token.counted += fresh
        self.over(fresh, fresh * token.share, ended)

    def _batches(self, order: Rows, shared: bool) -> list[Rows]:
        """The same number on every rank; ranks' parts differ by one example at most."""
        world, rank = ranks() if shared else (1, 0)
        if len(order) < world:
            raise BadInput(
                f"the subset has {len(order)} examples for {world} ranks; give a budget of at "
                "least one example a rank"
            )
        part = order[rank::world]
        return [part[first:last] for first, last in self._cuts(len(order) // world, len(part))]

    def _cuts(self, least: int, n: int) -> list[tuple[int, int]]:
        """Where batches of n examples begin and end, as many as `least` examples have."""
        ends = list(range(self.batch_size, least, self.batch_size))
        left = least - (ends[-1] if ends else 0)
        if ends and left < self.batch_size and (self.drop_last or left == 1):
            last = ends.pop()
            n = last if self.drop_last else n
        return list(zip([0, *ends], [*ends, n], strict=True))


def entries_of(feed: SubsetFeed, subset: Subset, weighted: bool) -> Callable[[Rows], list[Any]]:
    """From places in a subset to the entries of a batch."""
    targets = _targets(feed, subset)
    weights: npt.NDArray[np.float32] | None = None
    if weighted:
        own = np.ones(len(subset), np.float32) if subset.weights is None else subset.weights
        weights = own / max(float(own.mean()), 1e-12)
    rows = subset.indices
    if targets is None and weights is None:
        return lambda places: rows[places].tolist()
    return lambda places: [
        Entry(
            int(rows[place]),
            None if targets is None else targets[place],
            None if weights is None else float(weights[place]),
        )
        for place in places.tolist()
    ]


def _targets(feed: SubsetFeed, subset: Subset) -> npt.NDArray[np.float32] | None:
    """(1 - share) p + share onehot(label) or share y, [b, k]; None where labels are trained on."""
    if feed.targets != "soft" or subset.targets is None:
        return None
    share, pool = feed.soft.label_share, feed.provider.pool
    mixed = np.float32(1 - share) * subset.targets
    if share > 0:
        if not pool.task:
            raise BadInput(
                f"label_share is {share} and pool {pool.name!r} has no labels; use label_share=0"
            )
        mixed += np.float32(share) * hard_targets(pool, subset.indices)
    return mixed


class EpochSampler(DistributedSampler[Any]):
    """What hosts find at `loader.sampler`: it shares among ranks already, and takes their epoch."""

    def __init__(self, batches: SubsetBatches) -> None:
        self.batches = batches
        self.num_replicas, self.rank, self.drop_last, self.shuffle = 1, 0, False, True
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.batches.set_epoch(epoch)

    def __len__(self) -> int:
        return self.batches.size

    def __iter__(self) -> Iterator[int]:
        raise BadInput("a SubsetLoader draws whole batches; iterate the loader itself")
