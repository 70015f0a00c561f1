"""Images of any number type as uint8 [n, h, w, c], with their range kept: never wrapped or clipped.

One rule for a whole data set, so that brightness still compares between its images:

    uint8; whole numbers in 0..255        as they are
    bool                                  0 and 255
    whole numbers from 0 beyond 255       v >> (bits - 8), bits those of the largest (16: v >> 8)
    real numbers in [0, 1]                round(255 v)
    real numbers in [-1, 1]               round(255 (v + 1) / 2)
    anything else                         round(255 (v - least) / (most - least))

The third, the fifth and the last say so in a warning.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import PoolError

PART = 1024  # images at a time: the scaling is done in float64


def as_pixels(images: npt.NDArray[Any], name: str) -> npt.NDArray[np.uint8]:
    """uint8 pixels of the images [n, ...] of pool `name`; see the module's table.

    Raises:
        PoolError: NaN or infinity among the pixels, or no numbers.
    """
    if images.dtype == np.uint8 or not images.size:
        return images
    if images.dtype.kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    if images.dtype.kind not in "iuf":
        raise PoolError(f"images of pool {name!r} are {images.dtype}; give numbers, best as uint8")
    _finite(images, name)
    low, high = images.min().item(), images.max().item()
    if low >= 0 and high <= 255 and _whole(images, high):
        return images.astype(np.uint8)
    if images.dtype.kind != "f" and low >= 0:
        shift = int(high).bit_length() - 8
        _say(images, name, low, high, f"v >> {shift}")
        return (images >> shift).astype(np.uint8)
    if low >= 0 and high <= 1:
        return _scaled(images, 0.0, 1.0)
    if low >= -1 and high <= 1 and images.dtype.kind == "f":
        _say(images, name, low, high, "round(255 (v + 1) / 2)")
        return _scaled(images, -1.0, 1.0)
    _say(images, name, low, high, f"round(255 (v - {low:.6g}) / {float(high) - float(low):.6g})")
    return _scaled(images, float(low), float(high))


def _finite(images: npt.NDArray[Any], name: str) -> None:
    for start in range(0, len(images), PART):
        part = images[start : start + PART]
        bad = ~np.isfinite(part).reshape(len(part), -1).all(1)
        if bad.any():
            raise PoolError(
                f"image {start + int(bad.argmax())} of pool {name!r} holds NaN or infinity; fill "
                "or drop it"
            )


def _whole(images: npt.NDArray[Any], high: float) -> bool:
    """Whole numbers as pixels are; real 0 and 1 alone are a range of their own."""
    if images.dtype.kind != "f":
        return True
    parts = (images[start : start + PART] for start in range(0, len(images), PART))
    return high > 1 and all(bool((part == np.rint(part)).all()) for part in parts)


def _scaled(images: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.uint8]:
    scaled = np.empty(images.shape, np.uint8)
    factor = 255 / (high - low) if high > low else 0.0
    for start in range(0, len(images), PART):
        part = images[start : start + PART].astype(np.float64)
        scaled[start : start + PART] = np.rint((part - low) * factor).astype(np.uint8)
    return scaled


def _say(images: npt.NDArray[Any], name: str, low: float, high: float, rule: str) -> None:
    warnings.warn(
        f"images of pool {name!r} are {images.dtype} in {low:.6g}..{high:.6g}; they are stored as "
        f"uint8 by {rule}, one rule for all of them. Give uint8 to choose another",
        stacklevel=2,
    )
