"""SubsetLoader: in the place of `DataLoader(train_set, batch_size=64, shuffle=True)`.

    loader = SubsetLoader(feed, architecture, train_set, batch_size=64)
    for x, y in loader: F.cross_entropy(model(x), y).backward()

Each pass is one epoch over the subset that the feed hands out for it. With soft targets y is

    (1 - share) p + share onehot(label)      [b, c], p the predicted distribution at T = 1

which `F.cross_entropy` takes as it is (the temperature of `SoftTargets` belongs to `Trainer`'s
T^2 KL loss). A last batch of one, which batch norm refuses, joins the batch before it.

It is a `torch.utils.data.DataLoader`: workers (persistent ones too), pinning, the user's collate_fn
and any structure of items work as there. Batches are drawn in the main process (`sampler.py`), so
every redraw reaches every worker; workers get another seed every epoch. Under torch.distributed
each rank reads its own part of the same subset, in as many batches as the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from ..core.architecture import Architecture
from ..core.errors import BadInput, MissingNeed
from ..core.feed import SubsetFeed
from ..core.provider import Needs
from ..core.subset import Subset
from ..training.inputs import PoolDataset
from ..training.probe import ModelProbe
from .clock import Clock
from .folds import feed_of, validation_of
from .items import Items, Joined, Place, Read, Rows, label_place, network_inputs
from .options import asks_for_weights, refuse
from .ranks import follow_first, ranks
from .sampler import SubsetBatches
from .soft import checked
from .watch import Watch, architecture_of, watch_of


class SubsetLoader(DataLoader[Any]):
    """Batches of one trial's subsets.

    Args:
        feed: provider, budget, redraws and targets; it holds the epoch, so that a loader that is
            made again goes on where the last one stood.
        architecture: of the network; traced from `model` when the provider asks for it.
        dataset: the pool's examples, row by row, (x, label) or any other item (`items.py`); by
            default the pool's own images (normalised) or features. A `torch.utils.data.Subset` of
            them is a fold: the provider is fitted on its examples alone.
        rows: the pool's rows that the dataset holds, in its order, where that is not all of them.
        batch_size: examples a batch (a rank).
        seed: of the shuffles; with the epoch also of the workers, unless `generator` is given.
        order: "shuffled", or "pool": ascending rows.
        model: the network in training; adaptive and learning providers ask it.
        validation: Dataset of the pool's validation examples, for providers that ask about them.
        label: place or key of the label in an item, where it cannot be found.
        drop_last: leave out the last, smaller batch (unless it is the only one).
        with_weights: batches carry weights of mean one over the subset: (x, y, w).
        clock: is told what epochs and selections cost.
        num_workers, collate_fn, pin_memory, timeout, worker_init_fn, multiprocessing_context,
        generator, prefetch_factor, persistent_workers, pin_memory_device: as in DataLoader.

    Raises:
        BadInput: a Dataset that is not the pool's, unusable sizes, an option of DataLoader that
            the feed decides (shuffle, ...); in the first pass, weights that nobody asked for.
        MissingNeed: the provider needs an architecture or a network, and there is none.
    """

    def __init__(
        self,
        feed: SubsetFeed,
        architecture: Architecture | None = None,
        dataset: Any = None,
        *,
        batch_size: int = 64,
        seed: int = 0,
        order: str = "shuffled",
        model: nn.Module | None = None,
        validation: Any = None,
        label: Place | None = None,
        rows: Any = None,
        drop_last: bool = False,
        with_weights: bool = False,
        clock: Clock | None = None,
        collate_fn: Callable[[Any], Any] | None = None,
        generator: torch.Generator | None = None,
        **workers: Any,
    ) -> None:
        refuse(workers, batch_size, order)
        feed = feed_of(feed, dataset, rows)
        pool = feed.provider.pool
        self.feed, self.seed, self.model, self.label = feed, seed, model, label
        self.with_weights, self.clock = with_weights, clock or Clock()
        items = Items(PoolDataset(pool) if dataset is None else dataset, pool)
        self._generator = generator is None
        batches = SubsetBatches(
            feed,
            self._ask,
            self._over,
            batch_size=batch_size,
            drop_last=drop_last,
            seed=seed,
            order=order,
            weighted=with_weights,
        )
        super().__init__(
            items,
            batch_sampler=batches,
            collate_fn=Joined(collate_fn, pool, label),
            generator=generator or torch.Generator().manual_seed(seed),
            **workers,
        )
        for name, value in {  # what a host looks for; DataLoader leaves them out
            "batch_size": batch_size,
            "drop_last": drop_last,
            "sampler": batches.sampler,
        }.items():
            object.__setattr__(self, name, value)
        self.batches, self._handed = batches, np.zeros(0, np.int64)
        self.given = 0  # batches that the loop was given
        held = None if validation is None else validation_of(feed, validation)
        self.probe: ModelProbe | None = None
        self.watch: Watch | None = None
        if model is not None:
            self.probe = ModelProbe(model, pool, items.source, held, self._inputs)
            self.watch = watch_of(model, feed)
        self.architecture = architecture
        self._require()

    def _require(self) -> None:
        provider = self.feed.provider
        if self.model is None and (provider.refresh_every or provider.learns):
            raise MissingNeed(
                f"provider {provider.name!r} looks at the network in training; give the loader "
                "model=model"
            )
        if self.architecture is None and Needs.ARCHITECTURE in provider.needs:
            if self.model is None:
                raise MissingNeed(
                    f"provider {provider.name!r} needs an architecture; give the loader "
                    "architecture=, or model=model to trace it"
                )
            self.clock.lap()
            self.architecture = architecture_of(self.model, self._example())
            self.clock.lap("SELECT")
        elif self.architecture is None and provider.learns:
            self.clock.lap()
            assert self.watch is not None
            self.architecture = self.watch.found(self._example)
            self.clock.lap("SELECT")

    def _example(self) -> Any:
        return self._inputs(self.source, np.arange(min(2, len(self.source))))

    @property
    def source(self) -> Any:
        """The Dataset as it was given."""
        return self.dataset.source  # type: ignore[attr-defined]

    def _inputs(self, dataset: Any, rows: Rows) -> Any:
        """What the network reads of these rows: items collated as for training, given as the loop
        gave its first batch; before that, without labels."""
        joined: Any = self.collate_fn
        batch = Read(dataset, rows.tolist()).collated(joined.collate)
        if self.watch is not None and self.watch.recipe is not None:
            return self.watch.recipe.of(batch)
        return network_inputs(batch, label_place(batch, self.label))

    @property
    def epoch(self) -> int:
        """The one that runs, or the next one."""
        return self.feed.next_epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self.batches.set_epoch(epoch)

    def set_epoch(self, epoch: int) -> None:
        """For hosts that count epochs themselves: the next pass is this one."""
        self.batches.set_epoch(epoch)

    @property
    def examples(self) -> int:
        """Handed out so far, by all ranks, with repeats."""
        return self.feed.examples

    @property
    def size(self) -> int:
        """Examples of the epoch that runs, or of the next one."""
        return self.batches.size

    def __len__(self) -> int:
        """Batches of the epoch that runs; between epochs of the next one, as far as is known (a
        provider that hands out fewer and fewer examples says so when the epoch begins)."""
        return self.batches.steps(ranks()[0])

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        if self._generator:  # other augmentations every epoch, the same in a resumed run
            self.generator.manual_seed(worker_seed(self.seed, self.epoch))
        token = None
        if self.watch is not None:
            self.watch.begin()
        try:
            for batch in self._read():
                self._handed, token = self.batches.handed.popleft(), self.batches.token
                assert token is not None
                token.hand(ranks()[0] * len(self._handed))
                if self.watch is not None:
                    self.watch.handed(self._handed, batch, token.examples)
                self.given += 1
                yield checked(batch, self.label, self.feed) if self.given == 1 else batch
        finally:
            self.batches.end(token)
            if self.watch is not None:
                self.watch.over()

    def _read(self) -> Iterator[Any]:
        """Batches of torch's own reader, of the part of this rank."""
        self.batches.shared = True
        try:
            reader = super().__iter__()
            first = next(reader, _NONE)  # the sampler has begun
        finally:
            self.batches.shared = False
        if first is not _NONE:
            yield first
            yield from reader

    def _ask(self, epoch: int) -> Subset:
        """The subset of an epoch; with several ranks, what the first one's network says."""
        if self.feed.weighs and not self.with_weights:  # before the first epoch, not after ten
            raise BadInput(asks_for_weights(self.feed))
        self.clock.lap()
        refreshed = self.feed.refresh_seconds
        provider = self.feed.provider
        if ranks()[0] > 1 and (provider.refresh_every or provider.learns):
            follow_first(self.feed, epoch, self.architecture, self.probe)
        subset = self.feed.at(epoch, self.architecture, self.probe)
        self.clock.lap("REFRESH" if self.feed.refresh_seconds > refreshed else "SELECT")
        if subset.weights is not None and not self.with_weights:
            raise BadInput(asks_for_weights(self.feed))
        if self.probe is not None:
            self.probe.begin_epoch()
        self.clock.stage = "TRAIN"
        return subset

    def _over(self, examples: float, full_examples: float, ended: bool) -> None:
        self.clock.count(examples, full_examples)
        if ended:
            self.clock.lap("TRAIN")
            self.clock.stage = "EVALUATE"

    def attach(self, feed: SubsetFeed, clock: Clock) -> None:
        """Go on with another trial's feed and bill: a trial that is reset may keep its loader.

        Raises:
            BadInput: what `SubsetLoader` refuses.
        """
        pool = self.feed.provider.pool
        self.feed = self.batches.feed = feed.over(pool)  # the fold that it was made for
        self.clock = clock
        if self.watch is not None:
            self.watch.close()
            self.watch = watch_of(self.watch.model, self.feed)
        self._require()

    def record(self, logits: Tensor) -> None:
        """Tell the logits [b, classes] of the batch just handed out, for `Probe.recorded()`: a
        provider that reads it then needs no forward pass of its own.

        Raises:
            BadInput: no batch was handed out, another number of examples, or no model was given.
        """
        rows = self._handed
        if not len(rows) or self.probe is None or len(logits) != len(rows):
            raise BadInput("record(logits) takes the logits of the last batch, and a model")
        self.probe.record(rows, logits)

    def state_dict(self) -> dict[str, Any]:
        """Between two epochs: enough to go on elsewhere, in values that `torch.load` takes."""
        return {"epoch": self.epoch, "examples": self.examples, "feed": self.feed.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.feed.load_state_dict(state["feed"])
        self.epoch, self.feed.examples = int(state["epoch"]), int(state["examples"])


_NONE = object()


def worker_seed(seed: int, epoch: int) -> int:
    """Of the workers in one epoch."""
    return int(np.random.SeedSequence([seed, epoch, 0x3EED]).generate_state(1)[0])
