"""Which encoder reads an architecture: one rule, for the command line, fits and running searches.

    a space whose encoder ships with the package: that one (`bundles/encoders/<space>`)
    another named space: its adjacency matrix, which needs no training
    networks that were traced, or of any other space: their operations

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from ..spaces.named import SPACES, search_space
from .adjacency import AdjacencyEncoder
from .base import ArchitectureEncoder
from .operations import OperationsEncoder
from .store import SHIPPED, load_encoder

KINDS = ("auto", "gvae", "adjacency", "operations")
LEAST_NODES = 128  # of the operations encoder: networks that are traced later may be larger


def choose_encoder(
    architectures: Sequence[Architecture], kind: str = "auto"
) -> ArchitectureEncoder:
    """The encoder of these architectures.

    Args:
        kind: "auto" (the rule above), "gvae" (the one that ships), "adjacency" or "operations".

    Raises:
        UnknownName: no such kind.
        BadInput: architectures of several spaces or none, a kind that their space does not have.
    """
    if kind not in KINDS:
        raise UnknownName("encoder", kind, KINDS)
    spaces = sorted({architecture.space for architecture in architectures})
    if len(spaces) != 1:
        raise BadInput(f"an encoder reads one space; got {spaces or 'no architectures'}")
    (space,) = spaces
    if kind == "gvae" or (kind == "auto" and (SHIPPED / space).exists()):
        return shipped_encoder(space)
    if kind == "adjacency" or (kind == "auto" and space in SPACES):
        named = search_space(space)
        return AdjacencyEncoder(
            space=named.name, operations=named.operations, max_nodes=named.max_nodes
        )
    return OperationsEncoder(max_nodes=max(LEAST_NODES, *(len(a) for a in architectures)))


def shipped_encoder(space: str) -> ArchitectureEncoder:
    """The encoder of a search space that ships with the package.

    Raises:
        BadInput: none ships for this space.
    """
    folder = SHIPPED / space
    if not folder.exists():
        shipped = ", ".join(sorted(path.name for path in SHIPPED.iterdir()))
        raise BadInput(
            f"no encoder ships for space {space!r} (there are: {shipped}); take one that needs no "
            "training (subsel fit --encoder adjacency), or train one: train_pipeline(..., encoder=)"
        )
    return load_encoder(folder)
