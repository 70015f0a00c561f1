"""Parts of a supernet: a cell with every operation on every edge, and the stack of such cells.

    node v = sum_{u < v} b_uv sum_o a_uvo o(node u)

A cell of one input gives its last node, a cell of two inputs all inner nodes, concatenated.
NAS-Bench-201: three stages of `cells` cells, residual reductions between. DARTS: `cells` cells, of
which those at a third and two thirds reduce.

Source: Liu et al. 2019, 2.2 and A.1 (batch norms without weights); Dong and Yang 2020, 2.1.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..core.errors import BadInput
from ..spaces.cell_operations import FactorizedReduce, ReluConvNorm, operation
from ..spaces.nasbench201_network import Reduction
from .cells import CellPlan

STAGES = 3
FEWEST = 3  # DARTS cells: one normal, two that reduce


@dataclass(frozen=True, eq=False)
class Mix:
    """How a pass mixes operations, a kind of cell after the other.

    Args:
        weights: [edges, operations] of each kind, b_uv a_uvo.
        active: [kinds, edges, operations]: which operations are computed.
    """

    weights: Sequence[Tensor]
    active: npt.NDArray[np.bool_]

    def fixed(self) -> Mix:
        """The same without a gradient for the architecture."""
        return Mix([w.detach() for w in self.weights], self.active)


class MixedCell(nn.Module):
    """One cell with every operation on every edge."""

    def __init__(self, plan: CellPlan, channels: int, reduces: bool) -> None:
        super().__init__()
        self.plan, self.reduces = plan, reduces
        self.edges = nn.ModuleList()
        for u, _ in plan.edges:
            stride = 2 if reduces and u < plan.inputs else 1
            self.edges.append(
                nn.ModuleList(
                    operation(o, channels, stride, affine=False, pool_norm=plan.inputs == 2)
                    for o in plan.operations
                )
            )

    def forward(
        self, given: Sequence[Tensor], weights: Tensor, active: npt.NDArray[np.bool_]
    ) -> Tensor:
        """Each inner node's sum; the last one alone with one input, all concatenated with two."""
        nodes = list(given)
        for v in range(self.plan.inputs, self.plan.nodes):
            terms = [
                weights[e, o] * self.edges[e][o](nodes[self.plan.edges[e][0]])  # type: ignore[index]
                for e in self.plan.into(v)
                for o in np.flatnonzero(active[e])
                if self.plan.operations[o] != "none"
            ]
            nodes.append(sum(terms[1:], terms[0]) if terms else self._nothing(nodes, v))
        inner = nodes[self.plan.inputs :]
        return inner[-1] if self.plan.inputs == 1 else torch.cat(inner, 1)

    def _nothing(self, nodes: Sequence[Tensor], v: int) -> Tensor:
        edge = self.plan.into(v)[0]
        zeros: Tensor = self.edges[edge][0](nodes[self.plan.edges[edge][0]])  # type: ignore[index]
        return zeros


class Residual(nn.Module):
    """NAS-Bench-201's reduction between stages."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block = Reduction(channels)

    def forward(self, states: list[Tensor], mix: Mix) -> list[Tensor]:
        return [self.block(states[-1])]


class Stacked(nn.Module):
    """A mixed cell and what brings its inputs to one size."""

    def __init__(self, cell: MixedCell, kind: int, before: Sequence[nn.Module]) -> None:
        super().__init__()
        self.cell, self.kind, self.before = cell, kind, nn.ModuleList(before)

    def forward(self, states: list[Tensor], mix: Mix) -> list[Tensor]:
        given = [part(state) for part, state in zip(self.before, states, strict=True)]
        out = self.cell(given, mix.weights[self.kind], mix.active[self.kind])
        return [*states[1:], out]


Body = tuple[nn.Module, nn.ModuleList, int]


def _stem(inputs: int, outputs: int, stride: int) -> nn.Module:
    conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


def nb201_body(plan: CellPlan, inputs: int, channels: int, cells: int, stride: int) -> Body:
    body: list[nn.Module] = []
    width = channels
    for stage in range(STAGES):
        if stage:
            body.append(Residual(width))
            width *= 2
        for _ in range(cells):
            body.append(Stacked(MixedCell(plan, width, False), 0, [nn.Identity()]))
    return _stem(inputs, channels, stride), nn.ModuleList(body), width


def darts_body(plan: CellPlan, inputs: int, channels: int, cells: int, stride: int) -> Body:
    if cells < FEWEST:
        raise BadInput(f"cells is {cells}; a DARTS network has at least {FEWEST} cells")
    widths = [3 * channels] * 2  # stem multiplier 3
    stem, width, reduced = _stem(inputs, 3 * channels, stride), channels, False
    body: list[nn.Module] = []
    inner = plan.nodes - plan.inputs
    for place in range(cells):
        reduces = place in (cells // 3, 2 * cells // 3)
        width *= 2 if reduces else 1
        first = (
            FactorizedReduce(widths[0], width, affine=False)
            if reduced
            else ReluConvNorm(widths[0], width, 1, affine=False)
        )
        before = [first, ReluConvNorm(widths[1], width, 1, affine=False)]
        body.append(Stacked(MixedCell(plan, width, reduces), int(reduces), before))
        widths, reduced = [widths[1], inner * width], reduces
    return stem, nn.ModuleList(body), widths[1]
