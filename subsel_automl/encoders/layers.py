"""The layers of GNN_alpha and of its decoder (SubSelNet Eq. 4, section 4.1 and D.3).

    h_(u,v)[k] = EdgeEmb(h_u[k], h_v[k]);  h_u[k+1] = Update(h_u[k], sum_{v in Nbr(u)} h_(u,v)[k])

Deviations:
    [1] D.3 prints EdgeEmb and Update as 5 x 128 although they read two 16-d vectors: 32 x 128 here.
    [2] With `directed`, edges into u and edges out of u have an EdgeEmb each. A + A^T cannot tell
        152,831 of the 423,624 NAS-Bench-101 cells from another one.
    [3] sigma(z_u z_v) cannot say which way an edge points; its parameterised form here is
        sigma(z_u^T W z_v + a^T z_u + b^T z_v + c). D.3's dense operation head stands beside it.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

HIDDEN = 128  # D.3


def feedforward(inputs: int, outputs: int) -> nn.Sequential:
    """Linear-BatchNorm-ReLU cascaded with a linear layer (D.3)."""
    return nn.Sequential(
        nn.Linear(inputs, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, outputs)
    )


class EdgeMessages(nn.Module):
    """sum_{v in Nbr(u)} EdgeEmb(h_u, h_v)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.edge_embedding = feedforward(2 * width, width)  # [1]

    def forward(self, h: Float[Tensor, "N d"], edges: Int[Tensor, "2 E"]) -> Float[Tensor, "N d"]:
        if edges.shape[1] == 0:  # BatchNorm refuses an empty batch
            return torch.zeros_like(h)
        v, u = edges
        messages = self.edge_embedding(torch.cat([h[u], h[v]], dim=1))
        return messages.new_zeros(h.shape).index_add_(0, u, messages)  # sum_{v in Nbr(u)}


class GraphLayer(nn.Module):
    """One step of Eq. 4."""

    def __init__(self, width: int, directed: bool) -> None:
        super().__init__()
        self.directed = directed
        self.into = EdgeMessages(width)
        if directed:
            self.out_of = EdgeMessages(width)  # [2]
        self.update = feedforward(2 * width, width)  # [1]

    def forward(self, h: Float[Tensor, "N d"], edges: Int[Tensor, "2 E"]) -> Float[Tensor, "N d"]:
        back = edges.flip(0)
        if self.directed:
            total = self.into(h, edges) + self.out_of(h, back)
        else:
            total = self.into(h, torch.cat([edges, back], dim=1))  # A + A^T
        return self.update(torch.cat([h, total], dim=1))


class GraphDecoder(nn.Module):
    """Operation of each node and directed edge of each pair, from the latent vectors alone."""

    def __init__(self, width: int, operations: int) -> None:
        super().__init__()
        self.operation = nn.Linear(width, operations)
        self.weight = nn.Linear(width, width, bias=False)  # W [3]
        self.source = nn.Linear(width, 1)  # a, c
        self.target = nn.Linear(width, 1, bias=False)  # b

    def forward(
        self, z: Float[Tensor, "m v d"]
    ) -> tuple[Float[Tensor, "m v ops"], Float[Tensor, "m v v"]]:
        """Logits of the operations, and of the edges u -> v at [:, u, v]."""
        pairs = torch.einsum("mud,mvd->muv", self.weight(z), z)
        edges = pairs + self.source(z) + self.target(z).transpose(1, 2)
        return self.operation(z), edges
