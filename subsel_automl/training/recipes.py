"""How a trial trains: optimizer, schedule, batch, augmentations, each number with its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR, StepLR

from ..core.errors import BadInput, UnknownName

AUGMENTATIONS = ("none", "flip-crop")  # Table 7: FMNIST normalises only, CIFAR flips and crops


@dataclass(frozen=True)
class Recipe:
    """One way to train.

    Args:
        optimizer: {"name": "sgd" | "adam" | "rmsprop", "lr": ..., ...torch's own arguments}.
        scheduler: {"name": "one-cycle" | "cosine" | "step" | "constant", ...}; "step" takes
            `step_size` in hundredths of the training and `gamma` (D.4 counts 100 epochs).
        batch: examples a step.
        augment: one of AUGMENTATIONS.
        clip: largest norm of a step's gradient; 0 clips nothing.
    """

    optimizer: Mapping[str, Any] = field(
        default_factory=lambda: {
            "name": "sgd",
            "lr": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 5e-4,
        }
    )
    scheduler: Mapping[str, Any] = field(default_factory=lambda: {"name": "one-cycle"})
    batch: int = 64
    augment: str = "none"
    clip: float = 0.0

    def __post_init__(self) -> None:
        if self.batch < 2:
            raise BadInput(f"batch is {self.batch}; batch norm needs at least 2 examples a step")
        if not 0 <= self.clip < float("inf"):
            raise BadInput(f"clip is {self.clip}; give a norm above 0, or 0 for none")
        if self.augment not in AUGMENTATIONS:
            raise UnknownName("augmentation", self.augment, AUGMENTATIONS)

    def make(self, model: nn.Module, steps: int) -> tuple[torch.optim.Optimizer, LRScheduler]:
        """Optimizer and per-step schedule for a training of `steps` steps."""
        optimizer = _optimizer(model, self.optimizer)
        try:
            return optimizer, _scheduler(optimizer, self.scheduler, max(1, steps))
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise BadInput(f"scheduler {dict(self.scheduler)} is unusable: {error!r}") from error


def _optimizer(model: nn.Module, spec: Mapping[str, Any]) -> torch.optim.Optimizer:
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}
    options = dict(spec)
    name = options.pop("name", None)
    if name not in kinds:
        raise UnknownName("optimizer", name, kinds)
    try:
        return kinds[name](model.parameters(), **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"optimizer {name!r} refused its options {options}: {error}") from error


def _scheduler(
    optimizer: torch.optim.Optimizer, spec: Mapping[str, Any], steps: int
) -> LRScheduler:
    options = dict(spec)
    name = options.pop("name", None)
    if name == "one-cycle":
        rate = optimizer.param_groups[0]["lr"]
        momentum = "momentum" in optimizer.defaults and optimizer.defaults["momentum"] > 0
        total = max(steps + 1, 5)  # torch divides by total / 4 - 1
        return OneCycleLR(
            optimizer, rate, total, pct_start=0.25, cycle_momentum=momentum, **options
        )
    if name == "cosine":
        return CosineAnnealingLR(optimizer, steps, **options)
    if name == "step":
        size = max(1, round(steps * float(options.pop("step_size")) / 100))
        return StepLR(optimizer, size, **options)
    if name == "constant":
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0, **options)
    raise UnknownName("scheduler", name, ("one-cycle", "cosine", "step", "constant"))


def paper_recipe() -> Recipe:
    """The released settings: Adam 1e-3, weight decay 1e-5, batch 128 (for 150 epochs)."""
    return Recipe(
        {"name": "adam", "lr": 1e-3, "weight_decay": 1e-5}, {"name": "constant"}, batch=128
    )
