"""The first batch's soft targets, which look at what the user's loop does with them.

Losses and metrics that want class numbers either raise far from the cause or are silently wrong on
distributions [b, c]. In the first batch of a loader y is a `CheckedTargets`: it answers as any
tensor does, but for the uses below, which get a sentence that names the remedy. Later batches are
plain tensors.

    nll_loss, multi_margin_loss, ...        want class numbers
    y == prediction, y.long(), one_hot(y)   a distribution is no class number
    cross_entropy(softmax(x), y)            wants logits: a warning, for it may be meant
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.task import REGRESSION
from .items import Place, label_place, part, replaced

BY_NUMBER = ("nll_loss", "nll_loss_nd", "gaussian_nll_loss", "multi_margin_loss", "one_hot")
COMPARED = ("eq", "__eq__", "ne", "__ne__", "isin")
KEPT = (
    "to", "cpu", "cuda", "float", "half", "double", "bfloat16", "type", "type_as", "clone",
    "detach", "contiguous", "view", "reshape", "squeeze", "unsqueeze", "flatten", "__getitem__",
    "requires_grad_",
)  # fmt: skip
CASTS = ("to", "type", "type_as", "long", "int", "short", "char", "byte", "bool")
ABOUT = "this trial trains on soft targets, so y of a batch is a distribution a row"


class CheckedTargets(Tensor):
    """Soft targets [b, c], or [b] of two classes."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        if name in BY_NUMBER:
            raise BadInput(
                f"{name} takes class numbers; {ABOUT}. Let the network return logits and take "
                "cross_entropy(logits, y), or from log-probabilities -(y * log_p).sum(1).mean(); "
                "or train with targets='labels'"
            )
        if name in COMPARED:
            raise BadInput(
                f"a comparison of y with a prediction wants class numbers; {ABOUT}. Compare with "
                "y.argmax(1) (of labels or two classes: y > 0.5), or train with targets='labels'"
            )
        if name == "cross_entropy" and len(args) > 1:
            _probabilities(args[0])
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **kwargs)
        if name in CASTS and isinstance(result, Tensor) and not result.is_floating_point():
            raise BadInput(
                f"y.{name}(...) makes whole numbers of y, nearly all 0; {ABOUT}. Leave the cast "
                "out, take y.argmax(1), or train with targets='labels'"
            )
        kept = name in KEPT and isinstance(result, Tensor)
        return result.as_subclass(cls) if kept else result


def checked(batch: Any, label: Place | None, feed: SubsetFeed) -> Any:
    """The batch with soft targets of classes or labels as `CheckedTargets`, where it has any."""
    if feed.targets != "soft" or feed.provider.pool.task == REGRESSION:
        return batch
    place = label_place(batch, label)
    y = None if place is None else part(batch, place)
    if place is None or not isinstance(y, Tensor):
        return batch
    return replaced(batch, place, y.as_subclass(CheckedTargets))


def _probabilities(outputs: Any) -> None:
    """Warn where what cross_entropy is given has been through a softmax already."""
    if not isinstance(outputs, Tensor) or outputs.ndim != 2:
        return
    rows = outputs.detach().float()
    ones = (rows.sum(1) - 1).abs().max() < 1e-3
    if bool(ones) and bool((rows >= 0).all()):
        warnings.warn(
            "cross_entropy was given probabilities (rows of numbers from 0 that sum to 1), and "
            "wants logits: leave the softmax at the network's end out",
            UserWarning,
            stacklevel=4,
        )


def say_soft(error: BaseException) -> None:
    """A trial failed in its first batch of soft targets, and not by a sentence of ours."""
    if isinstance(error, BadInput):
        return
    warnings.warn(
        f"the trial failed in its first batch ({type(error).__name__}), and {ABOUT}: a loss that "
        "takes class numbers is replaced by cross_entropy on logits, a metric that does is given "
        "y.argmax(1); or train with targets='labels'",
        UserWarning,
        stacklevel=3,
    )
