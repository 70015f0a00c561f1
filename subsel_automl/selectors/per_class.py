"""A choice in every class by itself, joined: even numbers, as far as the classes' sizes allow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..core.provider import Request
from ..maths import draws

Rows = npt.NDArray[np.int64]
Weights = npt.NDArray[np.floating]


def each_class(
    request: Request, choose: Callable[[Rows, int, int], tuple[Rows, Weights]]
) -> tuple[Rows, Weights]:
    """Rows of the pool and a number for each, the first of every class before the second of any.

    Args:
        choose: (rows of one class, how many, label) -> (places among those rows, a number each).
    """
    labels = request.pool.labels
    assert labels is not None
    counts = draws.per_class_counts(labels, request.count)
    chosen, numbers, rank = [], [], []
    for label in np.flatnonzero(counts):
        rows = np.flatnonzero(labels == label)
        places, values = choose(rows, int(counts[label]), int(label))
        chosen.append(rows[places])
        numbers.append(values)
        rank.append(np.arange(len(places)))
    order = np.argsort(np.concatenate(rank), kind="stable")
    return np.concatenate(chosen)[order], np.concatenate(numbers)[order]


def indices_of_each_class(request: Request, choose: Callable[[Rows, int, int], Rows]) -> Rows:
    """The same, without numbers."""

    def with_ones(rows: Rows, count: int, label: int) -> tuple[Rows, Weights]:
        places = choose(rows, count, label)
        return places, np.ones(len(places))

    return each_class(request, with_ones)[0]
