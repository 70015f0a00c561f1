"""The published numbers that the tables of `benchmarks.nas` and `benchmarks.encoders` stand beside,
from `paper_nas.toml`, and from `paper_days.toml` where nothing is run.

value("moser", "1", "AE 0.5", "C=16") -> 66.6; None where the paper prints no number.
SubSelNet's own tables are in `paper.toml`.
"""

from __future__ import annotations

import functools

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from subsel_automl.core.errors import UnknownName

Rows = Mapping[str, Mapping[str, Any]]
FILES = ("paper_nas.toml", "paper_days.toml")


def papers() -> list[str]:
    """Names of the papers."""
    return list(_document())


def rows(paper: str, number: str) -> Rows:
    """The rows of one table.

    Raises:
        UnknownName: no such paper or table.
    """
    known = _document()
    if paper not in known:
        raise UnknownName("paper", paper, known)
    if number not in known[paper]:
        raise UnknownName(f"table of {paper}", number, known[paper])
    found: Rows = known[paper][number]["rows"]
    return found


def value(paper: str, number: str, row: str, column: str) -> float | None:
    """The number of a cell, or None where the paper prints none in that row.

    Raises:
        UnknownName: no such paper, table, row or column.
    """
    found = rows(paper, number)
    if row not in found:
        raise UnknownName(f"row of table {number} of {paper}", row, found)
    columns = {name for cells in found.values() for name in cells}
    if column not in columns:
        raise UnknownName(f"column of table {number} of {paper}", column, columns)
    cell = found[row].get(column)
    return None if cell is None else float(cell)


def title(paper: str, number: str) -> str:
    """What a table shows; errors as `rows`."""
    rows(paper, number)
    return str(_document()[paper][number]["title"])


@functools.cache
def _document() -> Mapping[str, Any]:
    """Tables by paper, of both files."""
    found: dict[str, dict[str, Any]] = {}
    for name in FILES:
        for paper, tables in tomllib.loads((Path(__file__).parent / name).read_text()).items():
            found[paper] = {**found.get(paper, {}), **tables}
    return found
