"""A search: who chooses the next cell. One host loop for all of them, an epoch at a time:

    subset = feed.at(epoch, supernet.discretise(), probe)
    weights half -> the network;  architecture half -> the choice among cells

The architecture that the feed is asked about is the cell that the weights now spell, so the subset
follows the search. A search is a dataclass of its options; what changes is in `Run`.

Source: SubSelNet 5.2 (architecture search on subsets); defaults Liu et al. 2019, A.1: SGD 0.025 to
0.001 by cosine, momentum 0.9, weight decay 3e-4, clip 5, batch 64, 50 epochs, 16 channels.

Deviations:
    [1] 5 cells (a stage in NAS-Bench-201, in all in DARTS, where the paper has 8).
    [2] No augmentation: subsets are compared, not records set.
    [3] Passes multiply in bf16 where that is faster (1.9 times fp32 on AVX-512 bf16) and right; the
        differences of the second order, and what probes show, stay in fp32.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch

from ..core.errors import BadInput, SubselError, UnknownName
from ..core.feed import SubsetFeed
from ..training.precision import PRECISIONS, takes_bf16
from .cells import CellPlan, Cells
from .checkpoint import begin, load_run, save_run
from .halves import Batch, Halves, halves
from .mixed import Mix
from .options import above_zero, at_least, cosine, usable_device
from .result import SearchResult, entry, result
from .run import Run
from .saved import summed
from .supernet import plan_of

Progress = Callable[[int, int], None]  # epochs done, of how many


@dataclass(frozen=True, kw_only=True)
class Search(ABC):
    """Base of every search.

    Args:
        epochs: of the supernet.
        steps_an_epoch: weight steps; 0 makes one pass over the weight half.
        batch: examples a step.
        channels, cells, stem_stride: of the supernet [1].
        rate, least_rate: of the weights' SGD, from and to, by cosine over the epochs.
        momentum, weight_decay, clip: of the weights' SGD.
        spell_none: whether an edge of a NAS-Bench-201 cell may be `none`; of DARTS cells it never
            may (Liu et al. 2019, 2.4).
        precision: "auto" (bf16 where the machine multiplies it natively), "bf16" or "fp32".
        device: of torch, for the supernet; what a controller writes stays on the CPU.

    Raises:
        BadInput: an option out of range, named.
    """

    name: ClassVar[str]
    source: ClassVar[str]
    mixture: ClassVar[bool] = True  # the probe shows the mixture; else the path that is spelled

    epochs: int = 50
    steps_an_epoch: int = 0
    batch: int = 64
    channels: int = 16
    cells: int = 5
    stem_stride: int = 1
    rate: float = 0.025
    least_rate: float = 0.001
    momentum: float = 0.9
    weight_decay: float = 3e-4
    clip: float = 5.0
    spell_none: bool = True
    precision: str = "auto"
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, least in {"epochs": 1, "steps_an_epoch": 0, "batch": 2}.items():
            at_least(name, getattr(self, name), least)
        if self.precision not in PRECISIONS:
            raise UnknownName("precision", self.precision, PRECISIONS)
        for name in ("rate", "clip"):
            above_zero(name, getattr(self, name))
        usable_device(self.device)

    @property
    def total_epochs(self) -> int:
        """Epochs of the host loop, all phases."""
        return self.epochs

    def run(
        self,
        space: str,
        feed: SubsetFeed,
        *,
        seed: int = 0,
        folder: Path | str | None = None,
        resume: bool = False,
        progress: Progress | None = None,
        ledger: Path | str | None = None,
    ) -> SearchResult:
        """Search a space.

        Args:
            space: "nasbench201" or "darts".
            feed: with a provider that is fitted on the pool to search on.
            folder: keeps a checkpoint of every epoch.
            resume: go on with the search in `folder`; the same seed finds the same cell.
            ledger: a file that is charged with the search.

        Raises:
            MissingNeed: no images or labels.
            BadInput: another search is in `folder`; too few examples; `resume` with a provider that
                learns, whose lessons are not kept.
            SubselError: the loss of the supernet is no longer finite.
        """
        where = None if folder is None else Path(folder)
        feed.epochs = feed.epochs or self.total_epochs
        run = self._opened(plan_of(space, self.spell_none), feed, seed, where, resume)
        while run.epoch < self.total_epochs:
            with run.billed():
                self._epoch(run)
            run.epoch += 1
            if where is not None:
                save_run(run, where)
            if progress is not None:
                progress(run.epoch, self.total_epochs)
        with run.billed():
            cells = self._finish(run)
        return summed(result(self.name, run, cells), run, self.steps_an_epoch > 0, ledger)

    def _opened(
        self, plan: CellPlan, feed: SubsetFeed, seed: int, where: Path | None, resume: bool
    ) -> Run:
        """A new run, or the one in the folder."""
        if resume and feed.provider.learns:
            raise BadInput(
                f"provider {feed.provider.name!r} learns while a search runs, and what it learned "
                "is not kept; begin the search anew in another folder"
            )
        device = torch.device(self.device)
        run = Run(plan, feed, self._sizes(), seed, device=device)
        run.bf16 = takes_bf16(self.precision, device, run.supernet, run.one_pass)
        self._prepare(run)
        if where is not None:
            begin(where, self._asked_for(run), resume)
            load_run(run, where)
        return run

    # searches write these
    def _prepare(self, run: Run) -> None:
        """Optimizers and modules of the search; calls `super()._prepare`."""
        weights = run.supernet.weight_parameters().values()
        run.optimizers["weights"] = torch.optim.SGD(
            weights, self.rate, self.momentum, weight_decay=self.weight_decay
        )

    def _begin(self, run: Run) -> None:  # noqa: B027  (most searches have nothing to do)
        """Before the feed is asked."""

    @abstractmethod
    def _train(self, run: Run, parts: Halves) -> float:
        """The steps of an epoch; the mean loss."""

    def _finish(self, run: Run) -> Cells:
        """The cells that were found."""
        return run.supernet.spelled()

    def _sizes(self) -> dict[str, Any]:
        return {"channels": self.channels, "cells": self.cells, "stem_stride": self.stem_stride}

    def _feed_epoch(self, run: Run) -> int:
        """The epoch that the feed is asked about."""
        return run.epoch

    # the loop
    def _epoch(self, run: Run) -> None:
        self._begin(run)
        cells = run.supernet.spelled()
        parts, size = self._parts(run, self._feed_epoch(run), cells)
        for group in run.optimizers["weights"].param_groups:
            group["lr"] = self._rate(run)
        loss = self._train(run, parts)
        run.curve.append(entry(run, cells, size, loss))
        self._check(run, loss)
        if run.feed.provider.learns:
            self._teach(run, cells, self._quality(run, parts))

    def _check(self, run: Run, loss: float) -> None:
        """Ends a search whose weights are lost: no cell can be told from another any more."""
        if math.isfinite(loss):
            return
        raise SubselError(
            f"search {self.name!r} diverged in epoch {run.epoch + 1} of {self.total_epochs}: its "
            f"mean loss is {loss}. Lower `rate` (now {self.rate}) or `clip` (now "
            f"{self.clip}), or train in full precision (precision='fp32')"
        )

    def _parts(self, run: Run, epoch: int, cells: Cells) -> tuple[Halves, int]:
        """The halves of the subset for the cell that is spelled, and the subset's size."""
        run.supernet.path = None if self.mixture else cells
        subset = run.asked(epoch, run.plan.architecture(cells))
        soft = run.feed.targets == "soft"
        return halves(subset, run.rank, self._share(run), self.batch, soft), len(subset)

    def _teach(self, run: Run, cells: Cells, accuracy: float | None) -> None:
        """What the probe answers becomes a lesson of the provider."""
        provider = run.feed.provider
        if accuracy is None:
            return
        with run.billed("refresh"):
            stored, _ = provider.listen(
                run.plan.architecture(cells),
                run.probe,
                accuracy=accuracy,
                examples=self._steps_of_network(run) * self.batch,
                name=f"{self.name}-{run.seed}-{run.epoch}",
            )
            run.lessons += stored

    def _quality(self, run: Run, parts: Halves) -> float | None:
        """Held-out accuracy of the network that the probe shows; None when there is no lesson."""
        return None

    def _steps_of_network(self, run: Run) -> int:
        """Weight steps since the weights were new."""
        return sum(one["steps"] for one in run.curve)

    def _share(self, run: Run) -> float:
        """Of the subset that trains the weights; 1 leaves no half for the architecture."""
        return 1.0

    def _rate(self, run: Run) -> float:
        """By cosine over the epochs, the same within one."""
        return cosine(self.rate, self.least_rate, run.epoch / self.epochs)

    def _steps(self, parts: Halves) -> int:
        return self.steps_an_epoch or parts.weights.passes

    def _weight_step(self, run: Run, batch: Batch, mix: Mix) -> float:
        """One step of the weights."""
        optimizer = run.optimizers["weights"]
        loss = run.loss(batch, mix.fixed(), recorded=True)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, self.clip)
        optimizer.step()
        run.costs["weight_steps"] += 1
        return float(loss.detach())

    def _asked_for(self, run: Run) -> dict[str, Any]:
        feed, plan = run.feed, run.feed.plan()
        plan["provider_options"] = plan.pop("options")
        return {
            "search": self.name,
            "options": asdict(self),
            "space": run.plan.space,
            "seed": run.seed,
            **plan,
            "budget": str(feed.budget),
            "pool": feed.provider.pool.fingerprint,
        }


@dataclass(frozen=True, kw_only=True)
class SupernetSearch(Search):
    """A search that trains weights on one half of the subset and chooses cells on the other.

    Args:
        weight_share: of the subset that trains the weights (one half, Liu et al. 2019, A.1).
    """

    weight_share: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.weight_share < 1:
            raise BadInput(f"weight_share is {self.weight_share}; give a share between 0 and 1")

    def _share(self, run: Run) -> float:
        return self.weight_share

    def _quality(self, run: Run, parts: Halves) -> float | None:
        if self._share(run) == 1:
            return None
        return run.accuracy(parts.architecture.rows, run.supernet.now())
