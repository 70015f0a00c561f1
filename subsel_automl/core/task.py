"""What a pool's examples are to be told apart by: its task, read off the labels.

    classification   whole numbers [n], names, or real numbers that are all 0.0 and 1.0
    multi-label      [n, c] of zeros and ones: any number of yes and no an example
    regression       other real numbers, [n] or [n, k]

`labels` are classes, whole numbers from 0; the other tasks have `targets`, float32 [n, k]. What a
rule would guess wrong is told: `task="regression"` for whole-numbered targets, `"multi-label"` for
rows with exactly one 1 each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import PoolError, UnknownName

CLASSIFICATION, MULTI_LABEL, REGRESSION = "classification", "multi-label", "regression"
TASKS = (CLASSIFICATION, MULTI_LABEL, REGRESSION)


@dataclass(frozen=True, eq=False)
class Truth:
    """Labels or targets, and the task that they make; "" without either."""

    task: str = ""
    labels: npt.NDArray[np.int64] | None = None
    targets: npt.NDArray[np.float32] | None = None


def truth_of(name: str, value: npt.ArrayLike | None, n: int, task: str = "") -> Truth:
    """What a pool's `labels=` are.

    Args:
        name: of the pool, for messages.
        value: [n] or [n, k], or None.
        task: told; "" reads it off the values.

    Raises:
        UnknownName: no such task.
        PoolError: another length, values that are not finite or not of the task.
    """
    if task and task not in TASKS:
        raise UnknownName("task", task, TASKS)
    if value is None:
        return Truth()
    array = np.asarray(value)
    usable = array.dtype.kind in "iufb" and array.ndim in (1, 2) and array.shape[0] == n
    if not usable or 0 in array.shape:
        raise PoolError(
            f"labels of pool {name!r} are {array.dtype} of shape {array.shape}; give {n} whole "
            "numbers, one a row of features (or real numbers, or rows of zeros and ones)"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise PoolError(
            f"labels of pool {name!r} hold NaN or infinity in row {_first_bad(array)}; drop those "
            "examples, or fill them in"
        )
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    found = task or _task(name, array)
    if found == CLASSIFICATION:
        return Truth(found, labels=_classes(name, array))
    with np.errstate(over="ignore"):  # infinity is refused below, by name
        rows = array.reshape(n, -1).astype(np.float32)
    if found == MULTI_LABEL and not np.isin(rows, (0, 1)).all():
        raise PoolError(f"multi-label rows of pool {name!r} hold other numbers than 0 and 1")
    if found == REGRESSION and not np.isfinite(rows).all():
        raise PoolError(f"targets of pool {name!r} overflow float32; scale them down")
    return Truth(found, targets=rows)


def _task(name: str, array: npt.NDArray[Any]) -> str:
    two_valued = array.dtype.kind == "b" or bool(np.isin(array, (0, 1)).all())
    if array.ndim == 1:
        return CLASSIFICATION if array.dtype.kind != "f" or two_valued else REGRESSION
    if not two_valued:
        if array.dtype.kind != "f":
            raise PoolError(
                f"labels of pool {name!r} are whole numbers of shape {array.shape}; give one class "
                "an example, rows of zeros and ones, or task='regression'"
            )
        return REGRESSION
    if (array.astype(np.int64).sum(1) == 1).all():
        raise PoolError(
            f"every row of the labels of pool {name!r} has exactly one 1: one-hot classes are "
            "given as labels=rows.argmax(1); if one could have several, say task='multi-label'"
        )
    return MULTI_LABEL


def _classes(name: str, array: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    labels = array.astype(np.int64)
    if array.ndim != 1 or (labels != array).any():
        raise PoolError(
            f"labels of pool {name!r} are {array.dtype} of shape {array.shape}; classes are one "
            "whole number an example"
        )
    if int(labels.min()) < 0:
        raise PoolError(
            f"labels of pool {name!r} go down to {int(labels.min())}; classes count from 0"
        )
    return labels


def _first_bad(array: npt.NDArray[Any]) -> int:
    return int(np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(1))[0])
