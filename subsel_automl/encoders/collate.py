"""Architectures as arrays, and arrays as one block-diagonal graph for message passing.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int, UInt8
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError
from ..spaces.enumeration import OPERATIONS, SPACE, CellTable


@dataclass(frozen=True)
class GraphBatch:
    """m graphs as one graph of N nodes and E edges.

    Attributes:
        ops: operation code of each node.
        edges: edges[0] -> edges[1], numbered over all N nodes.
        mask: where the padded [m, v] layout holds a node; row-major order is the order of nodes.
        adjacency: the same edges, padded; entry [g, u, v] is the edge u -> v of graph g.
    """

    ops: Int[Tensor, " N"]
    edges: Int[Tensor, "2 E"]
    mask: Bool[Tensor, "m v"]
    adjacency: UInt8[Tensor, "m v v"]

    def padded(self, nodes: Tensor) -> Tensor:
        """[N, d] to [m, v, d], zero where there is no node."""
        out = nodes.new_zeros(*self.mask.shape, nodes.shape[-1])
        out[self.mask] = nodes
        return out


@dataclass(frozen=True)
class GraphArrays:
    """m graphs padded to v nodes; codes and edges beyond `nodes` are 0."""

    ops: UInt8[Tensor, "m v"]
    adjacency: UInt8[Tensor, "m v v"]
    nodes: Int[Tensor, " m"]

    def __len__(self) -> int:
        return len(self.nodes)

    def batch(self, rows: Int[Tensor, " b"], device: torch.device | str = "cpu") -> GraphBatch:
        """The graphs of some rows, moved to a device."""
        adjacency = self.adjacency[rows].to(device)
        width = adjacency.shape[1]
        places = torch.arange(width, device=device)
        mask = places < self.nodes[rows].to(device)[:, None]
        number = mask.flatten().cumsum(0) - 1
        graph, u, v = adjacency.nonzero(as_tuple=True)
        edges = torch.stack([number[graph * width + u], number[graph * width + v]])
        return GraphBatch(self.ops[rows].to(device)[mask].long(), edges, mask, adjacency)


def graph_arrays(
    architectures: Sequence[Architecture], space: str, operations: Sequence[str], width: int
) -> GraphArrays:
    """Arrays of architectures of one space, nodes as listed.

    Args:
        architectures: a `CellTable` is converted without building its architectures.
        space: the only space that is accepted.
        operations: label of each code.
        width: nodes to pad to.

    Raises:
        ArchitectureError: another space, an unknown operation, or more nodes than `width`.
    """
    if isinstance(architectures, CellTable) and (space, tuple(operations)) == (SPACE, OPERATIONS):
        return _table_arrays(architectures, width)
    m = len(architectures)
    codes = {op: code for code, op in enumerate(operations)}
    ops = torch.zeros(m, width, dtype=torch.uint8)
    adjacency = torch.zeros(m, width, width, dtype=torch.uint8)
    for row, architecture in enumerate(architectures):
        check_known(architecture, space, codes, width)
        ops[row, : len(architecture)] = torch.tensor([codes[op] for op in architecture.ops])
        for u, v in architecture.edges:
            adjacency[row, u, v] = 1
    nodes = torch.tensor([len(architecture) for architecture in architectures], dtype=torch.long)
    return GraphArrays(ops, adjacency, nodes)


def check_known(architecture: Architecture, space: str, codes: Collection[str], width: int) -> None:
    """Raises:
    ArchitectureError: another space, an unknown operation, or more nodes than `width`.
    """
    if architecture.space != space:
        raise ArchitectureError(
            f"this encoder knows the space {space!r}; got an architecture of "
            f"{architecture.space!r}, so train an encoder for that space"
        )
    unknown = next((op for op in architecture.ops if op not in codes), None)
    if unknown is not None:
        raise ArchitectureError(
            f"this encoder has no operation {unknown!r}; known: {', '.join(codes)}"
        )
    if len(architecture) > width:
        raise ArchitectureError(
            f"the architecture has {len(architecture)} nodes; this encoder takes at most {width}"
        )


def _table_arrays(table: CellTable, width: int) -> GraphArrays:
    nodes = torch.from_numpy(table.n_vertices.astype("int64"))
    if len(nodes) and int(nodes.max()) > width:
        raise ArchitectureError(
            f"the table has cells of {int(nodes.max())} nodes; this encoder takes at most {width}"
        )
    inner = torch.from_numpy(table.op_codes()) + 1
    ops = torch.zeros(len(nodes), max(width, inner.shape[1] + 2), dtype=torch.uint8)
    ops[:, 1 : inner.shape[1] + 1] = inner
    places = torch.arange(ops.shape[1])
    ops[places == nodes[:, None] - 1] = len(OPERATIONS) - 1
    ops[places >= nodes[:, None]] = 0
    return GraphArrays(ops[:, :width], torch.from_numpy(table.adjacency(width)), nodes)
