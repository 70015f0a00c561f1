"""Examples of a map-style Dataset, read once, from first to last, in its own order.

A Dataset is whatever has len() and []: torch's and torchvision's, Subsets of them, Hugging Face's,
a list of pairs. torch is never imported: a tensor that comes is read through numpy. Where examples
lie in columns (`TensorDataset`, torchvision without transforms, an array) no item is made at all.

The label's place in an item is told, or found: one of LABEL_KEYS in a dict or named tuple, the
second of a pair.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import BadInput, PoolError

LABEL_KEYS = ("label", "labels", "target", "y")
INPUT_KEYS = ("image", "img", "images", "pixel_values", "x", "input", "inputs", "features", "data")
BATCH = 256
Place = int | str | None
Batch = tuple[Any, Any]  # inputs and labels of some examples: a column's slice, a list, or None


@dataclass(frozen=True)
class Wanted:
    """What is read: places that the caller told, and what cannot be done without."""

    name: str
    label: Place = None
    inputs: Place = None
    needs_inputs: bool = True
    needs_label: bool = True
    as_items: bool = False  # inputs exactly as the items hold them


def batches(dataset: Any, wanted: Wanted) -> Iterator[Batch]:
    """(inputs, labels) of up to BATCH examples at a time; None for what is not there.

    Raises:
        PoolError: no map-style Dataset, or an empty one.
        BadInput: items in which the label or the input is not found.
    """
    n = _length(dataset, wanted.name)
    table = _columns(dataset, wanted.as_items)
    if table is not None:
        at = _places(table, wanted)
        for start in range(0, n, BATCH):
            yield tuple(  # type: ignore[misc]
                None if place is None else table[int(place)][start : start + BATCH] for place in at
            )
        return
    if not wanted.needs_inputs:
        dataset = _labels_alone(dataset, wanted.label)
    found: tuple[Place, Place] | None = None
    for start in range(0, n, BATCH):
        items = _items(dataset, list(range(start, min(start + BATCH, n))))
        found = found or _places(items[0], wanted)
        whole = not _is_compound(items[0])
        inputs = items if whole else _each(items, found[0], start)
        yield inputs, _each(items, found[1], start)


@contextmanager
def untouched_randomness() -> Iterator[None]:
    """The global states of random, numpy and torch are put back, whatever items draw from them."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch: Any = sys.modules.get("torch")
    tensor = None if torch is None else torch.get_rng_state()
    cuda = None
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        cuda = torch.cuda.get_rng_state_all()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        if tensor is not None:
            torch.set_rng_state(tensor)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)


