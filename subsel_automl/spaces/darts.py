"""DARTS: a normal and a reduction cell, four nodes each, two of eight operations into every node.

    x_j = sum over its two edges (op, i) of op(x_i),  i < j;  cell output = [x_2, x_3, x_4, x_5]

x_0 and x_1 are the outputs of the last cell but one and of the last cell. A `Genotype` lists the
edges of nodes 2..5, two by two. As a graph, each cell has 11 nodes, as in arch2vec (Yan et al.
2020): two inputs, eight operations (a node's first and second edge), an output; an operation that
reads x_j has an edge from both operations of j. Both cells hang between one `input` and one
`output`, so an architecture has 24 nodes: input 0, normal 1..11, reduction 12..22, output 23.

Source: Liu et al. 2019 (DARTS), sections 2.1 and 3.1.

Deviations:
    [1] `none` may be in a cell (a supernet's weights may spell it), but `sample` and `neighbours`
        choose among the seven others, as Liu et al. keep the strongest operation that is not none.
    [2] arch2vec has one cell for both kinds; here both are in the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput
from .base import Edge, SearchSpace
from .cells import NODES, Genotype, Pairs, reductions

if TYPE_CHECKING:
    import torch

    from .cell_list import CellList

SPACE = "darts"
CELL_OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
KINDS = ("normal", "reduction")
CELL_SIZE = 2 + 2 * NODES + 1
ENDS = tuple(f"{kind}-{part}" for kind in KINDS for part in ("input-0", "input-1", "output"))


class Darts(SearchSpace):
    """Pairs of cells, stacked to networks of any depth."""

    name = SPACE
    operations = ("input", *CELL_OPERATIONS, *ENDS, "output")
    max_nodes = 2 * CELL_SIZE + 2
    max_edges = 2 * (2 + (2 + 3 + 4 * (NODES - 2)) + 2 * NODES) + 2  # to inputs, ops, outputs

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """The graph of a pair of cells.

        Raises:
            ArchitectureError: not eight edges a cell, an input that does not come before the node,
                a node that reads one input twice, or an unknown operation.
        """
        ops: list[str] = ["input"]
        edges: list[Edge] = []
        for kind, pairs in zip(KINDS, genotype, strict=True):
            pairs = _checked(kind, pairs)
            first = len(ops)
            ops += [f"{kind}-input-0", f"{kind}-input-1", *(op for op, _ in pairs)]
            ops.append(f"{kind}-output")
            edges += [(0, first), (0, first + 1)]
            for place, (_, source) in enumerate(pairs):
                edges += [(u, first + 2 + place) for u in _writers(first, source)]
                edges.append((first + 2 + place, first + CELL_SIZE - 1))
        edges += [(CELL_SIZE, 2 * CELL_SIZE + 1), (2 * CELL_SIZE, 2 * CELL_SIZE + 1)]
        return Architecture(self.name, (*ops, "output"), tuple(sorted(edges)))

    def to_genotype(self, architecture: Architecture) -> Genotype:
        """The inverse of `from_genotype`.

        Raises:
            ArchitectureError: the graph is not a pair of cells.
        """
        self.validate(architecture)
        return _genotype(architecture.ops, architecture.edges)

    def architecture(self, ops: Sequence[str], edges: Iterable[Edge]) -> Architecture:
        """The pair of cells that a graph of 24 nodes spells, nodes in the space's order.

        Raises:
            ArchitectureError: another graph.
        """
        ops = tuple(str(op) for op in ops)
        listed = tuple(sorted((int(u), int(v)) for u, v in edges))
        if len(ops) != self.max_nodes or not set(ops) <= set(self.operations):
            self._check_ops(ops)
            raise ArchitectureError(f"a pair of cells has {self.max_nodes} nodes; got {len(ops)}")
        found = self.from_genotype(_genotype(ops, listed))
        if (found.ops, found.edges) != (ops, listed):
            wrong = sorted(set(found.edges) ^ set(listed))
            raise ArchitectureError(
                f"the graph is no pair of {self.name} cells: ops or edges do not fit (edges "
                f"{wrong[:6]}). Build it with from_genotype(Genotype(normal, reduce))"
            )
        return found

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Two inputs a node and seven operations an edge, uniform and independent. [1]"""
        cells = []
        for _ in KINDS:
            pairs: list[tuple[str, int]] = []
            for node in range(2, 2 + NODES):
                for source in sorted(rng.choice(node, 2, replace=False).tolist()):
                    pairs.append((CELL_OPERATIONS[int(rng.integers(1, 8))], source))
            cells.append(tuple(pairs))
        return self.from_genotype(Genotype(*cells))

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """One operation or one input changed, ordered by key. [1]"""
        genotype = self.to_genotype(architecture)
        found: dict[str, Architecture] = {}
        for kind, pairs in enumerate(genotype):
            for place, pair in _edits(pairs):
                cells = list(genotype)
                cells[kind] = (*pairs[:place], pair, *pairs[place + 1 :])
                cell = self.from_genotype(Genotype(*cells))
                found.setdefault(cell.key, cell)
        found.pop(architecture.key, None)
        return [found[key] for key in sorted(found)]

    def enumerate(self) -> CellList:
        """Refused: there are about 10^18 pairs.

        Raises:
            BadInput: always.
        """
        raise BadInput(
            f"{self.name} has about 10^18 pairs of cells, too many to list; draw some with "
            "sample(rng) or walk with neighbours(architecture)"
        )

    def parameters(
        self,
        architecture: Architecture,
        *,
        classes: int = 10,
        in_channels: int = 3,
        channels: int = 36,
        layers: int = 20,
    ) -> int:
        """Trainable parameters of `module`."""
        genotype = self.to_genotype(architecture)
        before = last = 3 * channels
        total = 9 * in_channels * last + 2 * last  # stem
        for layer in range(layers):
            reduction = layer in reductions(layers)
            channels *= 1 + reduction
            total += (before + last) * channels + 4 * channels  # two 1x1 and their norms
            for op, source in genotype[reduction]:
                total += operation_parameters(op, channels, 2 if reduction and source < 2 else 1)
            before, last = last, NODES * channels
        return total + (last + 1) * classes

    def module(  # type: ignore[override]
        self,
        architecture: Architecture,
        *,
        classes: int,
        in_channels: int = 3,
        channels: int = 36,
        layers: int = 20,
        stem_stride: int = 1,
    ) -> torch.nn.Module:
        """Stem, `layers` cells of which two reduce, global mean, dense layer; fresh weights."""
        from .darts_network import DartsNetwork  # torch takes seconds to import

        genotype = self.to_genotype(architecture)
        return DartsNetwork(genotype, in_channels, classes, channels, layers, stem_stride)


