"""NAS-Bench-201 networks: a stem, stages of equal cells, residual reductions, global mean, dense.

    stem        3x3 convolution, batch norm
    stage s     `cells` cells with 2^s `channels` channels
    between     a residual block that halves the image and doubles the channels: two ReLU, 3x3
                convolution, batch norm, beside a 2x2 mean and a 1x1 convolution
    head        batch norm, ReLU, global mean, dense

Source: Dong and Yang 2020 (NAS-Bench-201), section 2.1, Figure 1.

Deviations:
    [1] The shortcut's mean keeps a last odd row or column, as the strided convolution beside it.
    [2] `stem_stride` above 1 and other sizes than 16, 3, 5 give the lite networks.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ..core.errors import BadInput
from .cell_operations import ReluConvNorm, operation
from .cells import CELL_EDGES


class Cell(nn.Module):
    """One cell: [n, c, h, w] -> [n, c, h, w].

    Args:
        ops: one an edge, in the order of CELL_EDGES.
        channels: in and out.
    """

    def __init__(self, ops: Sequence[str], channels: int) -> None:
        super().__init__()
        self.edges = nn.ModuleList(operation(op, channels, 1) for op in ops)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        nodes = [x]
        for v in (1, 2, 3):
            into = zip(self.edges, CELL_EDGES, strict=True)
            values = [edge(nodes[u]) for edge, (u, w) in into if w == v]
            nodes.append(functools.reduce(torch.add, values))
        return nodes[3]


class Reduction(nn.Module):
    """Residual block: [n, c, h, w] -> [n, 2 c, h / 2, w / 2]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ReluConvNorm(channels, 2 * channels, 3, 2)
        self.second = ReluConvNorm(2 * channels, 2 * channels, 3)
        self.shortcut = nn.Conv2d(channels, 2 * channels, 1, bias=False)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k i j"]:
        halved = functional.avg_pool2d(x, 2, ceil_mode=True)  # [1]
        return self.shortcut(halved) + self.second(self.first(x))


class NASBench201Network(nn.Module):
    """Images [n, c, h, w] -> logits [n, classes].

    Raises:
        BadInput: a size below 1.
    """

    def __init__(
        self,
        ops: Sequence[str],
        in_channels: int,
        classes: int,
        channels: int = 16,
        stacks: int = 3,
        cells: int = 5,
        stem_stride: int = 1,
    ) -> None:
        super().__init__()
        sizes = {"in_channels": in_channels, "classes": classes, "channels": channels}
        sizes |= {"stacks": stacks, "cells": cells, "stem_stride": stem_stride}
        for name, size in sizes.items():
            if size < 1:
                raise BadInput(f"{name} is {size}; a network needs at least 1")
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, channels, 3, stem_stride, padding=1, bias=False),  # [2]
            nn.BatchNorm2d(channels),
        )
        body: list[nn.Module] = []
        width = channels
        for stack in range(stacks):
            if stack:
                body.append(Reduction(width))
                width *= 2
            body += [Cell(ops, width) for _ in range(cells)]
        self.body = nn.Sequential(*body, nn.BatchNorm2d(width), nn.ReLU())
        self.dense = nn.Linear(width, classes)

    def features(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
        """What the last layer reads."""
        return self.body(self.stem(images)).mean((2, 3))

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        return self.dense(self.features(images))
