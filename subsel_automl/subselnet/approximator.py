"""The model approximator g_beta(H_m, x_i) ~ m_theta*(x_i): SubSelNet 4.2, Eqs. 5 to 7, and D.3.

    Att_u   = W_c^T sum_v a_uv Value(h_v),  a_uv = softmax_v(Query(h_u)^T Key(h_v) / sqrt(k))   (5)
    zeta_u1 = LN(Att_u + h_u);  zeta_u2 = W_2^T ReLU(W_1^T zeta_u1)
    zeta_u3 = LN(zeta_u1 + zeta_u2)
    o_mx    = FF(zeta_rho(|V|), x)                                                              (6)
    min over beta of sum_mi KL(m_theta*(x_i) || g_beta(H_m, x_i))                               (7)

Deviations:
    [1] x is the example's features joined with the log of the zoo's mean prediction for it, and o
        is an offset to that mean: g_beta has to generalise across architectures, not examples
        (4.2), so what all trained networks agree on need not be learned again from pixels. While
        fitting, a network's own prediction is left out of the mean. `anchor=False` gives the
        paper's form.
    [2] The first layer of FF is linear in [zeta, x], so W_x x is kept for the whole pool and each
        further architecture costs one ReLU and one n x 256 x C product.
    [3] zeta is the mean over the nodes; the paper takes the last node in BFS order. In three-fold
        cross-validation over 31 networks the mean leaves a KL of 0.043, the last node 0.048, the
        zoo's mean 0.049. `pool="last"` gives the paper's form.
    [4] Learning stops at the epoch that fits the validation architectures best.
    [5] `reader="lstm"` and `"feed-forward"` are the rivals of Tables 3 and 14. All three readers
        give a zeta of the same width to the same head; in the released code the rivals' heads are
        10 wide against 256.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from ..core.errors import BadInput, UnknownName

POOLS = ("mean", "last")
READERS = ("attention", "lstm", "feed-forward")
HIDDEN = 256  # D.3
DROPOUT = 0.3  # D.3
CHUNK = 1024  # examples whose hidden layer (1 MB) stays in the cache


@dataclass(frozen=True)
class Shape:
    """What `Approximator` needs to be rebuilt."""

    width: int
    features: int
    classes: int
    anchor: bool = True
    pool: str = "mean"
    reader: str = "attention"
    nodes: int = 7

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise UnknownName("pooling of nodes", self.pool, POOLS)
        if self.reader not in READERS:
            raise UnknownName("reader of node embeddings", self.reader, READERS)
        if self.pool != "mean" and self.reader != "attention":
            raise BadInput(
                f"pool={self.pool!r} is a choice of the attention reader; {self.reader!r} has none"
            )


class Attention(nn.Module):
    """Single-head attention over nodes, then the two layer norms of D.3: [m v d] -> [m d]."""

    def __init__(self, width: int, pool: str = "mean", inner: int = 8, hidden: int = 64) -> None:
        super().__init__()
        self.pool = pool
        self.query = nn.Linear(width, inner, bias=False)
        self.key = nn.Linear(width, inner, bias=False)
        self.value = nn.Linear(width, inner, bias=False)
        self.w_c = nn.Linear(inner, width, bias=False)
        self.w_1 = nn.Linear(width, hidden)
        self.w_2 = nn.Linear(hidden, width)
        self.norm_1 = nn.LayerNorm(width)
        self.norm_2 = nn.LayerNorm(width)

    def forward(self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]) -> Float[Tensor, "m d"]:
        scores = self.query(h) @ self.key(h).transpose(1, 2) / math.sqrt(self.key.out_features)
        a = torch.softmax(scores.masked_fill(~mask[:, None], -torch.inf), 2)  # Eq. 5
        attended = self.w_c(a @ self.value(h))
        zeta = self.norm_1(attended + h)  # zeta_u1
        zeta = self.norm_2(zeta + self.w_2(torch.relu(self.w_1(zeta))))  # zeta_u3
        if self.pool == "mean":  # [3]
            return (zeta * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        last = mask.sum(1) - 1  # rho(|V_m|): the last node in BFS order
        return zeta[torch.arange(len(h), device=h.device), last]


class Recurrent(nn.Module):
    """LSTM over the nodes in BFS order; zeta is its state after the last: [m v d] -> [m d].  [5]"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, batch_first=True)

    def forward(self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]) -> Float[Tensor, "m d"]:
        last = mask.sum(1) - 1  # what is padded behind does not reach it
        return self.lstm(h)[0][torch.arange(len(h), device=h.device), last]


