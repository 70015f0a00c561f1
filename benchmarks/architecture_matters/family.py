"""Ten small networks of different kinds for pictures of 3 x 16 x 16, each with its Adam rate.

A rate is the best of 0.001, 0.003, 0.01, 0.03 by validation accuracy after 400 steps on all data
with labels, one seed, set once before anything else was trained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

WIDTH, TOKENS, HEADS = 32, 16, 2


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y


class Transposed(nn.Module):
    """[b, u, v] to [b, v, u]."""

    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


class Position(nn.Module):
    """A learned vector is added to every token."""

    def __init__(self) -> None:
        super().__init__()
        self.vectors = nn.Parameter(0.02 * torch.randn(1, TOKENS, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.vectors


class Attention(nn.Module):
    """Multi-head self-attention over the tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        parts = self.asked(x).reshape(-1, TOKENS, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        a = torch.softmax(query @ key.transpose(2, 3) * (WIDTH // HEADS) ** -0.5, 3)
        y: Tensor = self.out((a @ value).transpose(1, 2).reshape(-1, TOKENS, WIDTH))
        return y


class MeanToken(nn.Module):
    """[b, tokens, d] to [b, d]."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1)


def _convolved(inner: int, width: int, kernel: int, stride: int, groups: int = 1) -> nn.Sequential:
    """Convolution and batch norm."""
    return nn.Sequential(
        nn.Conv2d(inner, width, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(width),
    )


def _dense(inner: int, hidden: int, activation: type[nn.Module]) -> list[nn.Module]:
    return [nn.Linear(inner, hidden), activation(), nn.Linear(hidden, inner)]


def _linear() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(768, 10))


def _mlp() -> nn.Sequential:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(768, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)
    )


def _wide_mlp() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(768, 256), nn.ReLU(), nn.Linear(256, 10))


def _cnn() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, 2, 1), nn.ReLU(), nn.Conv2d(12, 24, 3, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(384, 10),
    )  # fmt: skip


def _cnn_norm() -> nn.Sequential:
    return nn.Sequential(
        _convolved(3, 12, 3, 2), nn.ReLU(), _convolved(12, 24, 3, 2), nn.ReLU(),
        nn.Flatten(), nn.Linear(384, 10),
    )  # fmt: skip


def _big_kernel() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 24, 8, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(384, 10)
    )  # fmt: skip


def _residual() -> nn.Sequential:
    block = Residual(_convolved(16, 16, 3, 1), nn.ReLU(), _convolved(16, 16, 3, 1))
    return nn.Sequential(
        _convolved(3, 12, 3, 2), nn.ReLU(), _convolved(12, 16, 3, 2), nn.ReLU(), block, nn.ReLU(),
        nn.Flatten(), nn.Linear(256, 10),
    )  # fmt: skip


def _separable() -> nn.Sequential:
    return nn.Sequential(
        _convolved(3, 16, 3, 2), nn.ReLU(),
        nn.Conv2d(16, 16, 3, 2, 1, groups=16, bias=False), _convolved(16, 48, 1, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(768, 10),
    )  # fmt: skip


def _of_tokens(*blocks: nn.Module) -> nn.Sequential:
    """Patches of 4 x 4 pixels, blocks, the mean token."""
    return nn.Sequential(
        nn.Conv2d(3, WIDTH, 4, 4), nn.Flatten(2), Transposed(), *blocks,
        nn.LayerNorm(WIDTH), MeanToken(), nn.Linear(WIDTH, 10),
    )  # fmt: skip


def _vit() -> nn.Sequential:
    return _of_tokens(
        Position(),
        Residual(nn.LayerNorm(WIDTH), Attention()),
        Residual(nn.LayerNorm(WIDTH), *_dense(WIDTH, 2 * WIDTH, nn.ReLU)),
    )


def _mixer() -> nn.Sequential:
    mixed = _dense(TOKENS, 2 * TOKENS, nn.GELU)
    return _of_tokens(
        Residual(nn.LayerNorm(WIDTH), Transposed(), *mixed, Transposed()),
        Residual(nn.LayerNorm(WIDTH), *_dense(WIDTH, 2 * WIDTH, nn.GELU)),
    )


@dataclass(frozen=True)
class Member:
    """A network of the family.

    Args:
        build: makes it, with weights from torch's random state.
        rate: of Adam, at the beginning.
    """

    name: str
    build: Callable[[], nn.Module]
    rate: float


FAMILY = {
    member.name: member
    for member in (
        Member("linear", _linear, 0.01),
        Member("mlp", _mlp, 0.003),
        Member("wide-mlp", _wide_mlp, 0.01),
        Member("cnn", _cnn, 0.01),
        Member("cnn-norm", _cnn_norm, 0.01),
        Member("big-kernel", _big_kernel, 0.01),
        Member("residual", _residual, 0.01),
        Member("separable", _separable, 0.01),
        Member("vit", _vit, 0.01),
        Member("mixer", _mixer, 0.01),
    )
}
