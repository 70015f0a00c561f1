"""GNN_alpha, trained as a variational graph autoencoder (SubSelNet 4.1, Eq. 4 and D.3).

    h_u = [h_u[0], ..., h_u[K-1]];  q(z_u | G) = N(mu(h_u), exp(FCN(h_u))^2);
    p(G | Z) = prod_{(u,v) in E} sigma(z_u, z_v) prod_{(u,v) not in E} [1 - sigma(z_u, z_v)]

f_u is the one-hot operation alone, so an embedding does not depend on how a graph is listed. The
decoder is given no order of the nodes: it must tell both whether and which way an edge points.

Deviations ([1] to [3] are in layers.py):
    [4] K = 5 states need four applications of Eq. 4: the fifth, h[5], would be read by nothing.
    [5] The architecture representation is mu, 16-d a node: 4.1's h_u is 80-d, but D.3's
        W_query is 16 x 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from .base import CHUNK, ArchitectureEncoder
from .collate import GraphArrays, GraphBatch
from .layers import GraphDecoder, GraphLayer


class GVAE(ArchitectureEncoder):
    """Variational graph autoencoder over one search space.

    Args:
        space, operations, max_nodes: of the search space.
        width: of a node's state and latent vector; 16 in D.3.
        states: K of Eq. 4; 5 in D.3.
        directed: tell edges into a node from edges out of it; False is the paper's A + A^T.
    """

    kind = "gvae"
    decoder_directed = True

    def __init__(
        self,
        *,
        space: str,
        operations: Sequence[str],
        max_nodes: int,
        width: int = 16,
        states: int = 5,
        directed: bool = True,
    ) -> None:
        super().__init__()
        self.space, self.operations, self.max_nodes = space, tuple(operations), max_nodes
        self.width, self.states, self.directed = width, states, directed
        self.init_node = nn.Sequential(
            nn.Linear(len(self.operations), width), nn.ReLU(), nn.Linear(width, width)
        )
        self.layers = nn.ModuleList(GraphLayer(width, directed) for _ in range(states - 1))  # [4]
        self.mean = nn.Linear(states * width, width)
        self.log_sigma = nn.Linear(states * width, width)
        self.decoder = GraphDecoder(width, len(self.operations))

    def config(self) -> dict[str, Any]:
        return {
            "space": self.space,
            "operations": list(self.operations),
            "max_nodes": self.max_nodes,
            "width": self.width,
            "states": self.states,
            "directed": self.directed,
        }

    def forward(self, batch: GraphBatch) -> tuple[Float[Tensor, "N d"], Float[Tensor, "N d"]]:
        """Mean and log standard deviation of q(z_u | G) for every node."""
        features = functional.one_hot(batch.ops, len(self.operations)).to(self.mean.weight.dtype)
        states = [self.init_node(features)]
        for layer in self.layers:
            states.append(layer(states[-1], batch.edges))
        h = torch.cat(states, dim=1)  # h_u = [h_u[0], ..., h_u[K-1]]
        return self.mean(h), self.log_sigma(h)

    def embed_nodes(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        device = self.mean.weight.device
        parts = [torch.zeros(0, self.max_nodes, self.width, device=device)]
        for rows in torch.arange(len(graphs)).split(CHUNK):
            if len(rows):
                batch = graphs.batch(rows, device)
                parts.append(batch.padded(self(batch)[0]))  # [5]
        return torch.cat(parts)