class Flat(nn.Module):
    """Two dense layers on all node embeddings side by side: [m v d] -> [m d].  [5]"""

    def __init__(self, width: int, nodes: int, hidden: int = 64) -> None:
        super().__init__()
        self.w_1 = nn.Linear(nodes * width, hidden)
        self.w_2 = nn.Linear(hidden, width)

    def forward(self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]) -> Float[Tensor, "m d"]:
        return self.w_2(torch.relu(self.w_1((h * mask[..., None]).flatten(1))))


def _reader(shape: Shape) -> nn.Module:
    if shape.reader == "lstm":
        return Recurrent(shape.width)
    if shape.reader == "feed-forward":
        return Flat(shape.width, shape.nodes)
    return Attention(shape.width, shape.pool)


class Approximator(nn.Module):
    """g_beta. Rows of x are [features, anchor log-probabilities] when `anchor` is on."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.reader = _reader(shape)
        self.w_zeta = nn.Linear(shape.width, HIDDEN)
        self.w_x = nn.Linear(shape.features, HIDDEN, bias=False)
        self.w_anchor = nn.Linear(shape.classes, HIDDEN, bias=False) if shape.anchor else None
        self.dropout = nn.Dropout(DROPOUT)
        self.out = nn.Linear(HIDDEN, shape.classes)
        if shape.anchor:  # the first answer is the zoo's mean  [1]
            nn.init.zeros_(self.out.weight)
            nn.init.zeros_(self.out.bias)

    def architecture_part(
        self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]
    ) -> Float[Tensor, "m k"]:
        """W_zeta zeta_m + bias: all that depends on the architecture."""
        return self.w_zeta(self.reader(h, mask))

    def example_part(
        self, x: Float[Tensor, "*b f"], anchor: Float[Tensor, "*b c"] | None
    ) -> Float[Tensor, "*b k"]:
        """W_x x: all that depends on the example.  [2]"""
        part = self.w_x(x)
        if self.w_anchor is not None:
            assert anchor is not None
            part = part + self.w_anchor(centred(anchor))
        return part

    def forward(
        self,
        h: Float[Tensor, "m v d"],
        mask: Bool[Tensor, "m v"],
        x: Float[Tensor, "b f"],
        anchor: Float[Tensor, "m b c"] | None,
    ) -> Float[Tensor, "m b c"]:
        """Logits of every architecture on every example of a batch."""
        hidden = self.w_x(x)[None] + self.architecture_part(h, mask)[:, None]
        if self.w_anchor is not None:
            assert anchor is not None
            hidden = hidden + self.w_anchor(centred(anchor))
        logits = self.out(self.dropout(torch.relu(hidden)))
        return logits if anchor is None else logits + anchor

    @torch.no_grad()
    def log_probabilities(
        self,
        examples: Sequence[Tensor],
        anchor: Float[Tensor, "c n"] | None,
        architectures: Float[Tensor, "m k"],
    ) -> Float[Tensor, "m n c"]:
        """g_beta over a pool from the kept example parts, for several architectures.

        Examples stand in columns, cut by `in_chunks`, and are taken a cache-full at a time for all
        architectures; classes come before examples in memory, so that the softmax runs along
        contiguous rows.
        """
        m, n, classes = len(architectures), sum(p.shape[1] for p in examples), self.shape.classes
        out = torch.empty(m, classes, n, device=architectures.device)
        weight, bias = self.out.weight, self.out.bias[:, None]
        end = 0
        for part in examples:
            columns = slice(end, end := end + part.shape[1])
            offset = bias if anchor is None else anchor[:, columns] + bias
            for i in range(m):
                hidden = torch.add(part, architectures[i][:, None]).relu_()
                logits = torch.addmm(offset, weight, hidden)
                top = logits.amax(0)
                logits -= (logits - top).exp_().sum(0).log_() + top
                out[i, :, columns] = logits
        return out.transpose(1, 2)


def in_chunks(examples: Float[Tensor, "k n"]) -> list[Tensor]:
    """Columns a cache-full at a time, each contiguous: cut once, read by every architecture."""
    return [part.contiguous() for part in examples.split(CHUNK, 1)]


def centred(log_probabilities: Float[Tensor, "*b c"]) -> Float[Tensor, "*b c"]:
    """Log-probabilities as features of a moderate size."""
    return (log_probabilities - log_probabilities.mean(-1, keepdim=True)) / 4
