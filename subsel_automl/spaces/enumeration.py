"""Every NAS-Bench-101 cell, enumerated in one process with numpy bit masks.

For each vertex count: all upper-triangular bit patterns with at most nine edges whose vertices all
lie on an input-output path, times all labellings (1,293,208 labelled graphs); the content lanes
of core.architecture join isomorphic ones; the first of a class, in the order (vertices, adj_bits,
operations of the inner vertices, first vertex first), represents it and gives its place (423,624
cells). The representative matters: where channels do not divide evenly, the first vertices get the
remainder, so isomorphic listings may differ in parameters by a little; this one is the reference's.

Deviations: none. (The reference enumerator walks the same labelled graphs one by one.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture, content_lanes, lanes_to_keys, op_lanes
from ..core.errors import ArchitectureError
from .channels import network_parameters

SPACE = "nasbench101"
INNER_OPS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
OPERATIONS = ("input", *INNER_OPS, "output")
MAX_NODES, MAX_EDGES = 7, 9
U64 = npt.NDArray[np.uint64]
_CHUNK = 65_536


class CellTable(Sequence[Architecture]):
    """Cells as rows of arrays; an `Architecture` is built when it is asked for.

    Attributes:
        n_vertices: [m] uint8.
        adj_bits: [m] uint32; bit x + y (y - 1) / 2 is the edge x -> y, x < y.
        ops_base3: [m] uint8; sum of code(op of inner vertex k) 3^k, codes as in `INNER_OPS`.
        lanes: [m, 2] uint64, the content hash.
    """

    def __init__(
        self,
        n_vertices: npt.NDArray[np.uint8],
        adj_bits: npt.NDArray[np.uint32],
        ops_base3: npt.NDArray[np.uint8],
        lanes: U64 | None = None,
    ) -> None:
        self.n_vertices = _frozen(n_vertices, np.uint8)
        self.adj_bits = _frozen(adj_bits, np.uint32)
        self.ops_base3 = _frozen(ops_base3, np.uint8)
        if lanes is None:
            lanes = _lanes(self.n_vertices, self.adj_bits, self.ops_base3)
        self.lanes = _frozen(lanes, np.uint64)

    def __len__(self) -> int:
        return len(self.n_vertices)

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `subsel space enumerate --out` writes."""
        return {
            "n_vertices": self.n_vertices,
            "adj_bits": self.adj_bits,
            "ops_base3": self.ops_base3,
            "key_lanes": self.lanes,
        }

    @overload
    def __getitem__(self, row: int | np.integer) -> Architecture: ...
    @overload
    def __getitem__(self, row: slice | npt.NDArray[np.generic]) -> CellTable: ...

    def __getitem__(
        self, row: int | np.integer | slice | npt.NDArray[np.generic]
    ) -> Architecture | CellTable:
        """One cell for an integer; a smaller table for a slice or an array of rows."""
        if isinstance(row, (slice, np.ndarray)):
            parts = (self.n_vertices, self.adj_bits, self.ops_base3, self.lanes)
            return CellTable(*(part[row] for part in parts))
        n, bits = int(self.n_vertices[row]), int(self.adj_bits[row])
        code = int(self.ops_base3[row])
        ops = ("input", *(INNER_OPS[code // 3**k % 3] for k in range(n - 2)), "output")
        edges = ((x, y) for x in range(n) for y in range(x + 1, n) if bits >> _bit(x, y) & 1)
        return Architecture(SPACE, ops, tuple(edges), lanes_to_keys(self.lanes[row])[0])

    def __iter__(self) -> Iterator[Architecture]:
        return (self[row] for row in range(len(self)))

    def __contains__(self, architecture: object) -> bool:
        return isinstance(architecture, Architecture) and self._row(architecture.key) is not None

    def keys(self) -> list[str]:
        """`Architecture.key` of every row."""
        return lanes_to_keys(self.lanes)

    def row_of(self, key: str) -> int:
        """The row of the cell with this content key.

        Raises:
            ArchitectureError: no row has it.
        """
        row = self._row(key)
        if row is None:
            raise ArchitectureError(
                f"no cell of the table has the key {key!r}; the {len(self)} keys are in keys()"
            )
        return row

    def adjacency(self, width: int = MAX_NODES) -> npt.NDArray[np.uint8]:
        """[m, width, width] of 0 and 1, upper triangular; rows beyond a cell's vertices are 0."""
        return adjacency_of(self.adj_bits, width)

    def op_codes(self) -> npt.NDArray[np.uint8]:
        """[m, MAX_NODES - 2] index into `INNER_OPS`; 0 beyond a cell's inner vertices."""
        powers = 3 ** np.arange(MAX_NODES - 2)
        return (self.ops_base3[:, None] // powers % 3).astype(np.uint8)

    def parameters(
        self,
        channels: int = 128,
        stacks: int = 3,
        cells: int = 3,
        classes: int = 10,
        in_channels: int = 3,
    ) -> npt.NDArray[np.int64]:
        """Trainable parameters of each cell's network, [m]."""
        total = np.zeros(len(self), np.int64)
        codes = self.op_codes()
        for n in range(2, MAX_NODES + 1):
            for rows in _chunks(np.flatnonzero(self.n_vertices == n)):
                total[rows] = network_parameters(
                    adjacency_of(self.adj_bits[rows], n),
                    codes[rows, : n - 2],
                    classes=classes,
                    in_channels=in_channels,
                    channels=channels,
                    stacks=stacks,
                    cells=cells,
                )
        return total

    @cached_property
    def _by_first_lane(self) -> npt.NDArray[np.int64]:
        return np.argsort(self.lanes[:, 0], kind="stable")

    def _row(self, key: str) -> int | None:
        try:
            first, second = np.frombuffer(bytes.fromhex(key), ">u8").astype(np.uint64)
        except ValueError:  # no 32 hex digits
            return None
        order = self._by_first_lane
        at = np.searchsorted(self.lanes[:, 0], first, sorter=order)
        while at < len(order) and self.lanes[order[at], 0] == first:
            if self.lanes[order[at], 1] == second:
                return int(order[at])
            at += 1
        return None


@lru_cache(maxsize=1)
def enumerate_cells() -> CellTable:
    """All 423,624 cells, smaller ones first; kept in memory (10 MB) after the first call."""
    by_size = [_cells_of(n) for n in range(2, MAX_NODES + 1)]
    return CellTable(*(np.concatenate(column) for column in zip(*by_size, strict=True)))


def adjacency_of(adj_bits: npt.NDArray[np.uint32], width: int) -> npt.NDArray[np.uint8]:
    """[m, width, width] of 0 and 1 from bit patterns."""
    matrix = np.zeros((len(adj_bits), width, width), np.uint8)
    for y in range(1, width):
        for x in range(y):
            matrix[:, x, y] = adj_bits >> np.uint32(_bit(x, y)) & np.uint32(1)
    return matrix


def _cells_of(n: int) -> tuple[npt.NDArray[Any], ...]:
    """Columns of a `CellTable` for n vertices, one row a class, in the order (adj_bits, ops)."""
    bits = _topologies(n)
    labels = _labellings(n)
    adj_bits, ops = np.repeat(bits, len(labels)), np.tile(labels, len(bits))
    n_vertices = np.full(len(ops), n, np.uint8)
    lanes = _lanes(n_vertices, adj_bits, ops)
    order = np.lexsort((lanes[:, 1], lanes[:, 0]))  # stable: the first of a class is its smallest
    changed = (lanes[order[1:]] != lanes[order[:-1]]).any(1)
    rows = np.sort(order[np.concatenate(([True], changed))])
    return n_vertices[rows], adj_bits[rows], ops[rows], lanes[rows]


def _topologies(n: int) -> npt.NDArray[np.uint32]:
    """Bit patterns with at most nine edges whose n vertices all lie on an input-output path."""
    bits = np.arange(2 ** (n * (n - 1) // 2), dtype=np.uint32)
    bits = bits[np.bitwise_count(bits) <= MAX_EDGES]
    one, full = np.uint32(1), np.uint32(2**n - 1)

    def sources(y: int) -> npt.NDArray[Any]:  # bit x set where the edge x -> y is present
        return bits >> np.uint32(_bit(0, y)) & np.uint32(2**y - 1)

    ahead = np.full(len(bits), one)
    for y in range(1, n):
        ahead |= (sources(y) & ahead).astype(bool).astype(np.uint32) << np.uint32(y)
    back = np.full(len(bits), one << np.uint32(n - 1))
    for y in range(n - 1, 0, -1):
        back |= np.where(back >> np.uint32(y) & one, sources(y), np.uint32(0))
    return bits[(ahead == full) & (back == full)]


def _labellings(n: int) -> npt.NDArray[np.uint8]:
    """Every `ops_base3` for n vertices, the first inner vertex varying slowest."""
    digits = np.indices((3,) * (n - 2)).reshape(n - 2, 3 ** (n - 2))
    return (3 ** np.arange(n - 2) @ digits).astype(np.uint8)


def _lanes(
    n_vertices: npt.NDArray[np.uint8],
    adj_bits: npt.NDArray[np.uint32],
    ops_base3: npt.NDArray[np.uint8],
) -> U64:
    """Content lanes of each row, [m, 2]."""
    lanes = np.zeros((len(adj_bits), 2), np.uint64)
    names = op_lanes(SPACE, OPERATIONS)
    for n in range(2, MAX_NODES + 1):
        powers = 3 ** np.arange(n - 2)
        for rows in _chunks(np.flatnonzero(n_vertices == n)):
            labels = np.zeros((len(rows), n), np.intp)
            labels[:, 1:-1] = 1 + ops_base3[rows, None] // powers % 3
            labels[:, -1] = len(OPERATIONS) - 1
            matrix = adjacency_of(adj_bits[rows], n).astype(np.uint64)
            lanes[rows] = content_lanes(names[labels], matrix, np.full(len(rows), n))
    return lanes


def _chunks(rows: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))


def _bit(x: int, y: int) -> int:
    return x + y * (y - 1) // 2


def _frozen(values: npt.ArrayLike, dtype: type[np.generic]) -> npt.NDArray[Any]:
    array = np.array(values, dtype)  # a copy, so that the caller's array stays writable
    array.setflags(write=False)
    return array
