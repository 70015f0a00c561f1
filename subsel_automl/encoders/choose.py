"""Which encoder reads an architecture: one rule, for the command line, fits and running searches.

    a folder of a pre-trained encoder: that one
    "auto": for a space whose encoder ships with the package, that one (`bundles/encoders/<space>`);
        for another named space its adjacency matrix, which needs no training; for networks that
        were traced, or of any other space, their operations
    a name of ENCODERS: the one that ships, or the one that needs no training

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from ..spaces.named import SPACES, search_space
from .adjacency import AdjacencyEncoder
from .base import ArchitectureEncoder
from .kinds import ENCODERS
from .operations import OperationsEncoder
from .store import RECORD, SHIPPED, load_encoder

AUTO = "auto"
LEAST_NODES = 128  # of the operations encoder: networks that are traced later may be larger


def choose_encoder(
    architectures: Sequence[Architecture], kind: str | Path = AUTO
) -> ArchitectureEncoder:
    """The encoder of these architectures.

    Args:
        kind: "auto", a name of ENCODERS, or a folder of `subsel encode --pretrain`.

    Raises:
        UnknownName: no such kind, and no such folder.
        BadInput: architectures of several spaces or none, a kind that their space does not have.
        DamagedArtefact: a folder whose files are cut or changed.
    """
    spaces = sorted({architecture.space for architecture in architectures})
    if len(spaces) != 1:
        raise BadInput(f"an encoder reads one space; got {spaces or 'no architectures'}")
    return encoder_of_space(spaces[0], kind, max(len(a) for a in architectures))


def encoder_of_space(
    space: str, kind: str | Path = AUTO, nodes: int = LEAST_NODES
) -> ArchitectureEncoder:
    """The encoder of a space's architectures, `nodes` at most; arguments and errors as above."""
    kind = str(kind)
    if kind == AUTO:
        shipped = (SHIPPED / space / RECORD).exists()
        kind = "gvae" if shipped else "adjacency" if space in SPACES else "operations"
    if kind == "adjacency":
        named = search_space(space)
        return AdjacencyEncoder(
            space=named.name, operations=named.operations, max_nodes=named.max_nodes
        )
    if kind == "operations":
        return OperationsEncoder(max_nodes=max(LEAST_NODES, nodes))
    if kind in ENCODERS:
        return shipped_encoder(space, kind)
    return _in_folder(Path(kind), space)


def _in_folder(folder: Path, space: str) -> ArchitectureEncoder:
    if not folder.is_dir():
        raise UnknownName("encoder", str(folder), (AUTO, *ENCODERS))
    encoder = load_encoder(folder)
    if encoder.space not in ("", space):
        raise BadInput(
            f"the encoder in {folder} was made for space {encoder.space!r}, not {space!r}; train "
            f"one: subsel encode {space} FOLDER --encoder {encoder.kind} --pretrain"
        )
    return encoder


def shipped_encoder(space: str, kind: str = "gvae") -> ArchitectureEncoder:
    """The encoder of a search space that ships with the package.

    Raises:
        BadInput: none of this kind ships for this space.
    """
    folder = SHIPPED / space
    encoder = load_encoder(folder) if (folder / RECORD).exists() else None
    if encoder is None or encoder.kind != kind:
        shipped = ", ".join(sorted(path.name for path in SHIPPED.iterdir())) or "none"
        what = f"spaces with a gvae: {shipped}" if kind == "gvae" else "of this kind none does"
        raise BadInput(
            f"no encoder {kind!r} ships for space {space!r} ({what}); train one (subsel encode "
            f"{space} FOLDER --encoder {kind} --pretrain) and give its folder, or take one that "
            "needs no training (--encoder adjacency)"
        )
    return encoder
