"""NNI 3.0: its one-shot strategies on its own search spaces, trained on our subset.

    found = search("darts", "nasbench201", pool, subset="subselnet-online", budget=0.1)

`nni_data.SubsetDataModule` is what a script of NNI's own takes for its loaders: an epoch's halves
of the subset for the cell that the strategy now spells (`train` for weights, `val` for the
architecture). It needs `Trainer(reload_dataloaders_every_n_epochs=1)`.

NNI's manager is never started: strategies run in this process, by its SequentialExecutionEngine.

What works (Python 3.11, torch 2.13, pytorch_lightning 2.6): DARTS (first order), GumbelDARTS and
Proxyless over the hub's NasBench201, DARTS and GumbelDARTS over its DARTS. What does not: Proxyless
over DARTS spells nodes that read one input twice, which is no cell of that space; RandomOneShot
trains, and then names a random cell; one-shot ENAS asks for tianshou, which it was not tried with.
NNI needs an environment of its own (extra [nni]; `.ci/nni` makes one): filelock from 3.12 hangs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from nni.nas.evaluator.pytorch.lightning import Lightning, LightningModule, Trainer
from nni.nas.execution import SequentialExecutionEngine
from nni.nas.hub.pytorch import DARTS as DartsSpace
from nni.nas.hub.pytorch import NasBench201
from nni.nas.space import RawFormatModelSpace
from nni.nas.strategy import DARTS, GumbelDARTS, Proxyless

from ...catalog import provider
from ...core.architecture import Architecture
from ...core.budget import Budget
from ...core.errors import BadInput, MissingNeed, UnknownName
from ...core.feed import SoftTargets, SubsetFeed
from ...core.pool import Pool
from ...core.provider import SubsetProvider
from ...search.result import SearchResult
from ...training.seeded import seeded
from .loaders import SubsetDataModule

STRATEGIES: dict[str, Any] = {"darts": DARTS, "gumbel-darts": GumbelDARTS, "proxyless": Proxyless}
SPACES = {"nasbench201": tuple(STRATEGIES), "darts": ("darts", "gumbel-darts")}


class Classifier(LightningModule):  # type: ignore[misc]
    """Cross-entropy of batches (x, y) or (x, y, w), y labels or distributions; SGD by cosine."""

    def __init__(self, rate: float, epochs: int) -> None:
        super().__init__()
        self.rate, self.epochs = rate, epochs

    def training_step(self, batch: Any, place: int) -> torch.Tensor:
        x, y, *weights = batch
        losses = F.cross_entropy(self.model(x), y, reduction="none")
        return (losses * weights[0]).mean() if weights else losses.mean()

    def configure_optimizers(self) -> Any:
        sgd = torch.optim.SGD(self.model.parameters(), self.rate, 0.9, weight_decay=3e-4)
        return [sgd], [torch.optim.lr_scheduler.CosineAnnealingLR(sgd, self.epochs, 1e-3)]


def search(
    strategy: str,
    space: str,
    pool: Pool,
    *,
    subset: str | SubsetProvider = "random",
    budget: Budget | int | float = 0.1,
    epochs: int = 50,
    batch: int = 64,
    channels: int = 16,
    cells: int = 5,
    rate: float = 0.025,
    alpha_rate: float = 3e-4,
    seed: int = 0,
    targets: str = "labels",
    soft: SoftTargets | None = None,
    redraw_every: int | None = None,
) -> SearchResult:
    """Find a cell by a strategy of NNI.

    Args:
        strategy: "darts", "gumbel-darts" or "proxyless".
        space: "nasbench201" (cells a stage) or "darts" (cells in all).
        pool: with images of three channels, and labels.
        subset: a provider's name, or a provider that is fitted on the pool.
        budget: examples an epoch, weight and architecture half together.
        rate, alpha_rate: of the weights' SGD and of the architecture's Adam.
        targets, soft, redraw_every: see `SubsetFeed`.

    Raises:
        UnknownName: no such strategy, space or provider.
        BadInput: a strategy that does not run on that space; a pool that its networks do not take.
        MissingNeed: the pool has no images or labels.
    """
    chooser = provider(subset).fit(pool) if isinstance(subset, str) else subset
    _check(strategy, space, chooser, pool)
    began, cpu = time.perf_counter(), time.process_time()
    feed = SubsetFeed(
        chooser, budget, seed=seed, redraw_every=redraw_every, targets=targets, soft=soft
    )
    spent = chooser.spent_seconds, chooser.spent_cpu_seconds
    with seeded(seed), _quiet():
        chosen = STRATEGIES[strategy](arc_learning_rate=alpha_rate, gradient_clip_val=5.0)
        data = SubsetDataModule(feed, space, chosen, batch_size=batch, with_weights=True)
        evaluator = Lightning(Classifier(rate, epochs), _trainer(epochs), datamodule=data)
        network = _network(space, channels, cells, pool.classes)
        chosen(RawFormatModelSpace(network, evaluator), SequentialExecutionEngine())
        data.teach()
        found = data.spelled()
    steps = sum(one["steps"] for one in data.curve)
    costs = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu,
        "select_seconds": chooser.spent_seconds - spent[0],
        "select_cpu_seconds": chooser.spent_cpu_seconds - spent[1],
        "weight_steps": steps,
        "architecture_steps": steps,
        "evaluations": 0,
    }
    plan = data.plan
    architecture: Architecture = plan.architecture(found)
    return SearchResult(
        f"nni-{strategy}",
        architecture,
        plan.genotype(found),
        data.curve,
        costs,
        plan.collapsed(found),
        plan.skip_share(found),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """NNI prints every strength of every edge whenever a cell is spelled."""
    logger = logging.getLogger("nni")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _trainer(epochs: int) -> Any:
    return Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        reload_dataloaders_every_n_epochs=1,
        limit_val_batches=0,
        num_sanity_val_steps=0,
    )


def _network(space: str, channels: int, cells: int, classes: int) -> Any:
    if space == "nasbench201":
        return NasBench201(channels, cells, classes)
    return DartsSpace(channels, cells, "cifar")


def _check(strategy: str, space: str, chooser: SubsetProvider, pool: Pool) -> None:
    if strategy not in STRATEGIES:
        raise UnknownName("NNI strategy", strategy, STRATEGIES)
    if space not in SPACES:
        raise UnknownName("NNI space", space, SPACES)
    if strategy not in SPACES[space]:
        raise BadInput(
            f"NNI's {strategy} does not run on its space {space}; take {', '.join(SPACES[space])}"
        )
    if chooser.pool.fingerprint != pool.fingerprint:
        raise BadInput(
            f"provider {chooser.name!r} was fitted on pool {chooser.pool.name!r}, not on the given "
            f"{pool.name!r}; fit it on the pool that is searched on"
        )
    if pool.images is None or pool.labels is None:
        raise MissingNeed(f"a search trains on images with labels; pool {pool.name!r} lacks them")
    if pool.images.shape[2] != 3:
        raise BadInput(
            f"the networks of NNI's hub read three channels; images of pool {pool.name!r} have "
            f"{pool.images.shape[2]}. `subsel nas` takes any number"
        )
    if space == "darts" and pool.classes != 10:
        raise BadInput(
            f"NNI's DARTS space has ten classes; pool {pool.name!r} has {pool.classes}. Use "
            "nasbench201, or `subsel nas`"
        )
