"""Features in which distances can be measured: [n, d], finite, with squares that float32 holds.

A squared distance is at most 2 (||a||^2 + ||b||^2), and selectors add up those of one row to all
n: rows with 4 n ||a||^2 above float32's largest number (3.4e38) are refused. A selector would
compare infinities, and some never end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .errors import PoolError

LARGEST = float(np.finfo(np.float32).max) / 4  # of n ||a||^2


def checked_features(name: str, value: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The features of pool `name` as contiguous float32, [n, d].

    Raises:
        PoolError: another shape, no numbers, NaN or infinity, values whose squares overflow.
    """
    given = np.asarray(value)
    if given.ndim != 2 or 0 in given.shape:
        raise PoolError(
            f"features of pool {name!r} have shape {given.shape}; give [n, d], both at least 1"
        )
    if given.dtype.kind not in "fiub":
        raise PoolError(f"features of pool {name!r} are {given.dtype}; give numbers")
    bad = ~np.isfinite(given).all(1)
    if bad.any():
        row = int(bad.argmax())
        raise PoolError(
            f"features of pool {name!r} hold NaN or infinity in {int(bad.sum())} of {len(bad)} "
            f"rows (first: row {row}), there in column {int((~np.isfinite(given[row])).argmax())}; "
            "clean or drop them"
        )
    with np.errstate(over="ignore"):
        features = np.ascontiguousarray(given, np.float32)
        squares = np.einsum("nd,nd->n", features, features)  # ||a||^2, in float32
    most = LARGEST / len(squares)
    wide = ~(squares <= most)
    if wide.any():
        row = int(wide.argmax())
        column = int(np.abs(features[row]).argmax())
        raise PoolError(
            f"features of pool {name!r} hold {given[row, column]:.8g} in row {row}, column "
            f"{column}: squares overflow float32 in {int(wide.sum())} of {len(wide)} rows, so "
            "distances cannot be added up. A NoData value? Mask it: fill or drop those rows. "
            f"Otherwise standardise the columns; a row's squares may sum to {most:.3g} here"
        )
    return features
