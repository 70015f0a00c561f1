"""Items of a user's Dataset as batches: read by row, collated as the user does, then joined with
soft targets and weights; where the label is in an item, and what of it the network reads.

An item may be a pair (x, label), a longer tuple, a dict, a named tuple or a dataclass. The label of
a pair is its second part; that of a mapping or of named fields goes by one of `LABELS`; of other
items it is told once, by place or key.

A batch with weights is [*batch, weights] for tuples and lists, gets the key "weights" for mappings,
and becomes (batch, weights) for all others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset, TensorDataset, default_collate

from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.task import CLASSIFICATION
from .sampler import Entry

Rows = npt.NDArray[np.int64]
Place = int | str
LABELS = ("labels", "label", "targets", "target", "y")
WEIGHTS = "weights"


class Items(Dataset[Any]):
    """A user's Dataset, read by rows or entries; attributes that it has are the user's own.

    Raises:
        BadInput: an iterable Dataset, which has no rows; another length than the pool's.
    """

    def __init__(self, dataset: Any, pool: Pool) -> None:
        require_rows(dataset)
        if len(dataset) != len(pool):
            raise BadInput(
                f"dataset has {len(dataset)} examples, pool {pool.name!r} {len(pool)}; give the "
                "pool's examples, one by one in its order; for a part of them (a fold) give "
                "torch.utils.data.Subset(dataset, rows), or rows=, the pool's rows that it holds"
            )
        self.source = dataset

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, row: int) -> Any:
        return self.source[row]

    def __getitems__(self, entries: list[Any]) -> Read:
        plain = not entries or not isinstance(entries[0], Entry)
        rows = entries if plain else [entry.row for entry in entries]
        return Read(self.source, rows, entries)

    def __getattr__(self, name: str) -> Any:
        if name == "source" or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        return getattr(self.source, name)


def require_rows(dataset: Any) -> None:
    """Refuse a Dataset that is read from its beginning to its end: a subset names rows.

    Raises:
        BadInput: it is iterable, or has no length or no rows.
    """
    wanted = ("__getitem__", "__len__")
    if isinstance(dataset, IterableDataset) or not all(hasattr(dataset, w) for w in wanted):
        raise BadInput(
            f"{type(dataset).__name__} is read from its beginning to its end, and a subset names "
            "rows; make a map-style Dataset of it (with __getitem__ and __len__), such as "
            "list(dataset) where it fits into memory"
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Read:
    """A batch before it is collated."""

    source: Any
    rows: list[int]
    entries: Sequence[Any] = ()

    def collated(self, collate: Callable[[Any], Any]) -> Any:
        """What the user's `collate_fn` makes of these items."""
        if collate is default_collate and type(self.source) is TensorDataset:
            rows = torch.tensor(self.rows)
            return [tensor[rows] for tensor in self.source.tensors]
        many = getattr(self.source, "__getitems__", None)
        items = many(self.rows) if many else [self.source[row] for row in self.rows]
        return collate(items)


class Joined:
    """The `collate_fn` of a SubsetLoader: the user's, then soft targets and weights.

    Args:
        collate: the user's; None for torch's own.
        pool: whose labels the Dataset's must be.
        label: its place in an item; None finds it.

    Raises:
        BadInput: a label of the Dataset that is not the pool's: it stands in another order.
    """

    def __init__(
        self,
        collate: Callable[[Any], Any] | None,
        pool: Pool,
        label: Place | None = None,
    ) -> None:
        self.collate = collate or default_collate
        self.pool_name, self.labels, self.label = pool.name, pool.labels, label
        self.targets, self.task, self.outputs = pool.targets, pool.task, pool.outputs

    def __call__(self, read: Any) -> Any:
        if not isinstance(read, Read):  # items that somebody else has read
            return self.collate(read)
        batch = read.collated(self.collate)
        place = label_place(batch, self.label)
        self._same_labels(batch, place, read.rows)
        first = read.entries[0] if read.entries else None
        if not isinstance(first, Entry):
            return batch
        if first.target is not None:
            batch = self._soft(batch, place, np.stack([e.target for e in read.entries]))
        if first.weight is not None:
            batch = with_weights(batch, torch.tensor([e.weight for e in read.entries]))
        return batch

    def _soft(self, batch: Any, place: Place | None, targets: npt.NDArray[np.float32]) -> Any:
        if place is None:
            raise BadInput(
                f"a batch is {_shown(batch)}, and which part is the label is not known; tell it "
                "once: label='key' or label=place"
            )
        return replaced(batch, place, soft_like(part(batch, place), targets, self.task))

    def _same_labels(self, batch: Any, place: Place | None, rows: list[int]) -> None:
        y = None if place is None else part(batch, place)
        own = self.labels if self.labels is not None else self.targets
        if own is None or not isinstance(y, Tensor) or len(y) != len(rows):
            return
        known, said = own[rows].reshape(len(rows), -1), y.detach().float().reshape(len(rows), -1)
        if said.shape[1] != known.shape[1]:
            return
        different = ~np.isclose(said.numpy(), known, rtol=1e-3, atol=1e-6).all(1)
        if different.any():
            wrong = np.flatnonzero(different)
            row = rows[wrong[0]]
            raise BadInput(
                f"item {row} of the Dataset has label {_number(said[wrong[0]])}, example {row} of "
                f"pool {self.pool_name!r} has {_number(known[wrong[0]])}; give the Dataset in the "
                "pool's own order, and a collate_fn that keeps the order of its items"
            )


