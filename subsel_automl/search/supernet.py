"""A network that holds every cell of a space at once; alpha says how much of which operation.

    node v = sum_{u < v} b_uv sum_o a_uvo o(node u)                  (mixed.py)
    mixture     a_uv = softmax(alpha_uv), b = 1              (Liu et al. 2019, Eq. 2)
    with beta   b_.v = softmax over u of beta_uv             (Yan 2022, Eq. 2.2)
    a path      a is one where the chosen operation is, zero elsewhere; only it is computed

`discretise` gives the cell that alpha (and beta) now spell, as an architecture of the space; `show`
writes a chosen cell into alpha.

Source: Liu et al. 2019 (A.1: alpha starts near zero, batch norms without weights); Dong and Yang
2020.

Deviations:
    [1] Batch norms use each batch's own statistics, in evaluation too: running means of a network
        whose paths alternate fit none of them (NAS-Bench-201's own searches do the same). A batch
        below `COMPANY` examples is evaluated beside fixed examples, if `company` holds some.
    [2] Sizes are arguments: 16 channels and 5 (NAS-Bench-201) or 8 (DARTS) cells are the papers'.
    [3] Where masks (`kept`) leave a node of DARTS fewer than two edges, the strongest of those that
        were removed fill up the cell that is spelled; the network itself runs without them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from .cells import CellPlan, Cells, NB201Plan
from .darts_cells import DartsPlan
from .mixed import Mix, Stacked, darts_body, nb201_body

COMPANY = 32  # examples that a batch norm should see
PLANS: dict[str, type[CellPlan]] = {"nasbench201": NB201Plan, "darts": DartsPlan}
TINY = 1e-6
SHOWN = 8.0  # logit of a chosen operation: softmax > 0.99


def plan_of(space: str, none: bool = True) -> CellPlan:
    """The shape of a space's cells.

    Args:
        none: whether an edge of NAS-Bench-201 may be `none`; of DARTS it never may.

    Raises:
        UnknownName: no supernet holds that space.
    """
    if space not in PLANS:
        raise UnknownName("cell space", space, PLANS)
    return NB201Plan(none) if space == NB201Plan.space else PLANS[space]()


class Supernet(nn.Module):
    """Images [n, c, h, w] -> logits [n, classes].

    Args:
        plan: of the space.
        channels: of the first cells.
        cells: a stage (NAS-Bench-201), or in all (DARTS).
        stem_stride: 2 leaves a quarter of the pixels.
        with_beta: edges have weights of their own.

    Raises:
        BadInput: a size below 1.
    """

    company: Tensor | None

    def __init__(
        self,
        plan: CellPlan,
        *,
        in_channels: int,
        classes: int,
        channels: int = 16,
        cells: int = 5,
        stem_stride: int = 1,
        with_beta: bool = False,
    ) -> None:
        super().__init__()
        sizes = {"in_channels": in_channels, "classes": classes, "channels": channels}
        for name, size in {**sizes, "cells": cells, "stem_stride": stem_stride}.items():
            if size < 1:
                raise BadInput(f"{name} is {size}; a supernet needs at least 1")
        self.plan = plan
        shape = len(plan.edges), len(plan.operations)
        self.alpha = nn.ParameterList(1e-3 * torch.randn(shape) for _ in plan.kinds)
        self.beta = nn.ParameterList(
            1e-3 * torch.randn(shape[0]) for _ in (plan.kinds if with_beta else ())
        )
        body = nb201_body if plan.inputs == 1 else darts_body
        self.stem, self.body, width = body(plan, in_channels, channels, cells, stem_stride)
        self.norm = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU()) if plan.inputs == 1 else None
        self.dense = nn.Linear(width, classes)
        self.path: Cells | None = None
        self.kept: npt.NDArray[np.bool_] | None = None  # [kinds, edges, operations]
        self.company = None
        _own_statistics(self)

    # architecture
    def architecture_parameters(self) -> list[nn.Parameter]:
        """alpha, and beta when there is one."""
        return [*self.alpha, *self.beta]

    def weight_parameters(self) -> dict[str, nn.Parameter]:
        """Everything else, by name."""
        named = self.named_parameters()
        return {name: p for name, p in named if not name.startswith(("alpha.", "beta."))}

    def mixture(self) -> Mix:
        """All operations, by softmax; of those in `kept` alone, if that is set."""
        weights = self.shares()
        if self.kept is None:
            return Mix(weights, np.ones((len(weights), *weights[0].shape), bool))
        active = [torch.from_numpy(part).to(weights[0]) for part in self.kept]
        return Mix([w * part for w, part in zip(weights, active, strict=True)], self.kept)

    def shares(self) -> list[Tensor]:
        """b_uv a_uvo, [edges, operations] of each kind, whatever is kept."""
        weights = [torch.softmax(alpha, 1) for alpha in self.alpha]
        if not len(self.beta):
            return weights
        shares = [self._edge_shares(beta) for beta in self.beta]
        return [w * share[:, None] for w, share in zip(weights, shares, strict=True)]

    def place(self, name: str) -> tuple[int, int, int] | None:
        """(kind, edge, operation) that a parameter belongs to, by its name; None for others."""
        parts = name.split(".")  # body.<part>.cell.edges.<edge>.<operation>. ...
        if parts[0] != "body" or parts[2:4] != ["cell", "edges"]:
            return None
        stacked = self.body[int(parts[1])]
        assert isinstance(stacked, Stacked)
        return stacked.kind, int(parts[4]), int(parts[5])

    def _edge_shares(self, beta: Tensor) -> Tensor:
        nodes = range(self.plan.inputs, self.plan.nodes)
        return torch.cat([torch.softmax(beta[self.plan.into(v)], 0) for v in nodes])  # Eq. 2.2

    def path_mix(self, cells: Cells) -> Mix:
        """The chosen operations alone, each with weight one."""
        active = np.zeros((len(self.alpha), *self.alpha[0].shape), bool)
        kinds, edges = np.indices(cells.shape)
        active[kinds, edges, cells] = True
        weights = torch.from_numpy(active).to(self.alpha[0])
        return Mix(list(weights), active)

    def spelled(self) -> Cells:
        """The cells that alpha and beta now spell."""
        with torch.no_grad():
            strengths = [w.cpu().numpy() for w in self.mixture().weights]
            if self.kept is not None and self.plan.kept:  # nodes need edges, kept or not  [3]
                shares = [TINY * w.cpu().numpy() for w in self.shares()]
                strengths = [w + part for w, part in zip(strengths, shares, strict=True)]
            return self.plan.spelled(strengths)

    def discretise(self) -> Architecture:
        """The cell that the weights now spell."""
        return self.plan.architecture(self.spelled())

    @torch.no_grad()
    def show(self, cells: Cells) -> None:
        """Write cells into alpha, so that they are spelled from now on."""
        for alpha, cell in zip(self.alpha, cells, strict=True):
            alpha.zero_()
            alpha[torch.arange(len(cell)), torch.from_numpy(cell)] = SHOWN

    def now(self) -> Mix:
        """The path, if one is set; else the mixture."""
        return self.mixture() if self.path is None else self.path_mix(self.path)

    # passes
    def features(self, x: Float[Tensor, "n c h w"], mix: Mix | None = None) -> Tensor:
        """What the last layer reads, [n, d]."""
        n = len(x)
        if not self.training and self.company is not None and n < COMPANY:
            x = torch.cat([x, self.company.to(x)])  # [1]
        mix = self.now() if mix is None else mix
        states = [self.stem(x)] * self.plan.inputs
        for part in self.body:
            states = part(states, mix)
        out = states[-1] if self.norm is None else self.norm(states[-1])
        return out.mean((2, 3))[:n]

    def forward(self, x: Float[Tensor, "n c h w"], mix: Mix | None = None) -> Tensor:
        return self.dense(self.features(x, mix))


def _own_statistics(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.track_running_stats = False  # [1]
            part.running_mean = part.running_var = part.num_batches_tracked = None
