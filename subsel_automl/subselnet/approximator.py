"""The model approximator g_beta(H_m, x_i) ~ m_theta*(x_i): SubSelNet 4.2, Eqs. 5 to 7, and D.3.

    Att_u   = W_c^T sum_v a_uv Value(h_v),  a_uv = softmax_v(Query(h_u)^T Key(h_v) / sqrt(k))   (5)
    zeta_u1 = LN(Att_u + h_u);  zeta_u2 = W_2^T ReLU(W_1^T zeta_u1);  zeta_u3 = LN(zeta_u1 + zeta_u2)
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
    [3] Learning stops at the epoch that fits the validation architectures best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

HIDDEN = 256  # D.3
DROPOUT = 0.3  # D.3
CHUNK = 2048  # rows that stay in the cache between the ReLU and the product


@dataclass(frozen=True)
class Shape:
    """What `Approximator` needs to be rebuilt."""

    width: int
    features: int
    classes: int
    anchor: bool = True


class Attention(nn.Module):
    """Single-head attention over nodes, then the two layer norms of D.3: [m v d] -> [m d]."""

    def __init__(self, width: int, inner: int = 8, hidden: int = 64) -> None:
        super().__init__()
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
        last = mask.sum(1) - 1  # rho(|V_m|): the last node in BFS order
        return zeta[torch.arange(len(h), device=h.device), last]


class Approximator(nn.Module):
    """g_beta. Rows of x are [features, anchor log-probabilities] when `anchor` is on."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.attention = Attention(shape.width)
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
        return self.w_zeta(self.attention(h, mask))

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
        examples: Float[Tensor, "n k"],
        anchor: Float[Tensor, "n c"] | None,
        architecture: Float[Tensor, " k"],
    ) -> Float[Tensor, "n c"]:
        """g_beta over a pool for one architecture, from the kept example parts."""
        out = torch.empty(len(examples), self.shape.classes)
        for start in range(0, len(examples), CHUNK):
            hidden = (examples[start : start + CHUNK] + architecture).relu_()
            logits = self.out(hidden)
            if anchor is not None:
                logits = logits + anchor[start : start + CHUNK]
            out[start : start + CHUNK] = torch.log_softmax(logits, 1)
        return out


def centred(log_probabilities: Float[Tensor, "*b c"]) -> Float[Tensor, "*b c"]:
    """Log-probabilities as features of a moderate size."""
    return (log_probabilities - log_probabilities.mean(-1, keepdim=True)) / 4
