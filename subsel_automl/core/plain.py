"""Values in JSON's types, and nested mappings with dotted names."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Mapping
from typing import Any

LONGEST = 200  # characters of what is no plain value


def plain(value: Any) -> Any:
    """The same in JSON's types: arrays as lists, paths as text, other objects by their `repr`, what
    is not finite None."""
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        value = value.tolist()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(part) for part in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else repr(value)[:LONGEST]


def flattened(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested mapping with dotted names."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= flattened(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
