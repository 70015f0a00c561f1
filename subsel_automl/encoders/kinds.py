"""The encoders that have a name, and where they are: loaded when asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ..core.errors import UnknownName

if TYPE_CHECKING:
    from .base import ArchitectureEncoder

ENCODERS: dict[str, str] = {
    "gvae": "gvae:GVAE",
    "arch2vec": "arch2vec:Arch2vec",
    "cate": "cate:Cate",
    "io": "io_model:IoModel",
    "accuracy": "accuracy_model:AccuracyModel",
    "adjacency": "adjacency:AdjacencyEncoder",
    "operations": "operations:OperationsEncoder",
}


def encoder_class(kind: str) -> type[ArchitectureEncoder]:
    """The class of a kind.

    Raises:
        UnknownName: no such kind.
    """
    if kind not in ENCODERS:
        raise UnknownName("encoder", kind, ENCODERS)
    module, _, name = ENCODERS[kind].partition(":")
    found: type[ArchitectureEncoder] = getattr(
        importlib.import_module(f"{__package__}.{module}"), name
    )
    return found
