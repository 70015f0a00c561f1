"""arch2vec: a variational autoencoder over a graph isomorphism network, trained without accuracies.

    q(Z | X, A~) = prod_i N(mu_i, diag sigma_i^2),  A~ = A + A^T                             (3.1)
    H^(k) = MLP^(k)((1 + eps^(k)) H^(k-1) + A~ H^(k-1)),  H^(0) = X                          (3.2)
    p(A_ij = 1 | Z) = sigmoid(z_i . z_j)                                                     (3.3)
    p(X_i = k | Z) = softmax(W_o z_i + b_o)_k                                                (3.4)

Source: Yan 2022 (thesis), chapter 3; sizes {128, 128, 128, 128, 16} of its section 3.4.

Deviations:
    [1] "Five layers" are, as in the released code, four of Eq. 3.2 and the two linear heads.
    [2] Eq. 3.4 as printed: the released code applies a sigmoid where the softmax stands.
    [3] Padded slots are no nodes: they take no part in batch norms, losses or sums. The released
        code embeds, rebuilds and averages them too.
    [4] Eq. 3.3 is read for i != j: z_i . z_i is never negative, and no node has an edge to itself.
        A and A^T are told apart by the order of the nodes alone, as in the released code.
    [5] The architecture's vector is the sum over nodes, as the text says; the released code takes
        the mean. sigma = exp(head), its KL to match.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from ..core.errors import BadInput
from .base import CHUNK, ArchitectureEncoder
from .collate import GraphArrays, GraphBatch


class GinLayer(nn.Module):
    """Eq. 3.2; the MLP is two linear layers, each with batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.epsilon = nn.Parameter(torch.zeros(1))
        self.mlp = nn.Sequential(
            nn.Linear(inputs, outputs),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
            nn.Linear(outputs, outputs),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
        )

    def forward(
        self,
        h: Float[Tensor, "m v d"],
        both: Float[Tensor, "m v v"],
        mask: Bool[Tensor, "m v"],
    ) -> Float[Tensor, "m v e"]:
        summed = (1 + self.epsilon) * h + both @ h  # (1 + eps) H + A~ H
        nodes = self.mlp(summed[mask])  # [3]
        return nodes.new_zeros(*mask.shape, nodes.shape[1]).masked_scatter(mask[..., None], nodes)


class InnerProductDecoder(nn.Module):
    """Eqs. 3.3 and 3.4."""

    def __init__(self, width: int, operations: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.operation = nn.Linear(width, operations)  # W_o, b_o

    def forward(
        self, z: Float[Tensor, "m v d"]
    ) -> tuple[Float[Tensor, "m v ops"], Float[Tensor, "m v v"]]:
        """Logits of the operations, and of an edge between u and v at [:, u, v] = [:, v, u]."""
        z = self.dropout(z)
        return self.operation(z), z @ z.transpose(1, 2)  # [2]


class Arch2vec(ArchitectureEncoder):
    """Graph isomorphism autoencoder over one search space.

    Args:
        space, operations, max_nodes: of the search space.
        width: of a node's latent vector.
        hidden, layers: of the graph isomorphism network.  [1]
        dropout: of the decoder, in training.

    Raises:
        BadInput: a size below 1, or a dropout outside [0, 1).
    """

    kind = "arch2vec"
    decoder_directed = False

    def __init__(
        self,
        *,
        space: str,
        operations: Sequence[str],
        max_nodes: int,
        width: int = 16,
        hidden: int = 128,
        layers: int = 4,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        if min(width, hidden, layers) < 1 or not 0 <= dropout < 1:
            raise BadInput(
                f"arch2vec with width={width}, hidden={hidden}, layers={layers}, "
                f"dropout={dropout} cannot be: give sizes from 1 and 0 <= dropout < 1"
            )
        self.space, self.operations, self.max_nodes = space, tuple(operations), max_nodes
        self.width, self.hidden, self.dropout = width, hidden, dropout
        sizes = [len(self.operations), *[hidden] * layers]
        self.layers = nn.ModuleList(GinLayer(*pair) for pair in pairwise(sizes))
        self.mean = nn.Linear(hidden, width)
        self.log_sigma = nn.Linear(hidden, width)
        self.decoder = InnerProductDecoder(width, len(self.operations), dropout)

    def config(self) -> dict[str, Any]:
        return {
            "space": self.space,
            "operations": list(self.operations),
            "max_nodes": self.max_nodes,
            "width": self.width,
            "hidden": self.hidden,
            "layers": len(self.layers),
            "dropout": self.dropout,
        }

    def forward(self, batch: GraphBatch) -> tuple[Float[Tensor, "N d"], Float[Tensor, "N d"]]:
        """Mean and log standard deviation of q(z_i | X, A~) for every node (Eq. 3.1)."""
        one_hot = functional.one_hot(batch.ops, len(self.operations)).to(self.mean.weight.dtype)
        h = batch.padded(one_hot)  # H^(0) = X
        both = (batch.adjacency + batch.adjacency.transpose(1, 2)).to(h.dtype)  # A~ = A + A^T
        for layer in self.layers:
            h = layer(h, both, batch.mask)
        nodes = h[batch.mask]
        return self.mean(nodes), self.log_sigma(nodes)  # [5]

    def embed_nodes(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        device = self.mean.weight.device
        parts = [torch.zeros(0, self.max_nodes, self.width, device=device)]
        for rows in torch.arange(len(graphs)).split(CHUNK):
            if len(rows):
                batch = graphs.batch(rows, device)
                parts.append(batch.padded(self(batch)[0]))
        return torch.cat(parts)

    def pooled(self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]) -> Float[Tensor, "m d"]:
        return (h * mask[..., None]).sum(1)  # [5]
