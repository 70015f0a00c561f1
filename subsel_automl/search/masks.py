"""Hierarchical masks: which operations, edges and network weights of a trained supernet stay.

    M = H(M^r - tau)                                                     (Yan 2022, Eq. 2.4)
    pass: share_uvo M_alpha,uvo M_beta,uv,  w M_w;  d/dM^r = d/dM        (BinaryConnect)

M^r starts at 1e-2 and tau is 5e-3, so at first all stays.

Source: Yan 2022 (thesis), section 2.3.3 "Hierarchical Masking"; CIFAR-10 settings.

Deviations:
    [1] Masks multiply the shares after the softmax, without making them sum to one again: a masked
        alpha before it would still have the share exp(0), and nothing would be removed.
    [2] M_w masks convolutions and the last layer; batch norms' weights and biases have no mask.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from .mixed import Mix
from .supernet import Supernet

BEGIN, THRESHOLD = 1e-2, 5e-3
DOT = "/"  # stands for the dot in a parameter's name


class Masks(nn.Module):
    """Real-valued masks of one supernet.

    Args:
        supernet: of which sizes are read.
        threshold: tau.
    """

    def __init__(self, supernet: Supernet, threshold: float = THRESHOLD) -> None:
        super().__init__()
        self.threshold = threshold
        self.operations = nn.ParameterList(torch.full_like(a, BEGIN) for a in supernet.alpha)
        self.edges = nn.ParameterList(torch.full_like(a[:, 0], BEGIN) for a in supernet.alpha)
        self.weights = nn.ParameterDict(
            {
                name.replace(".", DOT): torch.full_like(w, BEGIN)
                for name, w in supernet.weight_parameters().items()
                if w.ndim > 1  # [2]
            }
        )

    def straight(self, real: Tensor) -> Tensor:
        """H(M^r - tau), with the gradient of the identity."""
        return (real > self.threshold).to(real) + real - real.detach()

    def mix(self, supernet: Supernet) -> Mix:
        """The supernet's shares behind the masks of operations and edges. [1]"""
        weights = [
            share.detach() * self.straight(ops) * self.straight(edges)[:, None]
            for share, ops, edges in zip(
                supernet.shares(), self.operations, self.edges, strict=True
            )
        ]
        return Mix(weights, np.ones((len(weights), *weights[0].shape), bool))

    def masked(self, supernet: Supernet) -> dict[str, Tensor]:
        """The supernet's weights behind their masks."""
        return {
            name: w.detach() * self.straight(self.weights[name.replace(".", DOT)])
            if name.replace(".", DOT) in self.weights
            else w.detach()
            for name, w in supernet.weight_parameters().items()
        }

    @torch.no_grad()
    def kept(self) -> npt.NDArray[np.bool_]:
        """Which operations stay, [kinds, edges, operations]."""
        parts = zip(self.operations, self.edges, strict=True)
        stay = [(o > self.threshold) & (e > self.threshold)[:, None] for o, e in parts]
        return torch.stack(stay).cpu().numpy()

    @torch.no_grad()
    def binary(self) -> dict[str, Tensor]:
        """M_w by the parameter's name."""
        named = self.weights.items()
        return {name.replace(DOT, "."): (m > self.threshold).to(m) for name, m in named}


def counted(supernet: Supernet, masks: Masks) -> tuple[int, int]:
    """Weights of the supernet, and those that stay: unmasked, of operations that stay."""
    stay, binary = masks.kept(), masks.binary()
    total = left = 0
    for name, w in supernet.weight_parameters().items():
        total += w.numel()
        place = supernet.place(name)
        if place is not None and not stay[place]:
            continue
        left += int(binary[name].sum()) if name in binary else w.numel()
    return total, left
