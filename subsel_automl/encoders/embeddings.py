"""Embeddings of many cells on disk: two .npy files that are read through memory maps, and a record.

    embeddings.npy    float32 [cells, d]
    keys.npy          `Architecture.key` of each, 32 bytes of text, [cells]
    embeddings.json   encoder, pooling, shape, sha256 of both; written last

    own     what the encoder's source takes (arch2vec the sum, CATE the output node, else the mean)
    mean    over the nodes, sum, flat: all nodes side by side in BFS order, 0 where there is none
    listed  flat in the order in which the graph is listed: a vector a cell where a space lists each
            once, as those that enumerate do (of `operations`, which reads no list, as flat)

Deviations: none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput, DamagedArtefact, UnknownName
from ..core.files import read_json, write_json
from .base import CHUNK, ArchitectureEncoder
from .collate import graph_arrays

FORMAT = "subsel-embeddings-1"
VECTORS, KEYS, RECORD = "embeddings.npy", "keys.npy", "embeddings.json"
POOLS = ("own", "mean", "sum", "flat", "listed")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Vectors of cells, row by row; the arrays are memory maps.

    Attributes:
        record: encoder, pooling, space, shape.
    """

    keys: npt.NDArray[np.bytes_]
    vectors: npt.NDArray[np.float32]
    record: dict[str, Any]

    def row_of(self, key: str) -> int:
        """The row of the cell with this key.

        Raises:
            ArchitectureError: no row has it.
        """
        rows = np.flatnonzero(self.keys == key.encode())
        if len(rows) == 0:
            raise ArchitectureError(f"no cell of the {len(self.keys)} embedded has the key {key!r}")
        return int(rows[0])


def vectors(
    encoder: ArchitectureEncoder, architectures: Sequence[Architecture], pool: str = "own"
) -> Float[Tensor, "m d"]:
    """One vector an architecture, pooled as named.

    Raises:
        UnknownName: no such pooling.
        ArchitectureError: architectures that the encoder does not know.
    """
    if pool not in POOLS:
        raise UnknownName("pooling", pool, POOLS)
    if pool == "own":
        return encoder.embed_architectures(architectures)
    if pool == "listed" and encoder.operations:
        known = (encoder.space, encoder.operations, encoder.max_nodes)
        return encoder.evaluated(graph_arrays(architectures, *known)).flatten(1)
    h, mask = encoder.embed(architectures)
    h = h * mask[..., None]
    if pool in ("flat", "listed"):
        return h.flatten(1)
    return h.sum(1) if pool == "sum" else h.sum(1) / mask.sum(1, keepdim=True)


def write_embeddings(
    encoder: ArchitectureEncoder,
    cells: Sequence[Architecture],
    folder: Path | str,
    pool: str = "own",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Embed cells, some thousands at a time, and write them; returns the record.

    Raises:
        BadInput: no cells.
        UnknownName, ArchitectureError: as `vectors`.
    """
    if len(cells) == 0:
        raise BadInput("there are no cells to embed; give at least one")
    folder = Path(folder)
    width = vectors(encoder, cells[:1], pool).shape[1]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).unlink(missing_ok=True)
    part = folder / f".{VECTORS}.part"
    written = np.lib.format.open_memmap(part, "w+", np.float32, (len(cells), width))
    for first in range(0, len(cells), CHUNK):
        some = cells[first : first + CHUNK]
        written[first : first + CHUNK] = vectors(encoder, some, pool).cpu().numpy()
        if progress is not None:
            progress(min(first + CHUNK, len(cells)), len(cells))
    written.flush()
    del written
    os.replace(part, folder / VECTORS)
    keys = cells.keys() if hasattr(cells, "keys") else [cell.key for cell in cells]
    np.save(folder / KEYS, np.array(keys, "S32"), allow_pickle=False)
    record = {
        "format": FORMAT,
        "encoder": encoder.kind,
        "config": encoder.config(),
        "space": cells[0].space,
        "pool": pool,
        "cells": len(cells),
        "width": width,
        "sha256": {name: _sha256(folder / name) for name in (VECTORS, KEYS)},
    }
    write_json(folder / RECORD, record)
    return record


def load_embeddings(folder: Path | str, *, verify: bool = True) -> Embeddings:
    """Read what `write_embeddings` wrote, as memory maps.

    Args:
        verify: compare both files with their sha256.

    Raises:
        DamagedArtefact: a file is missing, does not match its checksum, or has another format.
    """
    folder = Path(folder)
    record = read_json(folder / RECORD)
    if record.get("format") != FORMAT:
        raise DamagedArtefact(f"{folder / RECORD} is no {FORMAT!r} but {record.get('format')!r}")
    try:
        for name, expected in record["sha256"].items():
            if verify and _sha256(folder / name) != expected:
                raise DamagedArtefact(
                    f"{folder / name} does not match the sha256 in {RECORD}; write it anew"
                )
        keys, found = (np.load(folder / n, mmap_mode="r") for n in (KEYS, VECTORS))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DamagedArtefact(f"the embeddings in {folder} cannot be read: {error}") from error
    return Embeddings(keys, found, record)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
