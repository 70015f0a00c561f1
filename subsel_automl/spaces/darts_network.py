"""DARTS networks: a stem, normal cells, reduction cells at 1/3 and 2/3, global mean, dense.

A cell reads the outputs of the last two cells, each brought to its channels by ReLU, 1x1
convolution and batch norm (halved by a factorized reduction when the last cell reduced), and
concatenates its four nodes. In a reduction cell the edges from its inputs have stride 2 and the
channels are doubled. The stem has three times the channels of the first cell.

Source: Liu et al. 2019 (DARTS), section 3.1 and appendix A.1; the number of parameters of its
published second-order cell at 36 channels and 20 layers is 3,349,342, as its code prints.

Deviations:
    [1] No auxiliary head and no dropped paths: both are of one training recipe, not of the network.
    [2] `stem_stride` above 1 gives lite networks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..core.errors import BadInput
from .cell_operations import FactorizedReduce, ReluConvNorm, operation
from .cells import NODES, Genotype, reductions


class Cell(nn.Module):
    """(x_0, x_1) -> [n, 4 channels, h, w] of one cell.

    Args:
        pairs: (operation, input) of its eight edges.
        before, last: channels of the outputs of the last cell but one and of the last cell.
        reduction: halves the image.
        after_reduction: the last cell did, so x_0 is twice as large as x_1.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[str, int]],
        before: int,
        last: int,
        channels: int,
        *,
        reduction: bool,
        after_reduction: bool,
    ) -> None:
        super().__init__()
        self.before: nn.Module
        if after_reduction:
            self.before = FactorizedReduce(before, channels)
        else:
            self.before = ReluConvNorm(before, channels, 1)
        self.last = ReluConvNorm(last, channels, 1)
        self.sources = [source for _, source in pairs]
        self.edges = nn.ModuleList(
            operation(op, channels, 2 if reduction and source < 2 else 1) for op, source in pairs
        )

    def forward(
        self, x_0: Float[Tensor, "n c h w"], x_1: Float[Tensor, "n d i j"]
    ) -> Float[Tensor, "n k p q"]:
        nodes = [self.before(x_0), self.last(x_1)]
        values = iter(zip(self.edges, self.sources, strict=True))
        for _ in range(NODES):
            (one, i), (two, j) = next(values), next(values)
            nodes.append(one(nodes[i]) + two(nodes[j]))
        return torch.cat(nodes[2:], 1)


class DartsNetwork(nn.Module):
    """Images [n, c, h, w] -> logits [n, classes].

    Raises:
        BadInput: a size below 1, or fewer than three layers.
    """

    def __init__(
        self,
        genotype: Genotype,
        in_channels: int,
        classes: int,
        channels: int = 36,
        layers: int = 20,
        stem_stride: int = 1,
    ) -> None:
        super().__init__()
        sizes = {"in_channels": in_channels, "classes": classes, "channels": channels}
        for name, size in {**sizes, "stem_stride": stem_stride}.items():
            if size < 1:
                raise BadInput(f"{name} is {size}; a network needs at least 1")
        if layers < 3:
            raise BadInput(f"layers is {layers}; give at least 3, of which two reduce")
        before = last = 3 * channels
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, last, 3, stem_stride, padding=1, bias=False),  # [2]
            nn.BatchNorm2d(last),
        )
        self.cells = nn.ModuleList()
        after = False
        for layer in range(layers):
            reduction = layer in reductions(layers)
            channels *= 1 + reduction
            pairs = genotype[reduction]
            self.cells.append(
                Cell(pairs, before, last, channels, reduction=reduction, after_reduction=after)
            )
            before, last, after = last, NODES * channels, reduction
        self.dense = nn.Linear(last, classes)

    def features(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
        """What the last layer reads."""
        before = last = self.stem(images)
        for cell in self.cells:
            before, last = last, cell(before, last)
        return last.mean((2, 3))

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        return self.dense(self.features(images))
