"""NAS-Bench-101: 423,624 cells of up to seven vertices and nine edges (Ying et al. 2019).

`sample` draws what the benchmark's own random search draws: each of the 21 edges of a 7-vertex
matrix with probability 1/2, each of the 5 operations uniformly, pruned, drawn again while cut or
over nine edges. This is not uniform over unique cells (a cell with many listings comes more often);
for a uniform draw take `space.enumerate()[rng.integers(423_624)]`.

Deviations:
    [1] `neighbours` also tries both directions between vertices that no path joins, so that the
        result does not depend on how the cell is listed; the reference flips u < v alone.
    [2] Vertices that pruning drops are gone, while the reference's matrices keep them unused, so
        one flip never brings a vertex back; `neighbours(cell, grow=True)` adds the cells with one
        vertex spliced in between two others, the inverse of such a drop.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError
from .base import Edge, SearchSpace
from .channels import network_parameters
from .enumeration import (
    INNER_OPS,
    MAX_EDGES,
    MAX_NODES,
    OPERATIONS,
    SPACE,
    CellTable,
    enumerate_cells,
)

if TYPE_CHECKING:
    import torch

Listing = tuple[tuple[str, ...], list[Edge]]
_PAIRS = tuple((u, v) for u in range(MAX_NODES) for v in range(u + 1, MAX_NODES))
_HASH_LABELS = {"input": -1, "output": -2, **{op: code for code, op in enumerate(INNER_OPS)}}


class NASBench101(SearchSpace):
    """The cell space that SubSelNet trains on."""

    name = SPACE
    operations = OPERATIONS
    max_nodes = MAX_NODES
    max_edges = MAX_EDGES

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Random matrix and operations, drawn again until valid; about 1 ms."""
        while True:
            codes = rng.integers(len(INNER_OPS), size=MAX_NODES - 2)
            present = rng.random(len(_PAIRS)) < 0.5
            ops = ("input", *(INNER_OPS[code] for code in codes), "output")
            edges = [pair for pair, here in zip(_PAIRS, present, strict=True) if here]
            try:
                return self.architecture(ops, edges)
            except ArchitectureError:  # cut, or more than nine edges
                continue

    def neighbours(self, architecture: Architecture, *, grow: bool = False) -> list[Architecture]:
        """Valid cells after one edge flip or one changed operation, ordered by key.

        Args:
            architecture: a cell of this space.
            grow: also cells with one more vertex w, spliced in as u -> w -> v. [2]

        Raises:
            ArchitectureError: the cell is not of this space.

        Warns of an empty list: `input -> output` has none without `grow`.
        """
        self.validate(architecture)
        found: dict[str, Architecture] = {}
        edits = [*_changed_ops(architecture), *_flipped_edges(architecture)]
        if grow and len(architecture) < MAX_NODES:
            edits += _grown(architecture)
        for ops, edges in edits:
            try:
                cell = self.architecture(ops, edges)
            except ArchitectureError:
                continue
            found.setdefault(cell.key, cell)
        found.pop(architecture.key, None)
        if not found:
            warnings.warn(
                f"the cell {architecture.key} has no neighbour with as many vertices; ask for "
                "neighbours(cell, grow=True), which adds those with one vertex more",
                stacklevel=2,
            )
        return [found[key] for key in sorted(found)]

    def enumerate(self) -> CellTable:
        """All 423,624 cells: a few seconds the first time, then kept in memory."""
        return enumerate_cells()

    def parameters(
        self,
        architecture: Architecture,
        *,
        classes: int = 10,
        in_channels: int = 3,
        channels: int = 128,
        stacks: int = 3,
        cells: int = 3,
    ) -> int:
        """Trainable parameters of `module` for the cell as it is listed."""
        self.validate(architecture)
        codes = np.array([[INNER_OPS.index(op) for op in architecture.ops[1:-1]]], np.intp)
        total = network_parameters(
            architecture.adjacency().astype(np.int64)[None],
            codes,
            classes=classes,
            in_channels=in_channels,
            channels=channels,
            stacks=stacks,
            cells=cells,
        )
        return int(total[0])

    def module(
        self,
        architecture: Architecture,
        *,
        classes: int,
        in_channels: int = 3,
        channels: int = 128,
        stacks: int = 3,
        cells: int = 3,
        stem_stride: int = 1,
    ) -> torch.nn.Module:
        """Stem, `stacks` stacks of `cells` cells, global mean, dense layer; fresh weights."""
        from .cell_network import build_cell_network  # torch takes seconds to import

        self.validate(architecture)
        return build_cell_network(
            architecture,
            in_channels=in_channels,
            classes=classes,
            channels=channels,
            stacks=stacks,
            cells=cells,
            stem_stride=stem_stride,
        )


def module_hash(architecture: Architecture) -> str:
    """The benchmark's md5 hash of a cell, 32 hex digits; equal for isomorphic cells.

    Raises:
        ArchitectureError: the cell is of another space.
    """
    if architecture.space != SPACE:
        raise ArchitectureError(
            f"only cells of {SPACE!r} have a module hash; got one of {architecture.space!r}"
        )
    before: list[list[int]] = [[] for _ in architecture.ops]
    after: list[list[int]] = [[] for _ in architecture.ops]
    for u, v in architecture.edges:
        before[v].append(u)
        after[u].append(v)
    hashes = [
        _md5(str((len(after[u]), len(before[u]), _HASH_LABELS[op])))
        for u, op in enumerate(architecture.ops)
    ]
    for _ in architecture.ops:
        hashes = [
            _md5(
                "".join(sorted(hashes[w] for w in before[u]))
                + "|"
                + "".join(sorted(hashes[w] for w in after[u]))
                + "|"
                + hashes[u]
            )
            for u in range(len(hashes))
        ]
    return _md5(str(sorted(hashes)))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _changed_ops(cell: Architecture) -> Iterator[Listing]:
    for node in range(1, len(cell) - 1):
        for op in INNER_OPS:
            if op != cell.ops[node]:
                yield (*cell.ops[:node], op, *cell.ops[node + 1 :]), list(cell.edges)


def _flipped_edges(cell: Architecture) -> Iterator[Listing]:
    present = set(cell.edges)
    for u in range(len(cell) - 1):
        for v in range(1, len(cell)):
            if (u, v) in present:
                yield cell.ops, [edge for edge in cell.edges if edge != (u, v)]
            elif u != v:  # a cycle is refused when the cell is built [1]
                yield cell.ops, [*cell.edges, (u, v)]


def _grown(cell: Architecture) -> Iterator[Listing]:
    """A vertex w between u and v; listed second to last, put in order when the cell is built."""
    last = len(cell)
    moved = {node: node for node in range(last - 1)} | {last - 1: last}
    edges = [(moved[a], moved[b]) for a, b in cell.edges]
    for u in range(last - 1):
        for v in range(1, last):
            if u != v:
                for op in INNER_OPS:
                    w = last - 1
                    listing = (*cell.ops[:-1], op, cell.ops[-1])
                    yield listing, [*edges, (u, w), (w, moved[v])]
