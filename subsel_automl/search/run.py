"""One search while it runs: the supernet, its optimizers, what was seen and what was spent.

Everything that a search changes is held here, so that it can be saved between two epochs
(checkpoint.py); random draws follow from the seed and the epoch, so there is no generator to save.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.func import functional_call

from ..core.architecture import Architecture
from ..core.errors import MissingNeed
from ..core.feed import SubsetFeed
from ..core.pool import Pool
from ..core.subset import Subset
from ..training.inputs import Inputs, PoolDataset
from ..training.losses import example_losses
from ..training.probe import ModelProbe
from ..training.seeded import seeded
from .cells import CellPlan
from .halves import Batch, Rows
from .mixed import Mix
from .supernet import COMPANY, Supernet

CPU = torch.device("cpu")
COSTS = (
    "seconds",
    "cpu_seconds",
    "select_seconds",
    "select_cpu_seconds",
    "refresh_seconds",
    "refresh_cpu_seconds",
    "evaluate_seconds",
    "evaluate_cpu_seconds",
    "weight_steps",
    "architecture_steps",
    "evaluations",
)


class Run:
    """A search's state.

    Args:
        plan: of the space.
        feed: of the pool; images and labels are needed.
        sizes: of the supernet.
        seed: of every draw.
        bf16: passes multiply in bf16.
        device: of the supernet.

    Raises:
        MissingNeed: the pool has no images or no labels.
    """

    def __init__(
        self,
        plan: CellPlan,
        feed: SubsetFeed,
        sizes: Mapping[str, Any],
        seed: int,
        bf16: bool = False,
        device: torch.device = CPU,
    ) -> None:
        pool = feed.provider.pool
        if pool.images is None or pool.labels is None:
            raise MissingNeed(
                f"a search trains on images with labels; pool {pool.name!r} lacks them"
            )
        self.plan, self.feed, self.pool, self.seed = plan, feed, pool, seed
        self.bf16, self.device = bf16, device
        self.inputs = Inputs(pool)
        self.labels = torch.from_numpy(np.array(pool.labels))
        self.sizes = {"in_channels": pool.images.shape[2], "classes": pool.classes, **sizes}
        self.supernet = self.fresh(0)
        self.probe = ModelProbe(self.supernet, pool, PoolDataset(pool))
        self.rank = np.random.default_rng([seed, 0x2A1F]).permutation(len(pool))
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        self.modules = nn.ModuleDict()  # what a search learns beside the supernet
        self.notes: dict[str, Any] = {}  # what it remembers, in JSON's types
        self.epoch = 0
        self.curve: list[dict[str, Any]] = []
        self.lessons = 0  # that the provider was taught
        self.costs: dict[str, float] = dict.fromkeys(COSTS, 0)
        self.seen: list[tuple[Rows, npt.NDArray[np.float32]]] = []

    def fresh(self, salt: int) -> Supernet:
        """A supernet with new weights."""
        with seeded(int(self.rng(0xF8E5, salt).integers(2**31))):
            made = Supernet(self.plan, **self.sizes)
        rows = np.linspace(0, len(self.pool) - 1, min(COMPANY, len(self.pool))).astype(np.int64)
        made.company = self.inputs(self.pool, rows)
        return made.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def rng(self, *salt: int) -> np.random.Generator:
        """The generator of a purpose: the same in any process."""
        return np.random.default_rng([self.seed, *salt])

    def one_pass(self) -> Tensor:
        """A few examples through all operations."""
        rows = np.arange(min(2, len(self.pool)))
        x = self.inputs(self.pool, rows).to(self.device)
        return self.supernet(x, self.supernet.mixture())  # type: ignore[no-any-return]

    # the feed
    def asked(self, epoch: int, architecture: Architecture) -> Subset:
        """The feed's subset for this epoch; what was seen before it is forgotten."""
        provider = self.feed.provider
        seconds, cpu = provider.spent_seconds, provider.spent_cpu_seconds
        subset = self.feed.at(epoch, architecture, self.probe)
        self.costs["select_seconds"] += provider.spent_seconds - seconds
        self.costs["select_cpu_seconds"] += provider.spent_cpu_seconds - cpu
        self.seen = []
        self.probe.begin_epoch()
        return subset

    def record(self, rows: Rows, logits: npt.NDArray[np.float32]) -> None:
        """What the probe shows as seen; kept, because a checkpoint needs it too."""
        self.seen.append((rows, logits))
        self.probe.record(rows, logits)

    # losses
    def loss(
        self,
        batch: Batch,
        mix: Mix,
        weights: Mapping[str, Tensor] | None = None,
        *,
        recorded: bool = False,
        exact: bool = False,
    ) -> Tensor:
        """Mean loss of a batch.

        Args:
            weights: stand for the supernet's own.
            recorded: the probe shows what was answered.
            exact: in fp32, for differences of losses that lie close together.
        """
        x = self.inputs(self.pool, batch.rows).to(self.device)
        self.supernet.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16 and not exact):
            logits = functional_call(self.supernet, dict(weights or {}), (x, mix)).float()
        if recorded:
            self.record(batch.rows, logits.detach().cpu().numpy())
        y = self.labels[batch.rows].to(self.device)
        losses = example_losses(logits, y, batch.targets, self.feed.soft)
        return _mean(losses, batch.weights)

    @torch.no_grad()
    def accuracy(
        self,
        rows: Rows,
        mix: Mix,
        pool: Pool | None = None,
        batch: int = 256,
    ) -> float:
        """Share of a pool's rows that a pass answers rightly; costs one evaluation."""
        began, cpu = time.perf_counter(), time.process_time()
        held = pool is not None and pool is not self.pool
        pool = self.pool if pool is None else pool
        assert pool.labels is not None
        self.supernet.eval()
        right = 0
        for part in np.array_split(rows, -(-len(rows) // batch)):
            x = self.inputs(pool, part).to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                logits = self.supernet(x, mix)
            right += int((logits.argmax(1).cpu().numpy() == pool.labels[part]).sum())
        self.costs["evaluations"] += 1
        if held:  # the same examples, however large the subset is
            self._spent("evaluate", began, cpu)
        return right / len(rows)

    def _spent(self, part: str, began: float, cpu: float) -> None:
        """Wall and CPU seconds since then belong to a part of the bill."""
        name = f"{part}_" if part else ""
        self.costs[f"{name}seconds"] += time.perf_counter() - began
        self.costs[f"{name}cpu_seconds"] += time.process_time() - cpu

    @contextmanager
    def billed(self, part: str = "") -> Iterator[None]:
        """Wall and CPU seconds of a block: of the search, or of a part of it."""
        began, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self._spent(part, began, cpu)


def _mean(losses: Tensor, weights: npt.NDArray[np.float32] | None) -> Tensor:
    if weights is None:
        return losses.mean()
    w = torch.from_numpy(weights).to(losses)
    return (losses * w).sum() / w.sum().clamp_min(1e-12)
