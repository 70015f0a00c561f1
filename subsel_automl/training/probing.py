"""A trainer's network as a probe about any pool: its logits, losses, and last layer's gradients.

One forward pass gives both what the last layer reads and what it answers: while the network runs,
its `features` method is listened to. A network that does not call it is run through it once more.
A network without such a method is listened to at the last `nn.Linear` that runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.probe import Recorded

if TYPE_CHECKING:
    from .trainer import Trainer

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Shown:
    """One network, asked about one pool's examples."""

    trainer: Trainer
    pool: Pool

    def logits(self, indices: Rows) -> Values:
        return self.trainer.predict(self.pool, indices).numpy()

    def losses(self, indices: Rows) -> Values:
        return -self.logits(indices)[np.arange(len(indices)), self._y(indices)]

    def last_layer_factors(self, indices: Rows) -> tuple[Values, Values]:
        with _Listening(self.trainer.model) as heard:
            error = np.exp(self.logits(indices))
            if not heard.parts and heard.own is not None:
                self.trainer.predict(self.pool, indices, heard.heard)
        error[np.arange(len(error)), self._y(indices)] -= 1
        inner = torch.cat(heard.parts).numpy()
        return error, np.concatenate([inner, np.ones((len(inner), 1), np.float32)], 1)

    def last_layer_gradients(self, indices: Rows) -> Values:
        error, inner = self.last_layer_factors(indices)
        return (error[:, :, None] * inner[:, None, :]).reshape(len(error), -1)

    def about(self, pool: Pool) -> Shown:
        return Shown(self.trainer, pool)

    def recorded(self) -> Recorded:
        return self.trainer.recorded()

    def _y(self, indices: Rows) -> Rows:
        assert self.pool.labels is not None
        return self.pool.labels[indices]


class _Listening:
    """Keeps what the last layer reads inside a `with` block: one part a batch, on the CPU.

    Raises:
        BadInput: the network has no method `features` and does not end in a linear layer.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.parts: list[Tensor] = []
        own = getattr(model, "features", None)
        self.own: Callable[..., Tensor] | None = None if isinstance(own, nn.Module) else own
        self._hooks: list[Any] = []
        self._read: tuple[Tensor, Tensor] | None = None

    def __enter__(self) -> _Listening:
        if self.own is not None:
            self.model.__dict__["features"] = self.heard
            return self
        layers = [part for part in self.model.modules() if isinstance(part, nn.Linear)]
        self._hooks = [layer.register_forward_hook(self._linear) for layer in layers]
        self._hooks.append(self.model.register_forward_hook(self._answered))
        return self

    def heard(self, x: Tensor) -> Tensor:
        assert self.own is not None
        out = self.own(x)
        self.parts.append(out.float().cpu())
        return out

    def _linear(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._read = inputs[0], output

    def _answered(self, model: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        read, self._read = self._read, None
        if read is None or read[0].ndim != 2 or read[1] is not output:
            raise BadInput(
                f"{type(model).__name__} has no method `features(x)` and does not end in an "
                "nn.Linear that reads a vector; a provider that asks for last-layer gradients "
                "needs a network that shows what its last layer reads"
            )
        self.parts.append(read[0].float().cpu())

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        for hook in self._hooks:
            hook.remove()
        self.model.__dict__.pop("features", None)
