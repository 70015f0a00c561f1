"""SubsetLoader: in the place of `DataLoader(train_set, batch_size=64, shuffle=True)`.

    loader = SubsetLoader(feed, architecture, train_set, batch_size=64)
    for x, y in loader: F.cross_entropy(model(x), y).backward()

Each pass is one epoch over the subset that the feed hands out for it. With soft targets y is

    (1 - share) p + share onehot(label)      [b, c], p the predicted distribution at T = 1

which `F.cross_entropy` takes as it is (the temperature of `SoftTargets` belongs to `Trainer`'s
T^2 KL loss). A last batch of one, which batch norm refuses, joins the batch before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from ..core.architecture import Architecture
from ..core.errors import BadInput, MissingNeed
from ..core.feed import SubsetFeed
from ..core.pool import Pool
from ..core.provider import Needs
from ..core.subset import Subset
from ..training.inputs import PoolDataset, batch_of
from ..training.probe import ModelProbe
from .chosen import Chosen
from .clock import Clock

Rows = npt.NDArray[np.int64]


class SubsetLoader:
    """Batches (x, y) of one trial's subsets.

    Args:
        feed: provider, budget, redraws and targets.
        architecture: of the network; traced from `model` when the provider asks for it.
        dataset: the pool's examples, row by row, (x, label); by default the pool's own images
            (normalised) or features.
        batch_size: examples a batch.
        seed: of the shuffles.
        model: the network in training; adaptive and learning providers ask it.
        validation: Dataset of the pool's validation examples, for providers that ask about them.
        drop_last: leave out the last, smaller batch (unless it is the only one).
        with_weights: yield (x, y, w), w of mean one over the subset.
        num_workers: processes that read the Dataset.
        clock: is told what epochs and selections cost.

    Raises:
        BadInput: a Dataset that is not the pool's, unusable sizes.
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
        model: nn.Module | None = None,
        validation: Any = None,
        drop_last: bool = False,
        with_weights: bool = False,
        num_workers: int = 0,
        clock: Clock | None = None,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise BadInput(f"batch_size is {batch_size!r}; give a whole number from 1")
        self.feed, self.batch_size, self.seed, self.model = feed, batch_size, seed, model
        self.drop_last, self.with_weights, self.num_workers = drop_last, with_weights, num_workers
        pool = feed.provider.pool
        self.dataset = PoolDataset(pool) if dataset is None else _of(pool, dataset, "dataset")
        if validation is not None:
            validation = _of(pool.validation, validation, "validation")
        self.clock = clock or Clock()
        self.probe = None if model is None else ModelProbe(model, pool, self.dataset, validation)
        self.architecture = architecture
        self._require()
        self.epoch = 0  # the one that runs, or the next one
        self.examples = 0  # handed out so far, with repeats
        self._rows: Rows | None = None
        self._now: int | None = None

    def _require(self) -> None:
        provider = self.feed.provider
        if self.model is None and (provider.refresh_every or provider.learns):
            raise MissingNeed(
                f"provider {provider.name!r} looks at the network in training; give the loader "
                "model=model"
            )
        wanted = Needs.ARCHITECTURE in provider.needs or provider.learns
        if self.architecture is None and wanted:
            if self.model is None:
                raise MissingNeed(
                    f"provider {provider.name!r} needs an architecture; give the loader "
                    "architecture=, or model=model to trace it"
                )
            from ..spaces.traced import trace

            self.clock.lap()
            example = batch_of(self.dataset, np.arange(min(2, len(self.dataset))))[0]
            device = next(self.model.parameters()).device
            self.architecture = trace(self.model, example.to(device))
            self.clock.lap("SELECT")

    def __len__(self) -> int:
        """Batches of the epoch that runs; between epochs of the next one, as far as is known (a
        provider that hands out fewer and fewer examples says so when the epoch begins)."""
        return len(self._cuts(self.size))

    @property
    def size(self) -> int:
        """Examples of the epoch that runs, or of the next one."""
        n, held = len(self.feed.provider.pool), self.feed.subset
        if self._now is not None:
            return self._now
        if self.epoch < self.feed.provider.warm_epochs:
            return n
        return self.feed.budget.resolve(n) if held is None else len(held)

    def __iter__(self) -> Iterator[Any]:
        epoch = self.epoch
        subset = self._subset(epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(subset))
        batches = [order[a:b].tolist() for a, b in self._cuts(len(subset))]
        reader: DataLoader[Any] = DataLoader(
            Chosen(self.dataset, subset, self.feed, self.with_weights),
            batch_sampler=batches,  # type: ignore[arg-type]
            num_workers=self.num_workers,
            collate_fn=_as_it_is,
            generator=torch.Generator().manual_seed(self.seed),
        )
        self.clock.stage, self._now = "TRAIN", len(subset)
        try:
            for places, batch in zip(batches, reader, strict=True):
                self._rows = subset.indices[places]
                self.examples += len(places)
                yield batch
        finally:
            self.clock.lap("TRAIN")
            self.clock.stage, self._now = "EVALUATE", None
            self.epoch = epoch + 1

    def _subset(self, epoch: int) -> Subset:
        self.clock.lap()
        refreshed = self.feed.refresh_seconds
        subset = self.feed.at(epoch, self.architecture, self.probe)
        self.clock.lap("REFRESH" if self.feed.refresh_seconds > refreshed else "SELECT")
        if subset.weights is not None and not self.with_weights:
            raise BadInput(
                f"provider {self.feed.provider.name!r} weighs its examples; make the loader with "
                "with_weights=True and weigh the losses: for x, y, w in loader"
            )
        if self.probe is not None:
            self.probe.begin_epoch()
        return subset

    def _cuts(self, n: int) -> list[tuple[int, int]]:
        """Where batches begin and end."""
        ends = list(range(self.batch_size, n, self.batch_size))
        left = n - (ends[-1] if ends else 0)
        if ends and left < self.batch_size and (self.drop_last or left == 1):
            n = ends.pop() if self.drop_last else n
            ends = ends if self.drop_last else ends[:-1]
        return list(zip([0, *ends], [*ends, n], strict=True))

    def record(self, logits: Tensor) -> None:
        """Tell the logits [b, classes] of the batch just handed out, for `Probe.recorded()`: a
        provider that reads it then needs no forward pass of its own.

        Raises:
            BadInput: no batch was handed out, another number of examples, or no model was given.
        """
        if self._rows is None or self.probe is None or len(logits) != len(self._rows):
            raise BadInput("record(logits) takes the logits of the last batch, and a model")
        self.probe.record(self._rows, logits.detach().float().cpu().numpy())

    def state_dict(self) -> dict[str, Any]:
        """Between two epochs: enough to go on in another process."""
        return {"epoch": self.epoch, "examples": self.examples, "feed": self.feed.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.epoch, self.examples = int(state["epoch"]), int(state["examples"])
        self.feed.load_state_dict(state["feed"])


def _of(pool: Pool | None, dataset: Any, what: str) -> Any:
    if pool is None:
        raise BadInput(f"{what} was given, and the pool has no validation pool that it could show")
    if len(dataset) != len(pool):
        raise BadInput(
            f"{what} has {len(dataset)} examples, pool {pool.name!r} {len(pool)}; give the pool's "
            "examples, one by one in its order"
        )
    return dataset


def _as_it_is(batch: Any) -> Any:
    return batch