def soft_like(y: Any, targets: npt.NDArray[np.float32], task: str) -> Tensor:
    """Soft targets [b, k] in the form of the user's own labels: of two classes given as 0.0 and 1.0
    the probability of 1.0, of targets [b] as [b]; classes given by number become [b, c]."""
    soft = torch.from_numpy(targets)
    if not isinstance(y, Tensor) or not y.is_floating_point():
        return soft
    if task == CLASSIFICATION and soft.shape[1] == 2 and y.numel() == len(soft):
        soft = soft[:, 1]
    return soft.to(y.dtype).reshape(y.shape) if soft.numel() == y.numel() else soft


def _number(row: Any) -> str:
    values = [f"{float(value):.6g}" for value in row]
    return values[0] if len(values) == 1 else f"({', '.join(values)})"


def label_place(batch: Any, told: Place | None) -> Place | None:
    """Where the label is: what was told, or found; None when it cannot be known.

    Raises:
        BadInput: what was told is not there.
    """
    if told is not None:
        names = _fields(batch)
        there = told in names if names else told in range(-len(batch), len(batch))
        if not there:
            raise BadInput(f"label={told!r}, and a batch is {_shown(batch)}; name one of its parts")
        return told
    names = _fields(batch)
    if names:
        return next((name for name in LABELS if name in names), None)
    return 1 if isinstance(batch, (list, tuple)) and len(batch) == 2 else None


def part(batch: Any, place: Place) -> Any:
    """The part of a batch or an item at that place."""
    if isinstance(batch, Mapping) or isinstance(place, int):
        return batch[place]
    return getattr(batch, place)


def replaced(batch: Any, place: Place, value: Any) -> Any:
    """The batch with another value at that place."""
    if isinstance(batch, MutableMapping):
        batch[place] = value
        return batch
    if hasattr(batch, "_replace"):
        name = place if isinstance(place, str) else batch._fields[place]
        return batch._replace(**{name: value})
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        return dataclasses.replace(batch, **{str(place): value})
    parts = list(batch)
    parts[int(place)] = value
    return type(batch)(parts)


def with_weights(batch: Any, weights: Tensor) -> Any:
    """The batch with its examples' weights [b]."""
    if isinstance(batch, MutableMapping):
        batch[WEIGHTS] = weights
        return batch
    if isinstance(batch, (list, tuple)) and not hasattr(batch, "_fields"):
        return type(batch)([*batch, weights])
    return batch, weights


def network_inputs(batch: Any, place: Place | None) -> Any:
    """What of a collated batch the network reads: a mapping without its label (given by name), or
    the first part of a pair or a longer tuple."""
    if isinstance(batch, Mapping):
        return {name: value for name, value in batch.items() if name != place}
    names = _fields(batch)
    if names:
        return getattr(batch, next(name for name in names if name != place))
    if isinstance(batch, (list, tuple)):
        return batch[0]
    return batch


def _fields(batch: Any) -> tuple[Any, ...]:
    if isinstance(batch, Mapping):
        return tuple(batch)
    if hasattr(batch, "_fields"):
        return tuple(batch._fields)
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        return tuple(field.name for field in dataclasses.fields(batch))
    return ()


def _shown(batch: Any) -> str:
    names = _fields(batch)
    if names:
        return f"{type(batch).__name__} with {', '.join(map(str, names))}"
    return f"{type(batch).__name__} of {len(batch)}" if hasattr(batch, "__len__") else repr(batch)
