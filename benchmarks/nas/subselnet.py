"""SubSelNet Tables 4 and 12 from the rows of searches: mean and standard error over seeds.

The paper stands beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.nas import ceiling
from benchmarks.nas import cells as nas
from benchmarks.nas.groups import (
    Row,
    column,
    grid,
    groups,
    measured,
    mode_of,
    named,
    percents,
    seeds,
    spread,
    theirs,
    told,
)
from benchmarks.nas.settings import SPACES, bundle_of
from benchmarks.run import identity, read_rows
from subsel_automl.core.files import read_json
from subsel_automl.subselnet.bundle import RECORD, bundle_folder

# test error by the table, CIFAR-10, mean and median: of all 15,625 cells, of the 4,096 without none
CHANCE, CHANCE_NO_NONE = (12.94, 9.25), (10.55, 8.62)


HEAD = [
    "data",
    "subset",
    "test error % (CIFAR-10)",
    "paper (DARTS cells)",
    "CIFAR-100 %",
    "ImageNet16-120 %",
    "judge's tau (of searches, if fewer)",
    "`none`, of 6 edges",
    "convolutions",
    "CPU s of the search",
    "of full",
    "steps, of full",
    "seeds",
]
COST = "cpu_seconds"


def subselnet() -> str:
    """On NAS-Bench-201, a block a search."""
    there = measured(nas.TABLES["subselnet"])
    parts = []
    for search in nas.MAIN_SEARCHES:
        body = _block([row for row in there if row["cell"]["search"] == search])
        parts.append(f"{search} on NAS-Bench-201\n\n{body}")
    made = zoo_made()
    count = made["networks"] + made["validation_networks"]
    spent = f"{count} networks, {made['zoo_cpu_seconds']:.0f} CPU s, and fitting them "
    told_zoo = f"Once, on no search's bill: {spent}{made['fit_cpu_seconds']:.0f} CPU s."
    said = [speeds(there), again(), chance(), ceiling.told(), told_zoo]
    return "\n\n".join([*parts, *filter(None, said)])


def no_none() -> str:
    """GDAS where no edge is spelled `none`."""
    there = measured(nas.TABLES["no-none"])
    return "\n\n".join([_block(there), chance(any_edge=False)])


def _block(rows_there: Sequence[Row]) -> str:
    """One search: budgets one after the other, the best subset first."""
    mine = {(mode, budget): rows for (_, _, mode, budget), rows in groups(rows_there).items()}
    full, lines = mine.get((nas.FULL, 1.0)), []
    for (mode, budget), rows in sorted(
        mine.items(), key=lambda item: (item[0][1], spread(item[1], "test_error")[0])
    ):
        cost = column(rows, COST, 1)
        share = [_share(rows, full, name) for name in (COST, "weight_steps")]
        cells = [f"{budget:.0%}", named(mode), column(rows, "test_error")]
        cells += [theirs(mode, budget), *percents(rows)[1:]]
        lines.append(
            [*cells, _judge(rows), *_edges(rows), cost, *share, str(len(seeds(rows, COST)))]
        )
    return grid(HEAD, lines)


def darts_cells() -> str:
    """Tables 4 and 12 on DARTS cells, with the paper's columns."""
    found = groups(measured(nas.TABLES["darts-cells"]))
    lines = []
    for (_, _, mode, budget), rows in sorted(found.items(), key=lambda item: item[0][3]):
        line = [f"{budget:.0%}", named(mode), column(rows, "test_error")]
        lines.append([*line, theirs(mode, budget), column(rows, "cpu_seconds", 1), str(len(rows))])
    head = ["data", "subset", "test error %", "paper (CIFAR10)", "CPU s of the search", "searches"]
    return grid(head, lines)


def _share(rows: Sequence[Row], full: Sequence[Row] | None, name: str) -> str:
    """Of a column's mean, what the search on all data spent."""
    return "not run" if full is None else f"{spread(rows, name)[0] / spread(full, name)[0]:.3f}"


def speeds(rows: Sequence[Row]) -> str:
    """How far CPU seconds for the same work lie apart, over sessions and their machines."""
    alike: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows:
        cell = row["cell"]
        if not row["fit_cpu_seconds"] and mode_of(cell) != nas.ONLINE:
            work = cell["search"], row["weight_steps"], row["architecture_steps"]
            alike[work].append(row["cpu_seconds"])
    apart = max((max(each) / min(each) for each in alike.values()), default=1.0)
    return (
        f"The machines of these rows differ in speed: the same steps took up to {apart:.1f} times "
        "the CPU seconds. The share of steps is free of that; it has no selection in it."
    )


def again() -> str:
    """What rounding alone does: the same cell, seed and subset on two kinds of machine."""
    first = {identity(row["cell"]): row for row in read_rows(nas.PATH)}
    pairs = [
        (first[name]["test_error"], row["test_error"])
        for row in read_rows(nas.AGAIN)
        if (name := identity(row["cell"])) in first
    ]
    if not pairs:
        return ""
    one, other = np.array(pairs).T
    apart = np.abs(one - other)
    return (
        f"{len(pairs)} searches ran twice, without AMX tiles and with, which round otherwise: mean "
        f"errors {one.mean():.2f} and {other.mean():.2f} %, but a search and its repetition lie "
        f"{apart.mean():.1f} points apart (median {np.median(apart):.1f}). A seed counts once, "
        "with their mean."
    )


def chance(any_edge: bool = True) -> str:
    """What no search at all finds, among all cells or those without `none`."""
    mean, median = CHANCE if any_edge else CHANCE_NO_NONE
    which = "A cell" if any_edge else "A cell without `none`"
    return (
        f"{which} drawn at random has a test error of {mean:g} % on average, {median:g} % (median)."
    )


def _judge(rows: Sequence[Row]) -> str:
    """Kendall's tau of the judge with the table, over the cells that a search judged."""
    known = [row["judge_tau"] for row in rows if "judge_tau" in row]
    if not known:
        return ""
    return told(known) + (f" ({len(known)})" if len(known) < len(rows) else "")


def _edges(rows: Sequence[Row]) -> list[str]:
    """How many edges of the found cells compute nothing, and how many convolve."""
    cells = [row["genotype"]["cell"] for row in rows]
    counts = [[sum(word in edge for edge in cell) for cell in cells] for word in ("none", "conv")]
    return [f"{sum(each) / len(each):.1f}" for each in counts]


def zoo_made() -> dict[str, Any]:
    """How the bundle of NAS-Bench-201 was made."""
    name = bundle_of(SPACES["nasbench201"].data, "nasbench201")
    made: dict[str, Any] = read_json(bundle_folder(name) / RECORD)["made"]
    return made
