"""Loaders for NNI 3.0's one-shot strategies, over the subset of the cell that is spelled.

    data = SubsetDataModule(feed, "nasbench201", strategy)
    trainer = Trainer(reload_dataloaders_every_n_epochs=1, ...)
    evaluator = Lightning(module, trainer, datamodule=data)

Only `pytorch_lightning`, which NNI is built on: classes of `lightning` do not mix with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytorch_lightning as pl
from torch.utils.data import DataLoader

from ...core.errors import BadInput
from ...core.feed import SubsetFeed
from ...core.subset import Subset
from ...hosting.items import Items, Joined
from ...hosting.sampler import entries_of
from ...search.cells import CellPlan, Cells
from ...search.halves import Half, Halves, halves
from ...search.supernet import plan_of
from ...training.inputs import PoolDataset
from ...training.probe import ModelProbe

OURS = {"conv_1x1": "nor_conv_1x1", "conv_3x3": "nor_conv_3x3"}  # operations with other names


def cells_of(plan: CellPlan, sample: Mapping[str, Any]) -> Cells:
    """The cells that a sample of NNI spells.

    Args:
        sample: of the hub's space, as a strategy exports it: label -> choice.
    """
    cells = np.zeros((len(plan.kinds), len(plan.edges)), np.int64)
    for edge, (u, v) in enumerate(plan.edges):
        if plan.inputs == 1:
            cells[0, edge] = _operation(plan, sample[f"cell/{u}_{v}"])
            continue
        for row, kind in enumerate(plan.kinds):
            for place in range(plan.kept):
                if u in np.atleast_1d(sample[f"{kind}/input_{v}_{place}"]):
                    cells[row, edge] = _operation(plan, sample[f"{kind}/op_{v}_{place}"])
    return cells


def _operation(plan: CellPlan, name: str) -> int:
    return plan.operations.index(OURS.get(name, name))


class SubsetDataModule(pl.LightningDataModule):
    """The loaders of a one-shot strategy, asked for anew in every epoch.

    Args:
        feed: provider, budget, redraws and targets.
        space: of the hub, by our name.
        strategy: that is about to run; asked which cell it spells.
        batch_size: examples a batch.
        weight_share: of the subset that trains the weights.
        dataset: the pool's examples, row by row; by default its own images, normalised.
        with_weights: batches (x, y, w), for providers that weigh their examples.

    Raises:
        BadInput: while training: the Trainer does not reload loaders; weights without
            `with_weights`; too few examples.
    """

    def __init__(
        self,
        feed: SubsetFeed,
        space: str,
        strategy: Any,
        *,
        batch_size: int = 64,
        weight_share: float = 0.5,
        dataset: Any = None,
        with_weights: bool = False,
    ) -> None:
        super().__init__()
        pool = feed.provider.pool
        self.feed, self.plan, self.strategy = feed, plan_of(space), strategy
        self.batch_size, self.weight_share = batch_size, weight_share
        self.dataset = PoolDataset(pool) if dataset is None else dataset
        self.with_weights = with_weights
        self.rank = np.random.default_rng([feed.seed, 0x2A1F]).permutation(len(pool))
        self.curve: list[dict[str, Any]] = []
        self._parts: tuple[int, Halves] | None = None
        self._probe: ModelProbe | None = None

    def spelled(self) -> Cells:
        """The cells that the strategy spells now."""
        return cells_of(self.plan, self.strategy.oneshot_module.export())

    def train_dataloader(self) -> DataLoader[Any]:
        return self._loader("weights")

    def val_dataloader(self) -> DataLoader[Any]:
        return self._loader("architecture")

    def _loader(self, side: str) -> DataLoader[Any]:
        half: Half = getattr(self._halves(), side)
        part, pool = Subset(half.rows, half.weights, half.targets), self.feed.provider.pool
        entries = entries_of(self.feed, part, self.with_weights)
        salt = len(self.curve), side == "weights"
        order = np.random.default_rng([self.feed.seed, *salt]).permutation(len(half.rows))
        whole = order[: half.passes * half.batch].reshape(half.passes, half.batch)
        return DataLoader(
            Items(self.dataset, pool),
            batch_sampler=[entries(places) for places in whole],
            collate_fn=Joined(None, pool),
        )

    def _halves(self) -> Halves:
        """Of the epoch that begins."""
        trainer: Any = self.trainer
        if trainer is None or trainer.reload_dataloaders_every_n_epochs != 1:
            raise BadInput(
                "the subset changes with the epoch; make "
                "Trainer(reload_dataloaders_every_n_epochs=1) and train inside it"
            )
        epoch = int(trainer.current_epoch)
        if self._parts is None or self._parts[0] != epoch:
            self._parts = epoch, self._asked(epoch)
        return self._parts[1]

    def _asked(self, epoch: int) -> Halves:
        chooser = self.feed.provider
        if self._probe is None:
            self._probe = ModelProbe(self.strategy.supernet, chooser.pool, self.dataset)
        self.teach()
        cells = self.spelled()
        subset = self.feed.at(epoch, self.plan.architecture(cells), self._probe)
        if subset.weights is not None and not self.with_weights:
            raise BadInput(
                f"provider {chooser.name!r} weighs its examples; make the data module with "
                "with_weights=True and weigh the losses of batches (x, y, w)"
            )
        parts = halves(
            subset, self.rank, self.weight_share, self.batch_size, self.feed.targets == "soft"
        )
        self.curve.append(
            {
                "epoch": epoch,
                "key": self.plan.architecture(cells).key,
                "genotype": self.plan.genotype(cells),
                "skip_share": self.plan.skip_share(cells),
                "collapsed": self.plan.collapsed(cells),
                "examples": len(subset),
                "steps": parts.weights.passes,
            }
        )
        return parts

    def teach(self) -> None:
        """What the supernet answers after an epoch becomes a lesson of a provider that learns."""
        chooser = self.feed.provider
        if not chooser.learns or self._parts is None:
            return
        assert self._probe is not None
        rows = self._parts[1].architecture.rows
        assert chooser.pool.labels is not None
        right = self._probe.logits(rows).argmax(1) == chooser.pool.labels[rows]
        steps = sum(one["steps"] for one in self.curve)
        chooser.listen(
            self.plan.architecture(self.spelled()),
            self._probe,
            accuracy=float(right.mean()),
            examples=steps * self.batch_size,
            name=f"nni-{self.feed.seed}-{len(self.curve)}",
        )
