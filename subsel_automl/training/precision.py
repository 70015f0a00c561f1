"""bf16: where a machine multiplies it natively, and the networks whose gradients it gets wrong.

oneDNN leaves a part of a bf16 convolution's weight gradient unwritten where the map is narrower
than the stride (last dimension; kernel wider than 1): what was in that memory, NaN or 1e30, becomes
the gradient. Measured with torch 2.13 (oneDNN 3.12), with AMX tiles and without, conv1d to conv3d,
in any memory format; fp32 is right, and so is bf16 elsewhere. ResNets on tiny images have such
maps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from ..core.errors import BadInput, UnknownName

PRECISIONS = ("auto", "bf16", "fp32")
CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)


def native_bf16(device: torch.device) -> bool:
    """Whether bf16 is worth it here: AVX-512 bf16 on a CPU, Ampere or later on CUDA."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    asked = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # torch 2.6; before it, fp32
    return device.type == "cpu" and asked is not None and bool(asked())


def takes_bf16(
    precision: str, device: torch.device, model: nn.Module, run: Callable[[], object]
) -> bool:
    """Whether a network is to be trained in bf16.

    Args:
        precision: "auto" takes bf16 where it is native and right, else fp32.
        run: one pass of a few examples through the network.

    Raises:
        UnknownName: no such precision.
        BadInput: "bf16" on a CPU for a network that it would train wrongly.
    """
    if precision not in PRECISIONS:
        raise UnknownName("precision", precision, PRECISIONS)
    if precision == "fp32" or (precision == "auto" and not native_bf16(device)):
        return False
    if device.type != "cpu":
        return True
    with _evaluated(model), _Narrow() as narrow:
        run()
    if narrow.found and precision == "bf16":
        raise BadInput(
            f"precision is 'bf16', and a convolution of this network reads a map {narrow.found}: "
            "its bf16 gradient is wrong on a CPU. Use 'auto' or 'fp32', or larger images"
        )
    return not narrow.found


class _Narrow(TorchFunctionMode):
    """Notes a convolution whose map is narrower than its stride."""

    def __init__(self) -> None:
        super().__init__()
        self.found = ""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in CONVOLUTIONS:
            given = dict(zip(("input", "weight", "bias", "stride"), args, strict=False)) | kwargs
            stride = given.get("stride", 1)
            last = stride if isinstance(stride, int) else stride[-1]
            width, kernel = given["input"].shape[-1], given["weight"].shape[-1]
            if kernel > 1 and width < last:
                self.found = f"{width} wide with stride {last}"
        return func(*args, **kwargs)


@contextmanager
def _evaluated(model: nn.Module) -> Iterator[None]:
    """In evaluation, without gradients; every part is as it was afterwards."""
    training = {part: part.training for part in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, was in training.items():
            part.training = was