def as_array(value: Any) -> npt.NDArray[Any]:
    """Numbers of an array, a tensor on any device, a PIL image (a palette's are no numbers)."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        return np.asarray((value.float() if "bfloat16" in str(value.dtype) else value).numpy())
    if hasattr(value, "convert") and getattr(value, "mode", "") == "P":
        value = value.convert("RGB")
    return np.asarray(value)


def _length(dataset: Any, name: str) -> int:
    kind = type(dataset).__name__
    if isinstance(dataset, Mapping):
        raise PoolError(
            f"pool {name!r} got a mapping of {', '.join(map(str, dataset))}; give one Dataset, for "
            "example datasets['train']"
        )
    streams = any(base.__name__ == "IterableDataset" for base in type(dataset).__mro__)
    if streams or not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
        raise PoolError(
            f"{kind} is no map-style Dataset: an example must be found by its number, with len() "
            "and []. Collect a stream into a list of (x, label), or give a DataLoader's .dataset"
        )
    if len(dataset) == 0:
        raise PoolError(f"the Dataset of pool {name!r} is empty; give at least one example")
    return len(dataset)


def _columns(dataset: Any, as_items: bool) -> tuple[Any, ...] | None:
    """The examples column by column, where exactly these types have their rows as items."""
    if isinstance(dataset, np.ndarray) or hasattr(dataset, "detach"):
        return (dataset,)
    module, kind = type(dataset).__module__, type(dataset).__name__
    if (module, kind) == ("torch.utils.data.dataset", "TensorDataset"):
        return tuple(dataset.tensors)
    if (module, kind) == ("torch.utils.data.dataset", "Subset"):
        inner = _columns(dataset.dataset, as_items)
        rows = np.asarray(dataset.indices, np.int64)
        return None if inner is None else tuple(column[rows] for column in inner)
    if as_items or not module.startswith("torchvision.datasets."):
        return None
    hooks = ("transform", "target_transform", "transforms")
    changed = [getattr(dataset, hook, None) is not None for hook in hooks]
    data, targets = getattr(dataset, "data", None), getattr(dataset, "targets", None)
    if any(changed) or data is None or targets is None or not hasattr(data, "shape"):
        return None
    return (data, as_array(targets)) if len(data) == len(targets) == len(dataset) else None


def _labels_alone(dataset: Any, label: Place) -> Any:
    """A Hugging Face dataset without the columns that need not be decoded."""
    names = getattr(dataset, "column_names", None)
    if not isinstance(names, list) or not hasattr(dataset, "select_columns"):
        return dataset
    keys = [key for key in ((label,) if label is not None else LABEL_KEYS) if key in names]
    own = getattr(dataset, "format", {}).get("type") == "custom"
    return dataset.select_columns(keys[:1]) if keys and not own else dataset


def _items(dataset: Any, rows: list[int]) -> Sequence[Any]:
    many = getattr(dataset, "__getitems__", None)
    if many is not None:
        items = many(rows)
        if isinstance(items, list) and len(items) == len(rows):
            return items
    return [dataset[row] for row in rows]


def _is_compound(item: Any) -> bool:
    return isinstance(item, (Mapping, tuple, list))


def _keys(item: Any) -> list[Any]:
    if isinstance(item, Mapping):
        return list(item)
    return list(getattr(item, "_fields", range(len(item))))


def _each(items: Sequence[Any], place: Place, start: int) -> list[Any] | None:
    if place is None:
        return None
    try:
        if isinstance(place, str) and not isinstance(items[0], Mapping):
            return [getattr(item, place) for item in items]
        return [item[place] for item in items]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise BadInput(
            f"one of the items {start}..{start + len(items) - 1} of the Dataset has no {place!r}, "
            "which the first item has; give items of one kind"
        ) from error


def _places(item: Any, wanted: Wanted) -> tuple[Place, Place]:
    """Where the input and the label stand in items like this one."""
    if not _is_compound(item):
        if wanted.label is not None or wanted.inputs is not None:
            raise BadInput(
                f"items of the Dataset are {type(item).__name__} and have no parts, so label= and "
                "inputs= name nothing; leave them out, and give labels=[...]"
            )
        return None, None
    keys = _keys(item)
    label, inputs = (_told(what, keys, item) for what in (wanted.label, wanted.inputs))
    if label is None:
        label = next((key for key in LABEL_KEYS if key in keys and key != inputs), None)
    if label is None and not isinstance(item, Mapping) and len(keys) == 2 and keys[1] != inputs:
        label = keys[1]
    if label is None and wanted.needs_label and len(keys) > 1:
        raise BadInput(
            f"no label was found in the Dataset's items, {_shown(item, keys)}: none is called "
            f"{', '.join(LABEL_KEYS)}. Tell its place, label={keys[-1]!r}, or give labels=[...]"
        )
    others = [key for key in keys if key != label]
    if inputs is None:
        first = len(others) == 1 or (others and not isinstance(item, Mapping))
        inputs = others[0] if first else next((k for k in INPUT_KEYS if k in others), None)
    if inputs is None and wanted.needs_inputs:
        raise BadInput(
            f"no input was found in the Dataset's items, {_shown(item, keys)}; tell its place, "
            f"inputs={keys[0]!r}, or give features=[n, d]"
        )
    return inputs, label


def _told(place: Place, keys: list[Any], item: Any) -> Place:
    if isinstance(place, int) and not isinstance(item, Mapping) and -len(keys) <= place < len(keys):
        told: Place = keys[place]
        return told
    if place is None or place in keys:
        return place
    raise BadInput(
        f"the Dataset's items, {_shown(item, keys)}, have no {place!r}; tell one of them"
    )


def _shown(item: Any, keys: list[Any]) -> str:
    return f"{type(item).__name__} of {', '.join(map(str, keys))}"
