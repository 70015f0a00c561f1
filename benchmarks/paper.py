"""The published numbers: tables 1 to 14 and the settings of appendix D, from `paper.toml`.

value(8, "EL2N / CIFAR10", "speedup 10%") -> 1.93; None where the paper prints no number.
"""

from __future__ import annotations

import functools

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from subsel_automl.core.errors import UnknownName


@dataclass(frozen=True)
class Table:
    """One table: rows of cells by column; a cell that is not printed is absent."""

    number: int
    title: str
    section: str
    dataset: str
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def columns(self) -> list[str]:
        """Of all rows, in the order in which they are first met."""
        return list(dict.fromkeys(column for row in self.rows.values() for column in row))


@functools.cache
def tables() -> Mapping[int, Table]:
    """All tables by number."""
    return {
        int(number): Table(int(number), **content)
        for number, content in _document()["table"].items()
    }


def table(number: int) -> Table:
    """One table.

    Raises:
        UnknownName: the paper has no table of this number.
    """
    if number not in tables():
        raise UnknownName("table of the paper", str(number), map(str, tables()))
    return tables()[number]


def value(number: int, row: str, column: str) -> float | None:
    """The number of a cell, or None where the paper prints none.

    Raises:
        UnknownName: no such table, row or column, or a cell that holds no number.
    """
    found = table(number)
    if row not in found.rows:
        raise UnknownName(f"row of table {number}", row, found.rows)
    numbers = [name for name in found.columns if _numeric(found, name)]
    if column not in numbers:
        raise UnknownName(f"column of table {number}", column, numbers)
    cell = found.rows[row].get(column)
    return None if cell is None else float(cell)


def settings(name: str) -> Mapping[str, Any]:
    """The settings of a baseline or part, with the section that prints them.

    Raises:
        UnknownName: nothing is said about it.
    """
    known = _document()["settings"]
    if name not in known:
        raise UnknownName("settings of the paper", name, known)
    found: Mapping[str, Any] = known[name]
    return found


def settings_names() -> list[str]:
    """What there are settings for."""
    return list(_document()["settings"])


@functools.cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "paper.toml").read_text())


def _numeric(found: Table, column: str) -> bool:
    cells = [row[column] for row in found.rows.values() if column in row]
    return all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
