"""The cells of DARTS as a search chooses them: fourteen edges a kind, two of them kept for a node.

Nodes 0 and 1 are the outputs of the two cells before, nodes 2 to 5 the inner ones; node v reads
every node below it. A node keeps two edges from different nodes, with an operation but `none`.

Source: Liu et al. 2019, 2.1 and 2.4.

Deviations:
    [1] `sample` draws the two edges of a node uniformly among its pairs, then their operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.architecture import Architecture
from ..spaces.cell_operations import DARTS_OPERATIONS
from ..spaces.cells import Genotype
from ..spaces.darts import Darts
from .cells import CellPlan, Cells, Strengths

KEPT = 2  # edges into a node


class DartsPlan(CellPlan):
    """Normal and reduction cell, fourteen edges each, eight operations."""

    space = Darts.name
    kinds = ("normal", "reduce")
    inputs = 2
    edges = tuple((u, v) for v in range(2, 6) for u in range(v))
    operations = DARTS_OPERATIONS
    kept = KEPT
    first = 1

    def spelled(self, strengths: Strengths) -> Cells:
        cells = np.zeros((len(self.kinds), len(self.edges)), np.int64)
        for kind, given in enumerate(strengths):
            some = np.asarray(given)[:, self.first :]
            best, strength = some.argmax(1) + self.first, some.max(1)
            for node in range(self.inputs, self.nodes):
                into = np.array(self.into(node))
                kept = into[np.argsort(-strength[into], kind="stable")[:KEPT]]
                cells[kind, kept] = best[kept]
        return cells

    def sample(self, rng: np.random.Generator) -> Cells:
        cells = np.zeros((len(self.kinds), len(self.edges)), np.int64)
        for kind in range(len(self.kinds)):
            for node in range(self.inputs, self.nodes):
                kept = rng.choice(self.into(node), KEPT, replace=False)  # [1]
                cells[kind, kept] = rng.integers(1, len(self.operations), KEPT)
        return cells

    def mutated(self, cells: Cells, rng: np.random.Generator) -> Cells:
        child = cells.copy()
        kind = rng.integers(len(self.kinds))
        edge = rng.choice(np.flatnonzero(cells[kind]))
        free = [e for e in self.into(self.edges[edge][1]) if cells[kind, e] == 0]
        if free and rng.random() < 0.5:  # another source
            child[kind, edge], child[kind, rng.choice(free)] = 0, cells[kind, edge]
            return child
        others = [o for o in range(self.first, len(self.operations)) if o != cells[kind, edge]]
        child[kind, edge] = rng.choice(others)
        return child

    def architecture(self, cells: Cells) -> Architecture:
        pairs = (tuple(map(tuple, self._pairs(cell))) for cell in cells)
        return Darts().from_genotype(Genotype(*pairs))

    def genotype(self, cells: Cells) -> dict[str, Any]:
        return {name: self._pairs(cells[kind]) for kind, name in enumerate(self.kinds)}

    def _pairs(self, cell: Cells) -> list[list[Any]]:
        """[operation, source] of each kept edge, node by node."""
        return [[self.operations[cell[e]], self.edges[e][0]] for e in np.flatnonzero(cell)]
