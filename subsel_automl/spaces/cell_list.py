"""Cells in memory, found by their key: the table of a space that is small enough to list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError


class CellList(Sequence[Architecture]):
    """Every cell once, in a fixed order."""

    def __init__(self, cells: Iterable[Architecture]) -> None:
        self._cells = tuple(cells)
        self._rows = {cell.key: row for row, cell in enumerate(self._cells)}

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, row: int) -> Architecture: ...
    @overload
    def __getitem__(self, row: slice) -> CellList: ...

    def __getitem__(self, row: int | slice) -> Architecture | CellList:
        return CellList(self._cells[row]) if isinstance(row, slice) else self._cells[row]

    def __contains__(self, architecture: object) -> bool:
        return isinstance(architecture, Architecture) and architecture.key in self._rows

    @property
    def n_vertices(self) -> npt.NDArray[np.uint8]:
        """Nodes of each cell, [m]."""
        return np.array([len(cell) for cell in self._cells], np.uint8)

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `subsel space enumerate --out` writes: key, operations and edges as text, [m]."""
        return {
            "keys": np.array(self.keys()),
            "ops": np.array([" ".join(cell.ops) for cell in self._cells]),
            "edges": np.array([" ".join(f"{u}-{v}" for u, v in c.edges) for c in self._cells]),
        }

    def keys(self) -> list[str]:
        """`Architecture.key` of every cell."""
        return list(self._rows)

    def row_of(self, key: str) -> int:
        """The row of the cell with this key.

        Raises:
            ArchitectureError: no row has it.
        """
        if key not in self._rows:
            raise ArchitectureError(
                f"no cell of the list has the key {key!r}; the {len(self)} keys are in keys()"
            )
        return self._rows[key]
