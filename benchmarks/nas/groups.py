"""Rows of searches by what was searched, and the words of their tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import paper
from benchmarks.nas import cells as nas
from benchmarks.run import rows_of
from benchmarks.statistics import mean_and_error

Row = dict[str, Any]
Spread = tuple[float, float]
Group = tuple[str, str, nas.Mode, float]  # search, space, mode, budget
DATA = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet16-120": "ImageNet16-120"}
PAPER_4 = {
    nas.FULL: "Full",
    ("random", "labels", 0): "Random",
    ("proxy-entropy", "labels", 0): "Proxy",
    nas.OURS: "Our",
    nas.PUBLISHED: "Our",
    nas.ONLINE: "Our",
}


def measured(made: Callable[[], Sequence[nas.Cell]]) -> list[Row]:
    """The rows of some cells that are there; a search that ran twice has two, of one seed."""
    wanted = made()
    return [*rows_of(nas.PATH, wanted), *rows_of(nas.AGAIN, wanted)]


def mode_of(cell: nas.Cell) -> nas.Mode:
    return cell["subset"], cell["targets"], cell["redraw"]


def groups(rows: Sequence[Row]) -> dict[Group, list[Row]]:
    """Rows of one search, space, mode and budget: its seeds."""
    found: dict[Group, list[Row]] = defaultdict(list)
    for row in rows:
        c = row["cell"]
        found[c["search"], c["space"], mode_of(c), c["budget"]].append(row)
    return dict(found)


def hm_rows() -> dict[str, list[Row]]:
    """Rows of HM-NAS by level."""
    found: dict[str, list[Row]] = {level: [] for level in nas.LEVELS}
    for row in measured(nas.hm_cells):
        options = {k: v for k, v in row["cell"]["options"].items() if k != "steps_an_epoch"}
        found[next(level for level, given in nas.LEVELS.items() if given == options)].append(row)
    return {level: rows for level, rows in found.items() if rows}


def by_seed(rows: Sequence[Row], value: Callable[[Row], float]) -> dict[int, float]:
    """Seed -> value, the mean of a search and its repetition: a seed is what was drawn."""
    found: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        found[row["cell"]["seed"]].append(value(row))
    return {seed: sum(each) / len(each) for seed, each in sorted(found.items())}


def seeds(rows: Sequence[Row], name: str) -> dict[int, float]:
    """Seed -> a column."""
    return by_seed(rows, lambda row: row[name])


def spread(rows: Sequence[Row], name: str) -> Spread:
    """Mean and standard error of a column over seeds."""
    return mean_and_error(list(seeds(rows, name).values()))


def named(mode: nas.Mode) -> str:
    """A mode in words."""
    subset, targets, redraw = mode
    kind = "" if subset.startswith(("full", "asp")) else ", redrawn" if redraw else ", fixed"
    return f"{subset}, {targets}{kind}"


def told(values: Sequence[float], digits: int = 2) -> str:
    """Mean and its standard error; a single value alone."""
    mean, error = mean_and_error(values)
    return f"{mean:.{digits}f}" + (f" ± {error:.{digits}f}" if len(values) > 1 else "")


def column(rows: Sequence[Row], name: str, digits: int = 2) -> str:
    return told(list(seeds(rows, name).values()), digits)


def grid(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Markdown, or "not run"."""
    if not lines:
        return "not run"
    first, *rows = ("| " + " | ".join(line) + " |" for line in (head, *lines))
    return "\n".join([first, "|" + "---|" * len(head), *rows])


def _percent_of(data: str) -> Callable[[Row], float]:
    return lambda row: float(row["percent"][data])


def percents(rows: Sequence[Row]) -> list[str]:
    each = (by_seed(rows, _percent_of(data)) for data in DATA)
    return [told(list(found.values())) for found in each]


def theirs(mode: nas.Mode, budget: float) -> str:
    """Of SubSelNet Tables 4 and 12."""
    row = PAPER_4.get(mode)
    if row is None or budget not in (*nas.CELL_BUDGETS, 1.0):
        return ""
    column = f"{budget:.0%}"
    mean = paper.value(4, row, column)
    if row == "Full":
        return f"{mean:g}"
    other = "Proxy-data" if row == "Proxy" else row
    return f"{mean:g} ± {paper.value(12, other, f'{column} error'):g}"
