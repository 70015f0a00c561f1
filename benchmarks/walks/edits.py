"""Edit distance of cells of NAS-Bench-101.

    d(a, b) = min over matchings p of the inner vertices:
              vertices whose operation differs + edges that one has and the other not

Five inner vertices each, those that a cell lacks being vertices without operation and edges; so a
vertex that comes or goes is an edit, and each of its edges one more. Isomorphic cells are 0 apart.

Source: this project; Yan 2022 (thesis), 3, compares the DAGs of cells and does not say how.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

from subsel_automl.spaces.enumeration import INNER_OPS, MAX_NODES, CellTable

Codes = npt.NDArray[np.uint64]
INNER = MAX_NODES - 2
ABSENT = len(INNER_OPS)  # the operation of a vertex that is not there: 3, two bits
OPS = np.uint64(sum(1 << 2 * place for place in range(INNER)))  # the lower bit of each operation
EDGES = np.uint64(2 * INNER)  # edges begin behind the operations
MATCHINGS = np.array(list(permutations(range(INNER))))


def codes(cells: CellTable) -> Codes:
    """Every cell under every matching, [m, 120]: operations and edges as bits."""
    graph, ops = _padded(cells)
    found = np.empty((len(cells), len(MATCHINGS)), np.uint64)
    for column, matching in enumerate(MATCHINGS):
        order = np.array([0, *(1 + matching), MAX_NODES - 1])
        edges = graph[:, order][:, :, order].reshape(len(cells), -1)
        found[:, column] = _packed(edges, 1) << EDGES | _packed(ops[:, matching], 2)
    return found


def distances(one: Codes, others: Codes) -> npt.NDArray[np.int64]:
    """From one cell, [120], to others, [m, 120]: [m]."""
    apart = one[0] ^ others
    changed = (apart | apart >> np.uint64(1)) & OPS
    found = np.bitwise_count(apart >> EDGES).astype(np.int64) + np.bitwise_count(changed)
    nearest: npt.NDArray[np.int64] = found.min(1)
    return nearest


def _padded(cells: CellTable) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Adjacency with the output last, [m, 7, 7], and operations of five inner vertices, [m, 5]."""
    listed, ops = cells.adjacency(), cells.op_codes()
    graph = np.zeros_like(listed)
    for n in range(2, MAX_NODES + 1):
        mine = cells.n_vertices == n
        graph[mine, : n - 1, : n - 1] = listed[mine, : n - 1, : n - 1]
        graph[mine, : n - 1, -1] = listed[mine, : n - 1, n - 1]
        ops[mine, n - 2 :] = ABSENT
    return graph, ops


def _packed(values: npt.NDArray[np.uint8], bits: int) -> Codes:
    """Small numbers side by side in one word."""
    places = np.uint64(bits) * np.arange(values.shape[1], dtype=np.uint64)
    packed: Codes = (values.astype(np.uint64) << places).sum(1, dtype=np.uint64)
    return packed
