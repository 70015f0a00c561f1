"""What a network is given and what it returns: devices, where the logits are, what they say.

A network may return a tensor, a mapping or an object with `logits`, or a tuple whose first part
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.task import CLASSIFICATION, MULTI_LABEL, REGRESSION


class Given(NamedTuple):
    """Arguments of a network, by place and by name."""

    args: tuple[Any, ...]
    named: Mapping[str, Any]


def moved(x: Any, device: torch.device) -> Any:
    """A network's input on a device: a tensor, or any structure of them."""
    if isinstance(x, Given):
        return Given(moved(x.args, device), moved(x.named, device))
    if isinstance(x, Mapping):
        return {name: moved(value, device) for name, value in x.items()}
    if type(x) in (tuple, list):
        return type(x)(moved(value, device) for value in x)
    return x.to(device) if isinstance(x, Tensor) else x


def cast(x: Any, dtype: torch.dtype) -> Any:
    """Real numbers in the network's own type; what a loop gave stays as it gave it."""
    if isinstance(x, Mapping):
        return {name: cast(value, dtype) for name, value in x.items()}
    real = isinstance(x, Tensor) and x.is_floating_point() and dtype.is_floating_point
    return x.to(dtype) if real else x


def answer(network: nn.Module, x: Any) -> Any:
    """What it makes of a tensor, or of a mapping of arguments by name."""
    if isinstance(x, Given):
        return network(*x.args, **x.named)
    return network(**x) if isinstance(x, Mapping) else network(x)


def answers_of(logits: Tensor, pool: Pool, model: Any) -> Tensor:
    """What raw outputs say in the pool's task, float32 [b, k] on the CPU.

    Raises:
        BadInput: fewer outputs than the task has.
    """
    raw = logits.detach().float()
    raw = raw[:, None] if raw.ndim == 1 else raw
    if pool.task == CLASSIFICATION and raw.shape[1] == 1 and pool.classes == 2:
        raw = torch.cat([logsigmoid(sign * raw) for sign in (-1, 1)], 1)
    exact = pool.task not in ("", CLASSIFICATION)
    if raw.shape[1] < pool.outputs or (exact and raw.shape[1] != pool.outputs):
        what = {REGRESSION: "targets", MULTI_LABEL: "labels an example"}.get(pool.task, "classes")
        raise BadInput(
            f"{type(model).__name__} gives {raw.shape[1]} outputs, and pool {pool.name!r} has "
            f"{pool.outputs} {what}; a provider that asks the network needs an output for each"
        )
    if pool.task == MULTI_LABEL:
        return logsigmoid(raw).cpu()
    return raw.cpu() if pool.task == REGRESSION else torch.log_softmax(raw, 1).cpu()


def logits_of(said: Any, model: nn.Module) -> Tensor:
    """The logits [b, classes], or [b] of one, in what a network returned: a tensor, a mapping or
    an object with `logits`, or a tuple whose first part they are.

    Raises:
        BadInput: nothing of that kind, or logits of another shape.
    """
    found = said
    if isinstance(said, Mapping):
        found = said.get("logits")
    elif not isinstance(said, Tensor):
        found = getattr(said, "logits", None)
        if found is None and isinstance(said, (tuple, list)) and said:
            found = said[0]
    if not isinstance(found, Tensor) or found.ndim not in (1, 2):
        shape = f" of shape {tuple(found.shape)}" if isinstance(found, Tensor) else ""
        raise BadInput(
            f"{type(model).__name__} returned {type(said).__name__}{shape}; a provider that asks "
            "the network needs outputs [examples, classes]: return them as a tensor, under the "
            "name 'logits' (dict, ModelOutput, dataclass), or first in a tuple"
        )
    return found


def as_written(model: nn.Module, listen: bool) -> nn.Module:
    """The user's own module inside its wrappers: a rank that asks alone must not wait for others,
    and compiled code does not call hooks that were set later."""
    while True:
        if listen and isinstance(getattr(model, "_orig_mod", None), nn.Module):
            model = model._orig_mod  # type: ignore[assignment]
        elif type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            model = model.module  # type: ignore[assignment]
        else:
            return model
