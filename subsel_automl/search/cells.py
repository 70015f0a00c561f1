"""What a search chooses: an operation on every edge of every cell, as whole numbers.

`Cells` is [kinds, edges]: entry (k, e) is the operation on edge e of the k-th kind of cell, and 0
is `none` in both spaces. NAS-Bench-201 has one kind of six edges, any operation on each (or any but
`none`, which a supernet then still mixes in, as that of DARTS does). DARTS has
two kinds (normal, reduction) of fourteen edges; each of the four inner nodes keeps two edges, with
an operation other than `none` on them.

The cell that strengths [edges, operations] spell: NAS-Bench-201 takes the strongest operation of
each edge; DARTS the two edges of a node whose strongest operation but `none` is strongest (Liu et
al. 2019, 2.4).

Source: Liu et al. 2019, Dong and Yang 2020.

Deviations: none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..spaces.cell_operations import NB201_OPERATIONS
from ..spaces.cells import CELL_EDGES
from ..spaces.nasbench201 import NASBench201

Cells = npt.NDArray[np.int64]  # [kinds, edges]
Strengths = Sequence[npt.NDArray[np.floating]]  # of each kind [edges, operations]
SKIP = "skip_connect"


class CellPlan(ABC):
    """The shape of a space's cells, and what can be done with a choice of operations.

    Attributes:
        space: name of the search space.
        kinds: names of the kinds of cell.
        inputs: nodes that the cell is given.
        edges: (u, v) of each edge; nodes below `inputs` are the given ones.
        operations: names; the first is `none`.
        kept: edges into a node that the cell keeps; 0 for all.
        first: operation that an edge may have: 1 leaves `none` out.
    """

    space: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    inputs: ClassVar[int]
    edges: ClassVar[tuple[tuple[int, int], ...]]
    operations: ClassVar[tuple[str, ...]]
    kept: ClassVar[int] = 0
    first: int = 0

    @property
    def nodes(self) -> int:
        """Nodes of a cell, the given ones included."""
        return self.edges[-1][1] + 1

    def into(self, node: int) -> list[int]:
        """The edges that lead to a node."""
        return [e for e, (_, v) in enumerate(self.edges) if v == node]

    @abstractmethod
    def spelled(self, strengths: Strengths) -> Cells:
        """The cells that strengths spell."""

    @abstractmethod
    def sample(self, rng: np.random.Generator) -> Cells:
        """Cells, each equally likely."""

    @abstractmethod
    def mutated(self, cells: Cells, rng: np.random.Generator) -> Cells:
        """Cells one edit away."""

    @abstractmethod
    def architecture(self, cells: Cells) -> Architecture:
        """The space's own graph of the cells."""

    @abstractmethod
    def genotype(self, cells: Cells) -> dict[str, Any]:
        """The cells in words: JSON values."""

    def crossed(self, one: Cells, other: Cells, rng: np.random.Generator) -> Cells:
        """Every node's edges from one parent or the other."""
        child = one.copy()
        for kind in range(len(self.kinds)):
            for node in range(self.inputs, self.nodes):
                if rng.random() < 0.5:
                    child[kind, self.into(node)] = other[kind, self.into(node)]
        return child

    def skip_share(self, cells: Cells) -> float:
        """Share of skip_connect among the edges of the first kind that are no `none`."""
        kept = cells[0][cells[0] > 0]
        return float((kept == self.operations.index(SKIP)).mean()) if len(kept) else 0.0

    def collapsed(self, cells: Cells) -> bool:
        """No edge of the first kind computes anything: only skip_connect and `none` are left."""
        return set(cells[0].tolist()) <= {0, self.operations.index(SKIP)}


class NB201Plan(CellPlan):
    """Six edges, one of five operations on each.

    Args:
        none: whether an edge may be `none`.
    """

    space = NASBench201.name
    kinds = ("cell",)
    inputs = 1
    edges = CELL_EDGES
    operations = NB201_OPERATIONS

    def __init__(self, none: bool = True) -> None:
        self.first = 0 if none else 1

    def spelled(self, strengths: Strengths) -> Cells:
        allowed = [np.asarray(s)[:, self.first :] for s in strengths]
        return np.stack([self.first + s.argmax(1) for s in allowed]).astype(np.int64)

    def sample(self, rng: np.random.Generator) -> Cells:
        return rng.integers(self.first, len(self.operations), size=(1, len(self.edges)))

    def mutated(self, cells: Cells, rng: np.random.Generator) -> Cells:
        child = cells.copy()
        edge = rng.integers(len(self.edges))
        others = [o for o in range(self.first, len(self.operations)) if o != cells[0, edge]]
        child[0, edge] = rng.choice(others)
        return child

    def architecture(self, cells: Cells) -> Architecture:
        return NASBench201().cell(self._names(cells))

    def genotype(self, cells: Cells) -> dict[str, Any]:
        return {"cell": self._names(cells)}

    def _names(self, cells: Cells) -> list[str]:
        return [self.operations[o] for o in cells[0]]
