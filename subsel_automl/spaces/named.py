"""The search spaces that have a name, and where they are: loaded when asked for."""

from __future__ import annotations

import importlib

from ..core.errors import UnknownName
from .base import SearchSpace

SPACES: dict[str, str] = {
    "nasbench101": "nasbench101:NASBench101",
    "nasbench201": "nasbench201:NASBench201",
    "darts": "darts:Darts",
}


def search_space(name: str) -> SearchSpace:
    """A search space by name.

    Raises:
        UnknownName: no such space.
    """
    if name not in SPACES:
        raise UnknownName("search space", name, SPACES)
    module, _, kind = SPACES[name].partition(":")
    space: SearchSpace = getattr(importlib.import_module(f"{__package__}.{module}"), kind)()
    return space
