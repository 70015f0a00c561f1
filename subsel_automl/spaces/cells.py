"""How cells are laid out, for spaces (without torch) and networks: edges, nodes, genotypes.

Sources: NAS-Bench-201 (Dong & Yang 2020), DARTS (Liu et al. 2019). Deviations: none.
"""

from __future__ import annotations

from typing import NamedTuple

# NAS-Bench-201: the six edges of a cell of four nodes, in the order of its strings
CELL_EDGES: tuple[tuple[int, int], ...] = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
NODES = 4  # DARTS: intermediate nodes of a cell
Pairs = tuple[tuple[str, int], ...]


class Genotype(NamedTuple):
    """Both cells of DARTS: edges (operation, input) of node 2, node 2, node 3, ..., node 5."""

    normal: Pairs
    reduce: Pairs


def reductions(layers: int) -> set[int]:
    """The cells that reduce in DARTS: at one and two thirds of the depth."""
    return {layers // 3, 2 * layers // 3}
