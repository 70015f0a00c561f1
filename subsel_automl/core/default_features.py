"""Features of a Dataset's examples when the caller gives none, or gives a function.

    up to 512 numbers       as they are (uint8: v / 255)
    more                    64 principal components, found on at most 8,192 evenly spaced examples
    more than 4,096         first folded into 4,096 sums with random signs (a count sketch), so that
                            large images fit the memory; inner products are kept on average
    rows of several lengths whole numbers (tokens): how often each comes, hashed into 64 places;
                            real numbers [length, ...]: mean, spread, least, largest; and the length

Sources: Pearson 1901 (components); Charikar, Chen and Farach-Colton 2002, Weinberger et al. 2009
(sketch). Deviations: none. Everything is deterministic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import PoolError
from .examples import as_array

Array = npt.NDArray[Any]
Features = npt.NDArray[np.float32]
RAW, COMPONENTS, FOLDED, ROWS, TOKENS = 512, 64, 4096, 8192, 64


def looker(look: Callable[[Any], Any] | None, name: str) -> Callable[[Any, int], Features]:
    """(inputs of a batch, number of its first example) -> [b, d], by `look` or from the numbers."""
    return _Flat(name) if look is None else _Asked(look, name)


class _Flat:
    """Inputs of one shape as rows of numbers; see the module's table."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.shape: tuple[int, ...] | None = None

    def __call__(self, inputs: Any, start: int) -> Features:
        whole = inputs if hasattr(inputs, "shape") else None
        parts = [self._numbers(x, start + i) for i, x in enumerate(inputs)] if whole is None else []
        array = np.stack(parts) if whole is None else self._column(as_array(whole))
        rows = array.reshape(len(array), -1)
        scale = np.float32(255 if rows.dtype == np.uint8 else 1)
        if rows.shape[1] <= FOLDED:
            return _single(rows) / scale
        rng = np.random.default_rng(0)
        place = rng.integers(FOLDED, size=rows.shape[1])
        sign = rng.choice((-1.0, 1.0), rows.shape[1]) / float(scale)
        return _single(np.stack([np.bincount(place, row * sign, FOLDED) for row in rows]))

    def _column(self, array: Array) -> Array:
        if array.dtype.kind not in "fiub":
            raise PoolError(f"inputs of pool {self.name!r} are {array.dtype}; {_GIVE}")
        return array

    def _numbers(self, value: Any, row: int) -> Array:
        try:
            array = as_array(value)
        except (ValueError, TypeError):
            array = np.array(None)
        if array.dtype.kind not in "fiub":
            raise PoolError(
                f"the input of item {row} of pool {self.name!r} is {type(value).__name__}, no "
                f"array of numbers; {_GIVE}"
            )
        first = self.shape = array.shape if self.shape is None else self.shape
        if array.shape == first:
            return array
        if array.ndim == len(first) >= 1 and array.shape[1:] == first[1:]:
            raise RaggedItems
        raise PoolError(
            f"the input of item {row} of pool {self.name!r} has shape {array.shape}, the first "
            f"one {first}; bring them to one shape, or {_GIVE}"
        )


class RaggedItems(Exception):
    """Inputs are of several lengths: they are read again, by `ragged`."""


def ragged(inputs: Any, start: int) -> Features:
    """Features of rows of several lengths, [b, d]."""
    return _single(np.stack([_of_length(as_array(item)) for item in inputs]))


def _of_length(array: Array) -> Array:
    size = [np.log1p(len(array))]
    if array.dtype.kind != "f":
        places = (array.astype(np.int64).ravel() * 2654435761 >> 8) % TOKENS
        return np.concatenate([np.bincount(places, minlength=TOKENS) / max(array.size, 1), size])
    rows = array.reshape(len(array), -1) if array.ndim > 1 else array[:, None]
    rows = rows if len(rows) else np.zeros((1, rows.shape[1]))
    return np.concatenate([rows.mean(0), rows.std(0), rows.min(0), rows.max(0), size])


_GIVE = "give features=[n, d] of your own, or a function of a batch of inputs, features=embed"


class _Asked:
    """Features by the caller's function of a batch of inputs."""

    def __init__(self, look: Callable[[Any], Any], name: str) -> None:
        self.look, self.name = look, name

    def __call__(self, inputs: Any, start: int) -> Features:
        asked = _collated(inputs)
        answer = as_array(self.look(asked))
        if answer.ndim != 2 or len(answer) != len(inputs):
            raise PoolError(
                f"features(batch) gave shape {answer.shape} for {len(inputs)} inputs of pool "
                f"{self.name!r}; give [{len(inputs)}, d]"
            )
        return _single(answer)


def _collated(inputs: Any) -> Any:
    """Tensors and arrays of one shape in one; anything else as the list that it is."""
    first = inputs[0]
    if hasattr(inputs, "shape") or len({getattr(x, "shape", None) for x in inputs}) > 1:
        return inputs
    if hasattr(first, "new_empty"):  # a tensor, without importing torch
        stacked = first.new_empty((len(inputs), *first.shape))
        for i, x in enumerate(inputs):
            stacked[i] = x
        return stacked
    return np.stack(inputs) if isinstance(first, np.ndarray) else inputs


def _single(rows: Array) -> Features:
    with np.errstate(over="ignore"):  # infinity is refused, by name, with all other rows
        return np.asarray(rows, np.float32)


def components(rows: Features) -> Callable[[Features], Features]:
    """The projection on the first principal components, each with its largest entry positive."""
    some = np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.int64)
    sample = rows[some].astype(np.float64)
    mean = sample.mean(0)
    sample -= mean
    if len(sample) < sample.shape[1]:
        axes = np.linalg.svd(sample, full_matrices=False)[2].T
    else:
        axes = np.linalg.eigh(sample.T @ sample)[1][:, ::-1]
    axes = axes[:, :COMPONENTS]
    axes = axes * np.where(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])] < 0, -1, 1)

    def project(features: Features) -> Features:
        if features.shape[1] != len(mean):
            raise PoolError(
                f"validation examples have {features.shape[1]} numbers each, the pool's "
                f"{len(mean)}; give both in one shape"
            )
        parts = [features[i : i + ROWS].astype(np.float64) for i in range(0, len(features), ROWS)]
        return np.concatenate([((part - mean) @ axes).astype(np.float32) for part in parts])

    return project
