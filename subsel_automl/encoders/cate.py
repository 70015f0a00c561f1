"""CATE: a transformer whose attention follows the data flow, trained on masked pairs of cells.

    Emb_i = Embedding(v_i)                                                                   (4.1)
    Q_k = H W_qk,  K_k = H W_kk,  V_k = H W_vk                                               (4.2)
    H^_k = softmax(Q_k K_k^T / sqrt(d_h) + M) V_k                                            (4.3)
    H^ = concatenate(H^_1, ..., H^_n)                                                        (4.4)
    H' = ReLU(H^ W_1 + b_1) W_2 + b_2                                                        (4.5)

M_ij = 0 where j leads to i along edges, or is i; the transitive closure of A (Floyd). The vector of
a node is its last hidden state, that of an architecture its output node's. Of a pair, both are
encoded apart, joined with a segment embedding each, and read by further layers in which every real
node of the two sees all others; those layers predict masked operations and do not take part in
embeddings. What is learnt stands in `cate_objective.py`.

Source: Yan 2022 (thesis), 4.3; sizes L = 12, L_c = 24, d = 64, 8 heads of its 4.4 (`THESIS`).

Deviations:
    [1] A node sees its ancestors and itself. The printed mask looks along edges, not against them:
        the output would see nothing, and a softmax over nothing is none.
    [2] Sums with what went in and layer norms stand around both halves of a block, and a linear map
        behind Eq. 4.4, as in every transformer; Eq. 4.5 prints none of them.
    [3] PAD and MASK are tokens of their own; in the released code they share the numbers of the
        input and of the 1x1 convolution.
    [4] The vector is the output node's; the released code takes the last slot, pad or not.
    [5] `LITE`, which trains in minutes on one core, is the default: 3 and 2 layers, hidden 128 as
        in the released code, no dropout, since one pass shows a pair once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from ..core.architecture import Architecture
from ..core.errors import BadInput
from .base import CHUNK, ArchitectureEncoder
from .collate import GraphArrays, graph_arrays

LITE: Mapping[str, Any] = {"layers": 3, "cross_layers": 2, "hidden": 128, "dropout": 0.0}  # [5]
THESIS: Mapping[str, Any] = {"layers": 12, "cross_layers": 24, "hidden": 64, "dropout": 0.1}
PRESETS = {"lite": LITE, "thesis": THESIS}


class Block(nn.Module):
    """Eqs. 4.2 to 4.5."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.projections = nn.Linear(width, 3 * width)  # W_q, W_k, W_v of all heads
        self.joined = nn.Linear(width, width)
        self.forward_1 = nn.Linear(width, hidden)  # W_1, b_1
        self.forward_2 = nn.Linear(hidden, width)  # W_2, b_2
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, h: Float[Tensor, "m v d"], seen: Bool[Tensor, "m v v"]
    ) -> Float[Tensor, "m v d"]:
        m, v, d = h.shape
        parts = self.projections(h).view(m, v, 3, self.heads, d // self.heads)
        q, k, values = parts.permute(2, 0, 3, 1, 4)  # [m heads v d / heads] each
        scores = (q @ k.transpose(2, 3) / d**0.5).masked_fill(~seen[:, None], -torch.inf)
        attended = torch.softmax(scores, 3) @ values  # Eq. 4.3
        attended = attended.transpose(1, 2).reshape(m, v, d)  # Eq. 4.4
        h = self.norm_1(h + self.dropout(self.joined(attended)))  # [2]
        fed = self.forward_2(torch.relu(self.forward_1(h)))  # Eq. 4.5
        out: Tensor = self.norm_2(h + self.dropout(fed))  # [2]
        return out


class Cate(ArchitectureEncoder):
    """Computation-aware transformer encoder over one search space.

    Args:
        space, operations, max_nodes: of the search space.
        width, heads: of every layer; the width is a multiple of the heads.
        layers, cross_layers: of the encoder, and of what reads a pair.
        hidden: width of the feed-forward layers.
        dropout: in training.

    Raises:
        BadInput: a size below 1, a width that the heads do not divide, a dropout outside [0, 1).
    """

    kind = "cate"

    def __init__(
        self,
        *,
        space: str,
        operations: Sequence[str],
        max_nodes: int,
        width: int = 64,
        heads: int = 8,
        layers: int = LITE["layers"],
        cross_layers: int = LITE["cross_layers"],
        hidden: int = LITE["hidden"],
        dropout: float = LITE["dropout"],
    ) -> None:
        super().__init__()
        if min(width, heads, layers, cross_layers, hidden) < 1 or not 0 <= dropout < 1:
            raise BadInput(
                f"cate with width={width}, heads={heads}, layers={layers}, hidden={hidden}, "
                f"cross_layers={cross_layers}, dropout={dropout} cannot be: give sizes from 1 and "
                "0 <= dropout < 1"
            )
        if width % heads:
            raise BadInput(f"{heads} heads do not divide width {width}; give a multiple of them")
        self.space, self.operations, self.max_nodes = space, tuple(operations), max_nodes
        self.width, self.heads, self.hidden, self.dropout = width, heads, hidden, dropout
        self.pad, self.mask = len(self.operations), len(self.operations) + 1  # [3]
        self.embedding = nn.Embedding(len(self.operations) + 2, width, padding_idx=self.pad)
        sizes = (width, heads, hidden, dropout)
        self.layers = nn.ModuleList(Block(*sizes) for _ in range(layers))
        self.segment = nn.Embedding(2, width)
        self.cross_layers = nn.ModuleList(Block(*sizes) for _ in range(cross_layers))
        self.operation = nn.Linear(width, len(self.operations))

    def config(self) -> dict[str, Any]:
        return {
            "space": self.space,
            "operations": list(self.operations),
            "max_nodes": self.max_nodes,
            "width": self.width,
            "heads": self.heads,
            "layers": len(self.layers),
            "cross_layers": len(self.cross_layers),
            "hidden": self.hidden,
            "dropout": self.dropout,
        }

    def tokens(self, graphs: GraphArrays) -> tuple[Int[Tensor, "m v"], Bool[Tensor, "m v"]]:
        """Operations with PAD where there is no node, and where there is one."""
        real = torch.arange(graphs.ops.shape[1]) < graphs.nodes[:, None]
        return graphs.ops.long().masked_fill(~real, self.pad), real

    def forward(
        self, tokens: Int[Tensor, "m v"], adjacency: Tensor, real: Bool[Tensor, "m v"]
    ) -> Float[Tensor, "m v d"]:
        """Hidden states of the last layer; 0 where there is no node."""
        seen = ancestors(adjacency, real)
        h = self.embedding(tokens)  # Eq. 4.1
        for layer in self.layers:
            h = layer(h, seen)
        return h * real[..., None]

    def predictions(
        self,
        tokens: Int[Tensor, "m 2 v"],
        adjacency: Tensor,
        real: Bool[Tensor, "m 2 v"],
    ) -> Float[Tensor, "m 2 v ops"]:
        """Logits of the operation of every node of m pairs, read together."""
        m, _, v = tokens.shape
        h = self(tokens.flatten(0, 1), adjacency.flatten(0, 1), real.flatten(0, 1))
        h = h.view(m, 2, v, self.width) + self.segment.weight[:, None]
        h, both = h.flatten(1, 2), real.flatten(1, 2)
        own = torch.eye(2 * v, dtype=torch.bool, device=h.device)
        seen = (both[:, None] & both[:, :, None]) | own  # a pad sees itself: no empty softmax
        for layer in self.cross_layers:
            h = layer(h, seen)
        logits: Tensor = self.operation(h)
        return logits.view(m, 2, v, -1)

    def embed_nodes(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        device = self.segment.weight.device
        parts = [torch.zeros(0, self.max_nodes, self.width, device=device)]
        tokens, real = self.tokens(graphs)
        for rows in torch.arange(len(graphs)).split(CHUNK):
            if len(rows):
                given = (tokens[rows], graphs.adjacency[rows], real[rows])
                parts.append(self(*(part.to(device) for part in given)))
        return torch.cat(parts)

    def embed_architectures(self, architectures: Sequence[Architecture]) -> Float[Tensor, "m d"]:
        """The output node's vector; it is the last of its listing, whatever the listing.  [4]

        Raises:
            ArchitectureError: as `embed`.
        """
        graphs = graph_arrays(architectures, self.space, self.operations, self.max_nodes)
        h = self.evaluated(graphs)
        return h[torch.arange(len(h)), graphs.nodes.to(h.device) - 1]


def ancestors(adjacency: Tensor, real: Bool[Tensor, "m v"]) -> Bool[Tensor, "m v v"]:
    """[:, i, j]: j leads to i along edges, or is i.  [1]"""
    v = adjacency.shape[1]
    reach = adjacency.transpose(1, 2).bool()  # [:, i, j]: the edge j -> i
    for k in range(v):  # Algorithm 2
        reach = reach | (reach[:, :, k, None] & reach[:, None, k])
    reach = reach & real[:, None] & real[:, :, None]
    return reach | torch.eye(v, dtype=torch.bool, device=reach.device)
