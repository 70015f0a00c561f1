"""States as plain values: what `torch.load`, JSON and any other reader take without pickle.

An array is {"dtype": "<i8", "shape": [b], "base64": "..."}; numpy's scalars become Python's.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DamagedArtefact

ARRAY = {"dtype", "shape", "base64"}


def packed(value: Any) -> Any:
    """The same in plain values: dicts, lists, strings, numbers, booleans and None."""
    if isinstance(value, np.ndarray):
        raw = np.ascontiguousarray(value)
        text = base64.b64encode(raw.tobytes()).decode("ascii")
        return {"dtype": raw.dtype.str, "shape": list(value.shape), "base64": text}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): packed(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(part) for part in value]
    return value


def unpacked(value: Any) -> Any:
    """What `packed` was given (lists for tuples); arrays that are arrays already stay.

    Raises:
        DamagedArtefact: an array whose bytes do not fill its shape.
    """
    if isinstance(value, Mapping):
        if set(value) == ARRAY:
            return _array(value)
        return {name: unpacked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [unpacked(part) for part in value]
    return value


def _array(value: Mapping[str, Any]) -> npt.NDArray[Any]:
    try:
        flat = np.frombuffer(base64.b64decode(value["base64"]), np.dtype(value["dtype"]))
        return flat.reshape(value["shape"]).copy()
    except (TypeError, ValueError) as error:
        raise DamagedArtefact(f"an array of a saved state is damaged: {error}") from error
