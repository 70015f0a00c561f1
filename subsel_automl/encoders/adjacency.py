"""The graph itself in place of node embeddings (SubSelNet F, Table 14: A instead of H).

    h_u = [row u of A + A^T; one-hot operation of u], nodes in BFS order

Nothing is learned.

Deviations:
    [1] The operation stands beside the row: by A alone a convolution is a pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from ..core.architecture import Architecture
from .base import ArchitectureEncoder
from .collate import GraphArrays, graph_arrays


class AdjacencyEncoder(ArchitectureEncoder):
    """Rows of the adjacency matrix, and operations.

    Args:
        space, operations, max_nodes: of the search space.
    """

    kind = "adjacency"

    def __init__(self, *, space: str, operations: Sequence[str], max_nodes: int) -> None:
        super().__init__()
        self.space, self.operations, self.max_nodes = space, tuple(operations), max_nodes
        self.width = max_nodes + len(self.operations)

    def config(self) -> dict[str, Any]:
        return {
            "space": self.space,
            "operations": list(self.operations),
            "max_nodes": self.max_nodes,
        }

    def embed_nodes(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        both = (graphs.adjacency + graphs.adjacency.transpose(1, 2)).float()
        ops = functional.one_hot(graphs.ops.long(), len(self.operations)).float()  # [1]
        real = torch.arange(self.max_nodes) < graphs.nodes[:, None]
        return torch.cat([both, ops], 2) * real[..., None]

    def embed(
        self, architectures: Sequence[Architecture]
    ) -> tuple[Float[Tensor, "m v d"], Bool[Tensor, "m v"]]:
        """Rows and columns of A in BFS order."""
        graphs = graph_arrays(architectures, self.space, self.operations, self.max_nodes)
        order = torch.from_numpy(self.bfs_orders(graphs))
        rows, columns = order[:, :, None], order[:, None].expand_as(graphs.adjacency)
        turned = graphs.adjacency.gather(1, rows.expand_as(columns)).gather(2, columns)
        listed = GraphArrays(graphs.ops.gather(1, order), turned, graphs.nodes)
        mask = torch.arange(self.max_nodes) < graphs.nodes[:, None]
        return self.embed_nodes(listed), mask
