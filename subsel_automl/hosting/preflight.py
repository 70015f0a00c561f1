"""One real training step before a search starts: a network that can't train fails here in a second,
with one sentence, and not in every trial.

    one_step(model, pool)

The step is the one that a trial makes (`training/trainer.py`: its memory layout, its precision, its
loss), on the pool's own rows and in train mode; tracing a network needs none of these.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..core.errors import BadInput
from ..core.pool import Pool
from ..training.recipes import Recipe
from ..training.trainer import Batch, Trainer

SHOWN = 200  # characters of an error


def one_step(model: nn.Module, pool: Pool, batch: int = 64) -> None:
    """Train for one step: forward, loss, backward, optimizer.

    Args:
        model: fresh, since it is trained.
        pool: with labels; `batch` of its rows are read, from its beginning to its end.

    Raises:
        BadInput: what failed, in which part of the step.
    """
    rows = np.linspace(0, len(pool) - 1, min(batch, len(pool))).astype(np.int64)
    step = _Step(model, pool)
    hook = model.register_forward_hook(step.answered)
    try:
        with torch.random.fork_rng(devices=[]):
            trainer = Trainer(model, pool, Recipe(), steps=1, seed=0)
            loss = trainer.step(Batch(rows))
    except BadInput:
        raise
    except Exception as error:  # the user's own code: anything
        shown = " ".join(str(error).split())[:SHOWN]
        raise step.refused(f"fails in its {step.part}: {type(error).__name__}: {shown}") from error
    finally:
        hook.remove()
    if not math.isfinite(loss):
        raise step.refused(f"has the loss {loss} on its first batch")


class _Step:
    """How far the step came."""

    def __init__(self, model: nn.Module, pool: Pool) -> None:
        self.model, self.pool, self.part = model, pool, "forward pass"
        if not any(weight.requires_grad for weight in model.parameters()):
            raise self.refused("has no weight that requires a gradient")

    def answered(self, model: nn.Module, inputs: Any, answer: Any) -> None:
        if not model.training:
            return  # the trainer's look at precisions
        wanted = f"{self.pool.classes} logits an example"
        if not isinstance(answer, Tensor):
            raise self.refused(f"answers {type(answer).__name__} in train mode; give {wanted}")
        if answer.ndim != 2 or answer.shape[1] != self.pool.classes:
            raise self.refused(f"answers {list(answer.shape)} in train mode; give {wanted}")
        if not answer.requires_grad:
            raise self.refused(
                "gives an answer without a gradient; look for detach() or no_grad() in its forward"
            )
        self.part = "loss"
        answer.register_hook(self._backward)  # type: ignore[no-untyped-call]

    def _backward(self, gradient: Tensor) -> None:
        self.part = "backward pass"

    def refused(self, what: str) -> BadInput:
        return BadInput(
            f"{type(self.model).__name__} can't be trained on pool {self.pool.name!r}: it {what}. "
            "No trial was started"
        )
