"""What a Pool needs, out of a map-style Dataset: its examples read once (`examples.py`), as
features (`default_features.py`) and labels (`labels.py`). The door is `Pool.from_dataset`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .default_features import RAW, components, looker
from .errors import PoolError
from .examples import BATCH, Place, Wanted, as_array, batches, untouched_randomness
from .features import checked_features
from .labels import labels_of
from .task import truth_of

Features = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Read:
    """A Dataset as a Pool takes it. `project` gives a validation Dataset the same features."""

    name: str
    features: Features
    labels: npt.NDArray[Any] | None
    classes: int
    class_names: tuple[str, ...]
    project: Callable[[Features], Features] | None
    task: str = ""


def read(
    dataset: Any,
    *,
    name: str = "",
    labels: npt.ArrayLike | None = None,
    features: npt.ArrayLike | Callable[[Any], Any] | None = None,
    label: Place = None,
    inputs: Place = None,
    class_names: Sequence[str] = (),
    like: Read | None = None,
    task: str = "",
) -> Read:
    """See `Pool.from_dataset`. `like` is the training Dataset of a validation Dataset."""
    name = name or _title(dataset)
    given = None if features is None or callable(features) else as_array(features)
    wanted = Wanted(name, label, inputs, given is None, labels is None, callable(features))
    look = features if callable(features) else None
    rows, found = _gathered(dataset, wanted, None if given is not None else looker(look, name))
    n = len(dataset)
    if given is not None and given.shape[:1] != (n,):
        raise PoolError(
            f"features= has shape {given.shape} for the {n} examples of pool {name!r}; give one "
            "row an example, in the Dataset's order"
        )
    names = tuple(class_names) or (() if like is None else like.class_names)
    known, names = labels_of(dataset, found, labels, name, label=label, class_names=names)
    checked = checked_features(name, rows if given is None else given)  # type: ignore[arg-type]
    project = None if like is None else like.project
    if look is None and given is None and like is None and checked.shape[1] > RAW:
        project = components(checked)
    if project is not None:
        checked = project(checked)
    truth = truth_of(name, known, n, task if like is None else like.task)
    classes = 0
    if truth.labels is not None:
        classes = len(names) or int(truth.labels.max()) + 1 if like is None else like.classes
    known = truth.labels if truth.targets is None else truth.targets
    return Read(name, checked, known, classes, names, project, truth.task)


def _gathered(
    dataset: Any, wanted: Wanted, look: Callable[[Any, int], Features] | None
) -> tuple[Features | None, list[Any]]:
    """Features of all examples, and their labels batch by batch as the Dataset has them."""
    rows: Features | None = None
    found, start = [], 0
    with untouched_randomness():
        for batch, labels in batches(dataset, wanted):
            if look is not None:
                part = look(batch, start)
                if rows is None:
                    rows = np.empty((len(dataset), part.shape[1]), np.float32)
                rows[start : start + len(part)] = part
            if labels is not None:
                found.append(labels)
            start += BATCH
    return rows, found


def _title(dataset: Any) -> str:
    while type(dataset).__name__ == "Subset" and hasattr(dataset, "dataset"):
        dataset = dataset.dataset
    return type(dataset).__name__.lower()
