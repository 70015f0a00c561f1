"""An architecture encoder: node embeddings H_m of an architecture, in BFS order (SubSelNet 4.2).

Deviations: none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from ..core.architecture import Architecture, bfs_orders, op_lanes
from ..core.errors import ArchitectureError
from .collate import GraphArrays, check_known, graph_arrays

CHUNK = 4_096


class ArchitectureEncoder(nn.Module, ABC):
    """Maps architectures of one space to vectors, one a node.

    Attributes:
        kind: name under which `store.load_encoder` finds the class.
        space, operations, max_nodes: of the search space that the encoder was made for.
        width: length of a node's embedding.
    """

    kind: ClassVar[str]
    space: str
    operations: tuple[str, ...]
    max_nodes: int
    width: int

    @abstractmethod
    def embed_nodes(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        """Embeddings of nodes as listed, 0 where there is no node; called in evaluation mode."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """What `from_config` needs to build an encoder of this shape; JSON values only."""

    def unknown(self, architecture: Architecture) -> str:
        """What of an architecture the encoder has never seen, in words; "" when it knows it."""
        try:
            check_known(architecture, self.space, self.operations, self.max_nodes)
        except ArchitectureError as error:
            return str(error)
        return ""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ArchitectureEncoder:
        """An encoder of the stored shape, with fresh weights."""
        return cls(**config)

    def embed(
        self, architectures: Sequence[Architecture]
    ) -> tuple[Float[Tensor, "m v d"], Bool[Tensor, "m v"]]:
        """Node embeddings in BFS order, padded at the end to `max_nodes`, and a mask of real nodes.

        Runs in evaluation mode, without gradient, on the device of the weights; the training mode
        is put back afterwards.

        Raises:
            ArchitectureError: an architecture that the encoder's space lacks.
        """
        graphs = graph_arrays(architectures, self.space, self.operations, self.max_nodes)
        listed = self.evaluated(graphs)
        order = torch.from_numpy(self.bfs_orders(graphs)).to(listed.device)
        mask = torch.arange(self.max_nodes) < graphs.nodes[:, None]
        return listed.gather(1, order[..., None].expand_as(listed)), mask.to(listed.device)

    def embed_architectures(self, architectures: Sequence[Architecture]) -> Float[Tensor, "m d"]:
        """One vector an architecture: `pooled` node embeddings.

        Raises:
            ArchitectureError: as `embed`.
        """
        return self.pooled(*self.embed(architectures))

    def pooled(self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]) -> Float[Tensor, "m d"]:
        """The mean over nodes, unless an encoder's source says otherwise."""
        return (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)

    def evaluated(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        """`embed_nodes` in evaluation mode, without gradient; the mode is put back."""
        was_training = self.training
        self.eval()
        try:
            with torch.no_grad():
                return self.embed_nodes(graphs)
        finally:
            self.train(was_training)

    def bfs_orders(self, graphs: GraphArrays) -> npt.NDArray[np.int64]:
        """`Architecture.bfs_order` of each graph, [m, v]."""
        labels = op_lanes(self.space, self.operations)
        ops, adjacency = graphs.ops.numpy(), graphs.adjacency.numpy()
        parts = [np.zeros((0, self.max_nodes), np.int64)]
        for first in range(0, len(graphs), CHUNK):
            rows = slice(first, first + CHUNK)
            edges = adjacency[rows].astype(np.uint64)
            parts.append(bfs_orders(labels[ops[rows]], edges, graphs.nodes[rows].numpy()))
        return np.concatenate(parts)
