"""NAS-Bench-101 networks: a stem, stacks of equal cells, global mean, dense (Ying et al. 2019).

Channel rule: the output's channels are split among the inner vertices that feed it (the first ones
take the remainder); any other inner vertex takes the maximum of its successors; an edge from the
input is a 1x1 projection; input -> output is a 1x1 projection added to the concatenation. Channels
double, and a 2x2 max-pool halves the image, before every stack but the first.

Deviations: none for channels=128, stacks=3, cells=3, stem_stride=1; other values give the lite
networks (a stem of stride 2 leaves a quarter of the pixels, and of the cost).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput
from .max_pool import MaxPool3x3

KERNELS = {"conv3x3-bn-relu": 3, "conv1x1-bn-relu": 1}
POOL = "maxpool3x3"


def vertex_channels(architecture: Architecture, inputs: int, outputs: int) -> list[int]:
    """Channels of every vertex of a cell with `inputs` channels in and `outputs` out."""
    last = len(architecture) - 1
    edges = set(architecture.edges)
    channels = [inputs] + [0] * (last - 1) + [outputs]
    feeders = [v for v in range(1, last) if (v, last) in edges]
    for rank, v in enumerate(feeders):
        channels[v] = outputs // len(feeders) + (rank < outputs % len(feeders))
    for v in range(last - 2, 0, -1):
        if (v, last) not in edges:
            channels[v] = max(channels[w] for w in range(v + 1, last) if (v, w) in edges)
    return channels


class ConvBnRelu(nn.Sequential):
    """Convolution without bias, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Cell(nn.Module):
    """One cell: [n, inputs, h, w] -> [n, outputs, h, w]."""

    def __init__(self, architecture: Architecture, inputs: int, outputs: int) -> None:
        super().__init__()
        self.last = len(architecture) - 1
        self.channels = vertex_channels(architecture, inputs, outputs)
        self.sources = [
            [u for u, w in architecture.edges if w == v] for v in range(len(architecture))
        ]
        self.operation = nn.ModuleDict()
        self.projection = nn.ModuleDict()
        for v in range(1, len(architecture)):
            width = self.channels[v]
            if 0 in self.sources[v]:
                self.projection[str(v)] = ConvBnRelu(inputs, width, 1)
            if v < self.last:
                self.operation[str(v)] = _operation(architecture.ops[v], width)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h w"]:
        values: list[Tensor] = [x]
        for v in range(1, self.last):
            parts = [values[u][:, : self.channels[v]] for u in self.sources[v] if u > 0]
            if 0 in self.sources[v]:
                parts.append(self.projection[str(v)](x))
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            values.append(self.operation[str(v)](total))
        feeders = [values[u] for u in self.sources[self.last] if u > 0]
        projected = self.projection[str(self.last)](x) if 0 in self.sources[self.last] else None
        if not feeders:
            assert projected is not None
            return projected
        out = feeders[0] if len(feeders) == 1 else torch.cat(feeders, 1)
        return out if projected is None else out + projected


def _operation(name: str, channels: int) -> nn.Module:
    if name == POOL:
        return MaxPool3x3()
    if name not in KERNELS:
        known = ", ".join([*KERNELS, POOL])
        raise ArchitectureError(f"operation {name!r} cannot be built; known: {known}")
    return ConvBnRelu(channels, channels, KERNELS[name])


class CellNetwork(nn.Module):
    """Stem, `stacks` stacks of `cells` cells, global mean, dense: images -> logits."""

    def __init__(
        self,
        architecture: Architecture,
        in_channels: int,
        classes: int,
        channels: int,
        stacks: int,
        cells: int,
        stem_stride: int,
    ) -> None:
        super().__init__()
        self.stem = ConvBnRelu(in_channels, channels, 3, stem_stride)
        body: list[nn.Module] = []
        width = channels
        for stack in range(stacks):
            if stack:
                body.append(nn.MaxPool2d(2, ceil_mode=True))
            for cell in range(cells):
                grown = width * 2 if stack and cell == 0 else width
                body.append(Cell(architecture, width, grown))
                width = grown
        self.body = nn.Sequential(*body)
        self.dense = nn.Linear(width, classes)

    def features(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
        """The vector that the last layer reads."""
        return self.body(self.stem(images)).mean((2, 3))

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        return self.dense(self.features(images))


def build_cell_network(
    architecture: Architecture,
    *,
    in_channels: int,
    classes: int,
    channels: int = 128,
    stacks: int = 3,
    cells: int = 3,
    stem_stride: int = 1,
) -> CellNetwork:
    """The network of a cell.

    Raises:
        BadInput: a size below one, or fewer channels than vertices that share them.
    """
    sizes = {
        "in_channels": in_channels,
        "classes": classes,
        "channels": channels,
        "stacks": stacks,
        "cells": cells,
        "stem_stride": stem_stride,
    }
    for name, size in sizes.items():
        if size < 1:
            raise BadInput(f"{name} is {size}; a network needs at least 1")
    feeders = sum(u > 0 and v == len(architecture) - 1 for u, v in architecture.edges)
    if channels < feeders:
        raise BadInput(
            f"channels is {channels}, but {feeders} vertices of the cell share the output's; "
            f"give at least {feeders}"
        )
    return CellNetwork(architecture, in_channels, classes, channels, stacks, cells, stem_stride)
