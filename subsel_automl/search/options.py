"""What the searches' options have in common: ranges, a device, and a rate that falls."""

from __future__ import annotations

import math

import numpy as np
import torch

from ..core.errors import BadInput


def cosine(high: float, low: float, share: float) -> float:
    """From high to low as `share` goes from 0 to 1."""
    return low + (high - low) * (1 + math.cos(math.pi * min(1.0, share))) / 2


def mean(losses: list[float]) -> float:
    """Of the steps of an epoch."""
    return float(np.mean(losses)) if losses else float("nan")


def at_least(name: str, value: int, least: int) -> None:
    """Refuse an option that is no whole number from `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadInput(f"{name} is {value!r}; give a whole number from {least}")


def above_zero(name: str, value: float) -> None:
    """Refuse an option that is no finite number above zero."""
    if not (math.isfinite(value) and value > 0):
        raise BadInput(f"{name} is {value!r}; give a number above 0")


def usable_device(name: str) -> None:
    """Refuse a device that torch does not know, or that is not here."""
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise BadInput(f"device is {name!r}; give one of torch's, as cpu or cuda:0") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadInput(
            f"device is {name!r}, and torch sees {torch.cuda.device_count()} CUDA devices here; "
            "give cpu, or install a CUDA build of torch"
        )
