"""NAS-Bench-201: 5^6 = 15,625 cells, one of five operations on each of six edges.

    x_1 = o_01(x_0),  x_2 = o_02(x_0) + o_12(x_1),  x_3 = o_03(x_0) + o_13(x_1) + o_23(x_2)

Edge operations are nodes here, in the order 0>1, 0>2, 1>2, 0>3, 1>3, 2>3 (nodes 1..6), so every
cell is one graph of eight nodes, input -> 1, 2, 4; 1 -> 3, 5; 2, 3 -> 6; 4, 5, 6 -> output, as in
arch2vec (Yan et al. 2020); `none` stays a node. The graph has no symmetry: `Architecture.key` names
one of the 15,625 cells, each of which the benchmark has trained. `canonical_key` is shared by the
cells that NAS-Bench-201 counts as one, 6,466 of them.

Source: Dong and Yang 2020 (NAS-Bench-201), section 2.1 and appendix A.

Deviations:
    [1] `canonical_key` writes a cell as the benchmark does to count it: a skip edge passes on what
        its source is, a `none` edge and any edge out of a node that is one leave the mark "#", and
        the terms of a sum are sorted as texts. The published 6,466 hangs on that text: sums inside
        sums kept apart give 6,900; sums flattened and marks dropped give 4,930.
    [2] `sample` is uniform over the 15,625 cells, not over the 6,466.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..core.architecture import Architecture, content_lanes, lanes_to_keys, op_lanes
from ..core.errors import ArchitectureError
from .base import Edge, SearchSpace
from .cell_list import CellList
from .cells import CELL_EDGES

if TYPE_CHECKING:
    import torch

SPACE = "nasbench201"
EDGE_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
GRAPH: tuple[Edge, ...] = tuple(
    sorted(
        [(0, 1 + e) for e, (u, _) in enumerate(CELL_EDGES) if u == 0]
        + [(1 + e, 7) for e, (_, v) in enumerate(CELL_EDGES) if v == 3]
        + [
            (1 + e, 1 + f)
            for e, (_, v) in enumerate(CELL_EDGES)
            for f, (u, _) in enumerate(CELL_EDGES)
            if u == v
        ]
    )
)
_KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 9}  # numbers of a filter
_NOTHING = "#"


class NASBench201(SearchSpace):
    """The cells whose accuracies on three data sets are all known."""

    name = SPACE
    operations = ("input", *EDGE_OPERATIONS, "output")
    max_nodes = 8
    max_edges = len(GRAPH)

    def cell(self, edge_operations: Sequence[str]) -> Architecture:
        """The cell with these operations on the edges 0>1, 0>2, 1>2, 0>3, 1>3, 2>3.

        Raises:
            ArchitectureError: not six of them, or unknown ones.
        """
        if len(edge_operations) != len(CELL_EDGES):
            raise ArchitectureError(
                f"a cell of {self.name} has 6 edge operations; got {len(edge_operations)}"
            )
        self._check_ops(("input", *edge_operations, "output"))
        codes = [EDGE_OPERATIONS.index(op) for op in edge_operations]
        row = functools.reduce(lambda total, code: len(EDGE_OPERATIONS) * total + code, codes)
        return enumerate_cells()[row]

    def architecture(self, ops: Sequence[str], edges: Iterable[Edge]) -> Architecture:
        """The cell with these eight nodes; the edges are the space's own.

        Raises:
            ArchitectureError: other edges than the graph's, or unknown operations.
        """
        found = super().architecture(ops, edges)
        if found.edges != GRAPH:
            raise ArchitectureError(
                f"every cell of {self.name} has the edges {list(GRAPH)}; got {list(found.edges)}. "
                "Build it with cell(edge_operations) or from_string(text)"
            )
        return found

    def from_string(self, text: str) -> Architecture:
        """The cell that the benchmark writes as "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|".

        Raises:
            ArchitectureError: another form, or an unknown operation.
        """
        parts = [re.findall(r"([^|~+]+)~(\d)", node) for node in text.split("+")]
        ops = [op for node in parts for op, _ in node]
        if len(ops) != len(CELL_EDGES) or _spelled(ops) != text:
            raise ArchitectureError(
                f"{text!r} does not spell a cell of {self.name}; write "
                f"{_spelled(('op',) * len(CELL_EDGES))} with op one of {', '.join(EDGE_OPERATIONS)}"
            )
        return self.cell(ops)

    def to_string(self, architecture: Architecture) -> str:
        """The inverse of `from_string`."""
        self.validate(architecture)
        return _spelled(architecture.ops[1:-1])

    def validate(self, architecture: Architecture) -> None:
        """As every space's; quick, since all cells share their edges."""
        if architecture.space == self.name and architecture.edges == GRAPH:
            self._check_ops(architecture.ops)
            if len(architecture) == self.max_nodes:
                return
        super().validate(architecture)

    def canonical_key(self, architecture: Architecture) -> str:
        """32 hex digits, equal for the cells that NAS-Bench-201 counts as one. [1]"""
        self.validate(architecture)
        text = f"{self.name}\0{_expression(architecture.ops[1:-1])}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Each of the 15,625 cells equally likely. [2]"""
        codes = rng.integers(len(EDGE_OPERATIONS), size=len(CELL_EDGES))
        return self.cell([EDGE_OPERATIONS[code] for code in codes])

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """The 24 cells with one other edge operation, ordered by key."""
        self.validate(architecture)
        ops = architecture.ops[1:-1]
        found = [
            self.cell((*ops[:edge], other, *ops[edge + 1 :]))
            for edge, op in enumerate(ops)
            for other in EDGE_OPERATIONS
            if other != op
        ]
        return sorted(found, key=lambda cell: cell.key)

    def enumerate(self) -> CellList:
        """All 15,625 cells, the last edge varying fastest; kept in memory after the first call."""
        return enumerate_cells()

    def parameters(
        self,
        architecture: Architecture,
        *,
        classes: int = 10,
        in_channels: int = 3,
        channels: int = 16,
        stacks: int = 3,
        cells: int = 5,
    ) -> int:
        """Trainable parameters of `module`."""
        self.validate(architecture)
        total = 9 * in_channels * channels + 2 * channels  # stem
        width = channels
        for stack in range(stacks):
            if stack:  # residual block width -> 2 width: two 3x3, their norms, a 1x1 shortcut
                total += (18 + 36 + 2) * width**2 + 8 * width
                width *= 2
            for op in architecture.ops[1:-1]:
                if op in _KERNELS:
                    total += cells * (_KERNELS[op] * width**2 + 2 * width)
        return total + 2 * width + (width + 1) * classes  # last norm, dense

    def module(
        self,
        architecture: Architecture,
        *,
        classes: int,
        in_channels: int = 3,
        channels: int = 16,
        stacks: int = 3,
        cells: int = 5,
        stem_stride: int = 1,
    ) -> torch.nn.Module:
        """Stem, `stacks` stages of `cells` cells, global mean, dense layer; fresh weights."""
        from .nasbench201_network import NASBench201Network  # torch takes seconds to import

        self.validate(architecture)
        return NASBench201Network(
            architecture.ops[1:-1], in_channels, classes, channels, stacks, cells, stem_stride
        )


