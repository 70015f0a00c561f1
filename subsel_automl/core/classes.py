"""Classes of a pool: label values as numbers from 0, what a subset does to the classes, and weights
that give each class its share of the pool back.

With p_c a class's share of the pool and q_c its share of a subset of b of n examples:

    changed     b KL(q_c || p_c) > log(2 C / 1e-3), or the same of the n - b left out, for some c
    weight      w_i p_c / q_c, c the class of example i, q_c the share of the weights w_i

Sources: Chernoff's bound, which holds for draws without replacement too (Hoeffding 1963, Theorems 1
and 4): a random subset is called changed in at most one of 1,000 cases; the prior shift correction
of Saerens et al. 2002, Eq. 2.4. Deviations: none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import PoolError

Labels = npt.NDArray[np.int64]
NOTES = ("classes_missing", "prior_changed", "empty_classes")
FALSE_ALARMS = 1e-3
PRIORS = ("change", "keep")


def class_notes(labels: Labels, classes: int, indices: Labels) -> dict[str, Any]:
    """What the subset `indices` did to the classes, in JSON's types; nothing when nothing.

    Args:
        labels: [n], of the whole pool.

    Returns:
        classes_missing: the pool has them and the subset does not.
        prior_changed: the largest change of a class's share, if chance does not explain it.
        empty_classes: labels below `classes` that no example of the pool has.
    """
    n, b = len(labels), len(indices)
    have = np.bincount(labels, minlength=classes)
    got = np.bincount(labels[indices], minlength=len(have))
    notes: dict[str, Any] = {}
    missing, empty = np.flatnonzero((have > 0) & (got == 0)), np.flatnonzero(have == 0)
    if len(missing):
        notes["classes_missing"] = missing.tolist()
    if b and _surprise(have, got, n, b) > math.log(2 * int((have > 0).sum()) / FALSE_ALARMS):
        notes["prior_changed"] = round(float(np.abs(got / b - have / n).max()), 6)
    if len(empty):
        notes["empty_classes"] = empty.tolist()
    return notes


def _surprise(have: Labels, got: Labels, n: int, b: int) -> float:
    """-log of the most unlikely class's chance, by Chernoff's bound, among chosen or left out."""
    present = have > 0
    p, found = have[present] / n, got[present]
    worst = b * _divergence(found / b, p).max()
    if b < n:
        worst = max(worst, (n - b) * _divergence((have[present] - found) / (n - b), p).max())
    return float(worst)


def _divergence(q: npt.NDArray[np.float64], p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """KL(q || p) of two coins, each."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(q > 0, q * np.log(q / p), 0)
        other = np.where(q < 1, (1 - q) * np.log((1 - q) / (1 - p)), 0)
    divergence: npt.NDArray[np.float64] = one + other
    return divergence


def prior_weights(
    labels: Labels, indices: Labels, own: npt.NDArray[np.float32] | None
) -> npt.NDArray[np.float32]:
    """Weights of mean one under which each class has its share of the pool, [b].

    Within a class the provider's own weights keep their proportions. A class that is missing cannot
    be weighed back: the others keep their shares of each other.
    """
    chosen = labels[indices]
    weights = np.ones(len(indices)) if own is None else own.astype(np.float64)
    have = np.bincount(labels).astype(np.float64)
    got = np.bincount(chosen, weights, minlength=len(have))
    ratio = np.divide(have, got, out=np.zeros(len(have)), where=got > 0)
    weights = weights * ratio[chosen]  # w_i p_c / q_c, but for a factor
    scaled: npt.NDArray[np.float32] = (weights / max(weights.mean(), 1e-300)).astype(np.float32)
    return scaled


def numbered(
    values: npt.NDArray[Any], names: Sequence[str] = ()
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Labels from 0 without gaps, and class names; text and gaps are mapped in sorted order.

    Labels that `names` has a name for (all below its length) stay as they are, and so do real
    numbers and negative ones, which a Pool refuses by itself.

    Args:
        values: [n] class names, or numbers.
        names: of the classes, in the order of their labels.

    Returns:
        [n] labels, and the names: the original values where labels were mapped.

    Raises:
        PoolError: names that do not fit the values.
    """
    names = tuple(str(name) for name in names)
    if values.ndim != 1 or not len(values) or values.dtype.kind not in "iuU":
        return values, names
    if values.dtype.kind == "U":
        return named(values, names)
    if values.min() < 0 or (names and values.max() < len(names)):
        return values, names
    found, labels = np.unique(values, return_inverse=True)
    if len(found) == values.max() + 1:
        return values, names
    if names and len(names) != len(found):
        raise PoolError(
            f"there are {len(names)} class names for labels {_some(found.tolist())} ({len(found)} "
            "values); give one name a label value, in increasing order"
        )
    return labels.astype(np.int64), names or tuple(str(value) for value in found)


def named(values: npt.NDArray[Any], names: Sequence[str] = ()) -> tuple[Labels, tuple[str, ...]]:
    """Class names [n] as labels: places in `names`, by default in the sorted names.

    Raises:
        PoolError: a name that `names` lacks.
    """
    known = tuple(names) or tuple(sorted({str(value) for value in values}))
    place = {name: label for label, name in enumerate(known)}
    strange = sorted({str(value) for value in values} - set(place))
    if strange:
        raise PoolError(
            f"no class is called {_some(strange)}; the class names are {_some(known)}. Add it to "
            "class_names, or drop its examples"
        )
    return np.array([place[str(value)] for value in values], np.int64), known


def _some(values: Sequence[object]) -> str:
    text = ", ".join(repr(value) for value in values[:6])
    return text + (f", ... {values[-1]!r}" if len(values) > 6 else "")
