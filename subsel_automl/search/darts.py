"""DARTS: operations mixed by softmax(alpha), alpha trained by gradient beside the weights.

Before every weight step alpha moves against its gradient on the architecture half: at the weights
as they are (`darts`), or through one step of them (`darts2`; bilevel.py). The cell is what the
strongest operations spell.

    alpha: Adam 3e-4 (0.5, 0.999), weight decay 1e-3; eta is the weights' current rate.

Source: Liu et al. 2019, Algorithm 1 and A.1.

Deviations: none (those of base.py and supernet.py apart).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from .base import SupernetSearch
from .bilevel import first_order, second_order
from .halves import Batch, Halves
from .options import above_zero, mean
from .run import Run


@dataclass(frozen=True, kw_only=True)
class Darts(SupernetSearch):
    """First order.

    Args:
        alpha_rate, alpha_decay: of the architecture's Adam.
    """

    name: ClassVar[str] = "darts"
    source: ClassVar[str] = "Liu et al. 2019, Algorithm 1, first order; settings A.1"
    order: ClassVar[int] = 1

    alpha_rate: float = 3e-4
    alpha_decay: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        above_zero("alpha_rate", self.alpha_rate)

    def _prepare(self, run: Run) -> None:
        super()._prepare(run)
        run.optimizers["architecture"] = architecture_adam(run, self.alpha_rate, self.alpha_decay)

    def _train(self, run: Run, parts: Halves) -> float:
        rng = run.rng(run.epoch, 0xDA)
        weights, held = parts.weights.batches(rng), parts.architecture.batches(rng)
        losses = []
        for _ in range(self._steps(parts)):
            batch = next(weights)
            architecture_step(run, batch, next(held), self.order)
            losses.append(self._weight_step(run, batch, run.supernet.mixture()))
        return mean(losses)


@dataclass(frozen=True, kw_only=True)
class Darts2(Darts):
    """Second order."""

    name: ClassVar[str] = "darts2"
    source: ClassVar[str] = "Liu et al. 2019, Algorithm 1, second order (Eqs. 7, 8); settings A.1"
    order: ClassVar[int] = 2


def architecture_adam(run: Run, rate: float, decay: float) -> torch.optim.Adam:
    """Adam over alpha and beta."""
    parameters = run.supernet.architecture_parameters()
    return torch.optim.Adam(parameters, rate, (0.5, 0.999), weight_decay=decay)


def architecture_step(run: Run, train: Batch, held: Batch, order: int) -> None:
    """One step of alpha (and beta) on the held-out batch."""
    alphas = run.supernet.architecture_parameters()
    weights = run.supernet.weight_parameters()

    def train_loss(at: Mapping[str, Tensor]) -> Tensor:
        return run.loss(train, run.supernet.mixture(), at, exact=True)

    def held_loss(at: Mapping[str, Tensor]) -> Tensor:
        return run.loss(held, run.supernet.mixture(), at, exact=order == 2)

    if order == 1:
        found = first_order(held_loss, weights, alphas)
    else:
        optimizer = run.optimizers["weights"]
        group = optimizer.param_groups[0]
        buffers = {k: optimizer.state[w].get("momentum_buffer") for k, w in weights.items()}
        found = second_order(
            train_loss,
            held_loss,
            weights,
            alphas,
            eta=group["lr"],
            velocity={k: v for k, v in buffers.items() if v is not None},
            momentum=group["momentum"],
            decay=group["weight_decay"],
        )
    for alpha, gradient in zip(alphas, found, strict=True):
        alpha.grad = gradient
    run.optimizers["architecture"].step()
    run.costs["architecture_steps"] += 1
