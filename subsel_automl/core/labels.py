"""Labels of a Dataset as a Pool takes them: whole numbers from 0, names in sorted order, real
numbers, or rows of numbers (`core/task.py` says what task they make)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .classes import named
from .errors import PoolError
from .examples import BATCH, LABEL_KEYS, Place, as_array

Array = npt.NDArray[Any]


def labels_of(
    dataset: Any,
    found: list[Any],
    told: npt.ArrayLike | None,
    name: str,
    *,
    label: Place = None,
    class_names: Sequence[str] = (),
) -> tuple[npt.NDArray[Any] | None, tuple[str, ...]]:
    """Labels [n] or [n, k], and class names.

    Args:
        found: labels batch by batch, as the items hold them; empty when they hold none.
        told: labels that the caller gave, which win.
        label: their place in an item.
        class_names: that the caller gave; by default what the Dataset says of itself.

    Raises:
        PoolError: labels that are no classes, too few or too many, or without a name.
    """
    n, names = len(dataset), tuple(map(str, class_names))
    values = _values(found, name) if told is None else _told(told, found, name, n)
    if values is None:
        return None, ()
    if values.dtype.kind == "f" or values.ndim == 2:
        return values, names
    if not names:
        names = _names(dataset, label)
        text = values.dtype.kind == "U"
        fits = set(values.tolist()) <= set(names) if text else values.max() < len(names)
        names = names if fits else ()
    return named(values, names) if values.dtype.kind == "U" else (values, names)


def _values(found: list[Any], name: str) -> Array | None:
    """Labels as whole numbers or as text, [n]; None when the Dataset has none."""
    if not found:
        return None
    parts = [_part(part, i * BATCH, name) for i, part in enumerate(found)]
    kinds = {part.dtype.kind for part in parts}
    if len({"text" if kind == "U" else "number" for kind in kinds}) > 1 or kinds - set("iubfU"):
        raise PoolError(
            f"labels of pool {name!r} are of several kinds or of none; give all of them as whole "
            "numbers from 0, or all as names"
        )
    if len({part.shape[1:] for part in parts}) > 1:
        raise PoolError(f"labels of pool {name!r} are rows of several lengths; give all one length")
    values = np.concatenate(parts)
    if values.dtype.kind in "Uf" or values.ndim == 2:
        return values
    return values.astype(np.int64)


def _part(part: Any, start: int, name: str) -> Array:
    if hasattr(part, "shape"):
        array = as_array(part)
        array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    else:
        array = _stacked(part)
    if array.ndim not in (1, 2) or array.dtype.kind == "O":
        raise PoolError(
            f"among the labels {start}..{start + len(part) - 1} of pool {name!r} is one that is no "
            "single class (None, a nested list, rows of several lengths, or names beside numbers); "
            "give one whole number, name, real number or row of numbers an example, labels=[...]"
        )
    return array


def _stacked(part: Any) -> Array:
    plain = [_plain(value) for value in part]
    vectors = [isinstance(value, np.ndarray) for value in plain]
    if any(vectors):
        same = all(vectors) and len({value.shape for value in plain}) == 1
        return np.stack(plain) if same else np.array(None)
    mixed = len({isinstance(value, str) for value in plain}) > 1
    return np.array(None) if None in plain or mixed else np.asarray(plain)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (int, float, str)):
        return value
    try:
        array = as_array(value)
    except (ValueError, TypeError):
        return None
    if array.ndim == 1 and array.size > 1 and array.dtype.kind in "iufb":
        return array
    return array.item() if array.size == 1 else None


def _told(labels: npt.ArrayLike, found: list[Any], name: str, n: int) -> Array | None:
    """Labels that the caller gave: they win, and a difference from the Dataset's own is said."""
    array = as_array(labels)
    if len(array.shape) == 0 or len(array) != n:
        raise PoolError(
            f"labels= has {len(array) if array.shape else 'no'} entries for the {n} examples of "
            f"pool {name!r}; give one an example, in the Dataset's order"
        )
    told = _values([array if array.dtype.kind != "O" else array.tolist()], name)
    try:
        own = _values(found, name)
    except PoolError:  # no classes: there is nothing to compare with
        own = None
    if told is None or own is None or (told.dtype.kind == "U") != (own.dtype.kind == "U"):
        return told
    if told.shape != own.shape:
        return told
    wrong = np.flatnonzero((told != own).reshape(n, -1).any(1))
    if len(wrong):
        row = int(wrong[0])
        warnings.warn(
            f"labels= of pool {name!r} differ from the Dataset's own in {len(wrong)} of {n} "
            f"examples (first: {row}, {told[row]} against {own[row]}); labels= counts. Loaders "
            "refuse a Dataset whose labels are not the pool's: are both in one order?",
            stacklevel=4,
        )
    return told


def _names(dataset: Any, label: Place) -> tuple[str, ...]:
    """Class names that the Dataset has: torchvision's `classes`, Hugging Face's `ClassLabel`."""
    while type(dataset).__name__ == "Subset" and hasattr(dataset, "dataset"):
        dataset = dataset.dataset
    columns = getattr(dataset, "features", None)
    if isinstance(columns, dict):
        keys = (label,) if label is not None else LABEL_KEYS
        found = [getattr(columns.get(key), "names", None) for key in keys]
        return tuple(next((names for names in found if names), ()))
    classes = getattr(dataset, "classes", ())
    return tuple(map(str, classes)) if isinstance(classes, (list, tuple)) else ()