@functools.lru_cache(maxsize=1)
def enumerate_cells() -> CellList:
    """All cells, hashed in one call; a cell's row is its six digits read in base five."""
    listed = [
        ("input", *inner, "output")
        for inner in itertools.product(EDGE_OPERATIONS, repeat=len(CELL_EDGES))
    ]
    names = {op: lanes for op in NASBench201.operations for lanes in op_lanes(SPACE, [op])}
    labels = np.stack([np.stack([names[op] for op in ops]) for ops in listed])
    graph = Architecture(SPACE, listed[0], GRAPH).adjacency()
    adjacency = np.broadcast_to(graph, (len(listed), *graph.shape))
    keys = lanes_to_keys(content_lanes(labels, adjacency, np.full(len(listed), len(graph))))
    return CellList(
        Architecture(SPACE, ops, GRAPH, key) for ops, key in zip(listed, keys, strict=True)
    )


def _spelled(ops: Sequence[str]) -> str:
    written = [f"{op}~{u}|" for op, (u, _) in zip(ops, CELL_EDGES, strict=True)]
    nodes = (
        "".join(part for part, (_, w) in zip(written, CELL_EDGES, strict=True) if w == v)
        for v in (1, 2, 3)
    )
    return "+".join(f"|{node}" for node in nodes)


def _expression(ops: Sequence[str]) -> str:
    """What the last node computes, as the benchmark writes it to count cells. [1]"""
    nodes = ["0"]
    for v in (1, 2, 3):
        terms = []
        for op, (u, w) in zip(ops, CELL_EDGES, strict=True):
            if w != v:
                continue
            if op == "none" or nodes[u] == _NOTHING:
                terms.append(_NOTHING)
            elif op == "skip_connect":
                terms.append(nodes[u])
            else:
                terms.append(f"({nodes[u]})@{op}")
        nodes.append("+".join(sorted(terms)))
    return nodes[3]
