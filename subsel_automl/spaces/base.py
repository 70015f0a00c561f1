"""A search space: the architectures that a search may propose, and what can be done with them.

`SearchSpace.architecture` turns a loose graph into the space's canonical cell: nodes in topological
order, only those on a path from the input (first node) to the output (last node) are kept.

Deviations: none.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError

if TYPE_CHECKING:
    import torch

    from .cell_list import CellList
    from .enumeration import CellTable

Edge = tuple[int, int]


class SearchSpace(ABC):
    """A set of architectures. Node 0 is the input, the last node is the output.

    Attributes:
        name: written into `Architecture.space`.
        operations: every node label; the first is the input's, the last is the output's.
        max_nodes: most nodes of a cell, after pruning.
        max_edges: most edges of a cell, after pruning.
        reads_vectors: `module` also builds networks for pools without images; `in_channels` is
            then the length of an example's vector.
    """

    name: ClassVar[str]
    operations: ClassVar[tuple[str, ...]]
    max_nodes: ClassVar[int]
    max_edges: ClassVar[int]
    reads_vectors: ClassVar[bool] = False

    def architecture(self, ops: Sequence[str], edges: Iterable[Edge]) -> Architecture:
        """The cell that a graph spells, pruned to the vertices on input-output paths.

        Args:
            ops: label of each node; the first is the input, the last is the output.
            edges: pairs (u, v), data flows from u to v.

        Raises:
            ArchitectureError: unknown operation, cycle, no path from input to output, or too large.
        """
        ops = tuple(str(op) for op in ops)
        self._check_ops(ops)
        listed = _checked_edges(edges, len(ops))
        ops, listed = _in_topological_order(ops, listed)
        ops, listed = prune(ops, listed)
        self._check_size(ops, listed)
        return Architecture(self.name, ops, listed)

    def validate(self, architecture: Architecture) -> None:
        """Accept exactly what `architecture` would return unchanged.

        Raises:
            ArchitectureError: another space, or not a pruned cell of this one.
        """
        if architecture.space != self.name:
            raise ArchitectureError(
                f"the architecture belongs to space {architecture.space!r}, not {self.name!r}; "
                "build it with this space's architecture(ops, edges)"
            )
        cell = self.architecture(architecture.ops, architecture.edges)
        if (cell.ops, cell.edges) != (architecture.ops, tuple(sorted(architecture.edges))):
            raise ArchitectureError(
                f"the architecture has {len(architecture)} nodes of which {len(cell)} lie on a "
                "path from input to output; build it with this space's architecture(ops, edges)"
            )

    @abstractmethod
    def sample(self, rng: np.random.Generator) -> Architecture:
        """One cell; each space states its distribution."""

    @abstractmethod
    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """The cells one edit away, without repetition and without the cell itself."""

    @abstractmethod
    def enumerate(self) -> CellTable | CellList:
        """Every cell once.

        Raises:
            BadInput: too many to list.
        """

    @abstractmethod
    def parameters(self, architecture: Architecture) -> int:
        """Trainable parameters of the network that `module` builds with default sizes."""

    @abstractmethod
    def module(
        self,
        architecture: Architecture,
        *,
        classes: int,
        in_channels: int = 3,
        channels: int = 128,
        stacks: int = 3,
        cells: int = 3,
        stem_stride: int = 1,
    ) -> torch.nn.Module:
        """The network, with fresh weights."""

    def _check_ops(self, ops: tuple[str, ...]) -> None:
        if len(ops) < 2:
            raise ArchitectureError(
                f"a cell needs an input and an output node; got {len(ops)} node(s)"
            )
        if ops[0] != self.operations[0] or ops[-1] != self.operations[-1]:
            raise ArchitectureError(
                f"a cell starts with {self.operations[0]!r} and ends with "
                f"{self.operations[-1]!r}; got {ops[0]!r} and {ops[-1]!r}"
            )
        inner = self.operations[1:-1]
        for node, op in enumerate(ops[1:-1], start=1):
            if op not in inner:
                close = difflib.get_close_matches(op, inner, n=1, cutoff=0.4)
                hint = f" Did you mean {close[0]!r}?" if close else ""
                raise ArchitectureError(
                    f"node {node} has the operation {op!r}, which {self.name} lacks; "
                    f"known: {', '.join(inner)}.{hint}"
                )

    def _check_size(self, ops: tuple[str, ...], edges: tuple[Edge, ...]) -> None:
        for what, got, most in (
            ("nodes", len(ops), self.max_nodes),
            ("edges", len(edges), self.max_edges),
        ):
            if got > most:
                raise ArchitectureError(
                    f"the cell has {got} {what} on paths from input to output; "
                    f"{self.name} allows at most {most}, so remove {got - most}"
                )


def prune(
    ops: tuple[str, ...], edges: tuple[Edge, ...]
) -> tuple[tuple[str, ...], tuple[Edge, ...]]:
    """Keep the vertices on a path from the first node to the last; edges must have u < v.

    Raises:
        ArchitectureError: no such path.
    """
    from_input, to_output = {0}, {len(ops) - 1}
    for u, v in sorted(edges):  # u < v: when u is looked at, all that leads to it has been
        if u in from_input:
            from_input.add(v)
    for u, v in sorted(edges, key=lambda edge: -edge[1]):
        if v in to_output:
            to_output.add(u)
    kept = sorted(from_input & to_output)
    if len(kept) < 2 or len(ops) - 1 not in from_input:
        raise ArchitectureError(
            f"the graph is cut: no path leads from the input (node 0) to the output "
            f"(node {len(ops) - 1}); add edges that join them"
        )
    new = {old: i for i, old in enumerate(kept)}
    inside = tuple(sorted((new[u], new[v]) for u, v in edges if u in new and v in new))
    return tuple(ops[i] for i in kept), inside


def _checked_edges(edges: Iterable[Edge], n: int) -> tuple[Edge, ...]:
    """Plain integer pairs within the n nodes, each listed once."""
    listed = tuple((int(u), int(v)) for u, v in edges)
    for u, v in listed:
        if not (0 <= u < n and 0 <= v < n):
            raise ArchitectureError(f"edge ({u}, {v}) leaves the {n} nodes; use 0..{n - 1}")
        if v == 0:
            raise ArchitectureError(
                f"edge ({u}, 0) leads into the input; only edges out of it are allowed"
            )
        if u == n - 1:
            raise ArchitectureError(
                f"edge ({u}, {v}) leaves the output; only edges into it are allowed"
            )
    if len(set(listed)) != len(listed):
        raise ArchitectureError("an edge is listed twice; list each edge once")
    return listed


def _in_topological_order(
    ops: tuple[str, ...], edges: tuple[Edge, ...]
) -> tuple[tuple[str, ...], tuple[Edge, ...]]:
    """Relabel nodes so that every edge has u < v: lowest listed node first, output last."""
    if all(u < v for u, v in edges):
        return ops, edges
    order: list[int] = []
    waiting = list(range(len(ops)))  # the output has the highest number, so it comes last
    while waiting:
        blocked = {v for u, v in edges if u in waiting}
        free = [node for node in waiting if node not in blocked]
        if not free:
            raise ArchitectureError(
                f"the graph is cyclic: a cycle runs through nodes among "
                f"{', '.join(map(str, waiting))}; remove one of its edges"
            )
        order.append(free[0])
        waiting.remove(free[0])
    new = {old: i for i, old in enumerate(order)}
    return tuple(ops[i] for i in order), tuple((new[u], new[v]) for u, v in edges)
