"""3 x 3 max-pooling, as shifted maxima where no gradient is asked: bitwise the same, faster.

    m(i, j) = max over |a| <= 1 of r(i + a, j),   r(i, j) = max over |b| <= 1 of x(i, j + b)

Source: separability of the maximum over a box; torch's kernel looks at all nine values of a window
and keeps where the largest was, which a backward pass alone reads.

Deviations: none.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


class MaxPool3x3(nn.MaxPool2d):
    """`nn.MaxPool2d(3, stride, padding=1)`."""

    def __init__(self, stride: int = 1) -> None:
        super().__init__(3, stride, padding=1)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c i j"]:
        if not isinstance(x, Tensor) or torch.compiler.is_compiling() or _differentiated(x):
            return super().forward(x)
        step = int(self.stride)
        return shifted_max(shifted_max(x, -1)[..., ::step], -2)[..., ::step, :]


def shifted_max(x: Tensor, axis: int) -> Tensor:
    """The largest of each value and its two neighbours along an axis."""
    found = x.clone(memory_format=torch.contiguous_format)
    n = x.shape[axis]
    for here, there in ((1, 0), (0, 1)):  # the neighbour before, the one after
        part = found.narrow(axis, here, n - 1)
        torch.maximum(part, x.narrow(axis, there, n - 1), out=part)
    return found


def _differentiated(x: Tensor) -> bool:
    return torch.is_grad_enabled() and x.requires_grad