def operation_parameters(op: str, channels: int, stride: int) -> int:
    """Trainable parameters of an operation of a cell."""
    if op == "skip_connect":
        return channels**2 + 2 * channels if stride == 2 else 0  # two half 1x1, a norm
    if not op.endswith(("conv_3x3", "conv_5x5")):
        return 0
    once = int(op[-1]) ** 2 * channels + channels**2 + 2 * channels  # depthwise, pointwise, norm
    return 2 * once if op.startswith("sep") else once


def _checked(kind: str, pairs: Iterable[Sequence[object]]) -> Pairs:
    listed = tuple((str(op), int(source)) for op, source in pairs)  # type: ignore[call-overload]
    if len(listed) != 2 * NODES:
        raise ArchitectureError(
            f"the {kind} cell has {len(listed)} edges; give {2 * NODES}, two a node"
        )
    for place, (op, source) in enumerate(listed):
        node = 2 + place // 2
        if op not in CELL_OPERATIONS:
            known = ", ".join(CELL_OPERATIONS)
            raise ArchitectureError(f"the {kind} cell has the operation {op!r}; known: {known}")
        if not 0 <= source < node:
            raise ArchitectureError(
                f"node {node} of the {kind} cell reads {source}; give one of 0..{node - 1}"
            )
        if place % 2 and source == listed[place - 1][1]:
            raise ArchitectureError(
                f"node {node} of the {kind} cell reads {source} twice; give two different inputs"
            )
    return listed


def _writers(first: int, source: int) -> tuple[int, ...]:
    """Graph nodes that make up x_source of the cell whose first graph node is `first`."""
    return (first + source,) if source < 2 else (first + 2 * source - 2, first + 2 * source - 1)


def _genotype(ops: Sequence[str], edges: Iterable[Edge]) -> Genotype:
    """Read off by place; what does not fit shows when it is written again."""
    lowest: dict[int, int] = {}
    for u, v in edges:
        lowest[v] = min(u, lowest.get(v, u))
    cells = []
    for first in (1, 1 + CELL_SIZE):
        pairs = []
        for node in range(first + 2, first + CELL_SIZE - 1):
            at = lowest.get(node, 0) - first
            pairs.append((ops[node], at if at < 2 else (at + 2) // 2))
        cells.append(tuple(pairs))
    return Genotype(*cells)


def _edits(pairs: Pairs) -> Iterator[tuple[int, tuple[str, int]]]:
    for place, (op, source) in enumerate(pairs):
        for other in CELL_OPERATIONS[1:]:
            if other != op:
                yield place, (other, source)
        twin = pairs[place ^ 1][1]
        for other_source in range(2 + place // 2):
            if other_source not in (source, twin):
                yield place, (op, other_source)
