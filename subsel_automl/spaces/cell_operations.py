"""The operations of NAS-Bench-201 and DARTS cells: [n, c, h, w] -> [n, c, h / stride, w / stride].

A convolution reads ReLU, convolution, batch norm. A separable convolution is (ReLU, depthwise,
pointwise, batch norm) twice, only the first strided; a dilated one once, with dilation 2. A skip of
stride 2 is a factorized reduction: ReLU, two 1x1 convolutions of stride 2, one of them shifted by a
pixel, concatenated, batch norm. `none` gives zeros. Average pools do not count the padding.

Source: Liu et al. 2019 (DARTS), Dong and Yang 2020 (NAS-Bench-201).

Deviations:
    [1] `avg_pool_3x3` is one name in two spaces. DARTS has a batch norm without weights behind its
        pools in the supernet, none in the final network; NAS-Bench-201 has none: `pool_norm` says.
    [2] The factorized reduction pads by a pixel, so odd image sides are halved upwards, as by the
        pools and convolutions beside it.
"""

from __future__ import annotations

import difflib

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ..core.errors import ArchitectureError, BadInput
from .max_pool import MaxPool3x3

NB201_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
DARTS_OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
KINDS = ("nor_conv", "sep_conv", "dil_conv")


def operation(
    name: str, channels: int, stride: int, *, affine: bool = True, pool_norm: bool = False
) -> nn.Module:
    """One operation with fresh weights.

    Args:
        name: of `NB201_OPERATIONS` or `DARTS_OPERATIONS`.
        channels: of the images, in and out.
        stride: 1 or 2.
        affine: whether batch norms have weights (a supernet's do not, Liu et al. 2019, A.1.1).
        pool_norm: batch norm without weights behind a pool [1].

    Raises:
        ArchitectureError: unknown operation.
        BadInput: a stride other than 1 and 2, or no channel.
    """
    if stride not in (1, 2):
        raise BadInput(f"stride is {stride}; an operation of a cell has stride 1 or 2")
    if channels < 1:
        raise BadInput(f"channels is {channels}; an operation needs at least 1")
    if name in ("max_pool_3x3", "avg_pool_3x3"):
        return _pool(name, channels, stride, pool_norm)
    if name == "none":
        return Zero(stride)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, affine=affine)
    if name not in (*NB201_OPERATIONS, *DARTS_OPERATIONS):
        raise ArchitectureError(_unknown(name))
    kind, kernel = name[: len("nor_conv")], int(name[-1])
    assert kind in KINDS
    if kind == "nor_conv":
        return ReluConvNorm(channels, channels, kernel, stride, affine=affine)
    if kind == "dil_conv":
        return Separable(channels, kernel, stride, dilation=2, affine=affine)
    return nn.Sequential(
        Separable(channels, kernel, stride, affine=affine),
        Separable(channels, kernel, 1, affine=affine),
    )


class Zero(nn.Module):
    """`none`: zeros of the right size."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c k l"]:
        return torch.zeros_like(x[:, :, :: self.stride, :: self.stride])


class ReluConvNorm(nn.Sequential):
    """ReLU, convolution without bias, batch norm."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, affine: bool = True
    ) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs, affine=affine),
        )


class Separable(nn.Sequential):
    """ReLU, depthwise and pointwise convolution, batch norm."""

    def __init__(
        self, channels: int, kernel: int, stride: int, *, dilation: int = 1, affine: bool = True
    ) -> None:
        padding = dilation * (kernel - 1) // 2
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(
                channels,
                channels,
                kernel,
                stride,
                padding=padding,
                dilation=dilation,
                groups=channels,
                bias=False,
            ),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels, affine=affine),
        )


class FactorizedReduce(nn.Module):
    """Half the side of the image, every pixel read: [n, inputs, h, w] -> [n, outputs, h/2, w/2]."""

    def __init__(self, inputs: int, outputs: int, *, affine: bool = True) -> None:
        super().__init__()
        self.even = nn.Conv2d(inputs, (outputs + 1) // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False) if outputs > 1 else None
        self.norm = nn.BatchNorm2d(outputs, affine=affine)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k i j"]:
        x = functional.relu(x)
        parts = [self.even(x)]
        if self.odd is not None:
            parts.append(self.odd(functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]))  # [2]
        return self.norm(torch.cat(parts, 1))


def _pool(name: str, channels: int, stride: int, pool_norm: bool) -> nn.Module:
    pool: nn.Module
    if name == "max_pool_3x3":
        pool = MaxPool3x3(stride)
    else:
        pool = nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
    if not pool_norm:
        return pool
    return nn.Sequential(pool, nn.BatchNorm2d(channels, affine=False))  # [1]


def _unknown(name: str) -> str:
    known = tuple(dict.fromkeys((*NB201_OPERATIONS, *DARTS_OPERATIONS)))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"operation {name!r} cannot be built{hint} Known: {', '.join(known)}"
