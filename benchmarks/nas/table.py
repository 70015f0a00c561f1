"""The tables of searches: mean and standard error over seeds, the papers beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from benchmarks import paper_nas
from benchmarks.nas import cells as nas
from benchmarks.nas import subselnet
from benchmarks.nas.groups import (
    DATA,
    Row,
    column,
    grid,
    groups,
    hm_rows,
    measured,
    named,
    percents,
    spread,
)
from benchmarks.run import not_run

MOSER_TABLES = {"darts": "1", "darts2": "2", "enas": "3", "gdas": "4"}
ASP_ROWS = {
    "full": "",
    "asp-random": "Random",
    "asp-loss": "Loss",
    "asp-entropy": "Entropy",
    "asp-gradient": "Gradient",
    "asp-prediction": "Prediction",
    "asp": "Mixture",
}


def moser() -> str:
    """Less-is-More Tables 1 to 4, a block a search."""
    found = groups(measured(nas.TABLES["moser"]))
    parts = []
    for search, number in MOSER_TABLES.items():
        lines = []
        for (name, _, mode, ratio), rows in sorted(
            found.items(), key=lambda item: (item[0][2] != nas.FULL, item[0][2][0], -item[0][3])
        ):
            if name == search:
                short = "Full DS" if mode == nas.FULL else nas.SAMPLERS[mode[0]]
                theirs = paper_nas.rows("moser", number)[f"{short} {ratio:g}"]
                star = "*" if theirs.get("skip-only") else ""
                value = f"{theirs['C=16']:g} ± {theirs['C=16 deviation']:g}{star}"
                line = [mode[0], f"{ratio:g}", percents(rows)[0], f"{short} {value}"]
                lines.append([*line, collapse_share(rows), column(rows, "cpu_seconds", 1)])
        head = ["sampler", "r", "accuracy %", "paper (C = 16)", "skip-only", "CPU s of the search"]
        parts.append(f"{search} (Table {number}; * skip-only in the paper)\n\n{grid(head, lines)}")
    return "\n\n".join(parts)


def collapse_share(rows: Sequence[Row]) -> str:
    """How many of the searches ended in skip-only cells."""
    return f"{sum(row['collapsed'] for row in rows)} of {len(rows)}"


def collapse() -> str:
    """Searches that ended in skip-only cells, by sampler and search, over all r and seeds."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in measured(nas.TABLES["moser"]):
        found[row["cell"]["subset"]][row["cell"]["search"]].append(row)
    lines = [
        [name, *(collapse_share(by[s]) if s in by else "not run" for s in nas.MOSER_SEARCHES)]
        for name, by in found.items()
    ]
    return grid(["sampler", *nas.MOSER_SEARCHES], lines)


def asp(name: str = "asp") -> str:
    """ASP Table 1 (SPOS, NAS-Bench-201) or 2 (DARTS)."""
    first = name == "asp"
    lines = []
    for (_, _, mode, budget), rows in groups(measured(nas.TABLES[name])).items():
        line = [named(mode), f"{budget:.0%}"]
        line += percents(rows) if first else [column(rows, "test_error")]
        lines.append(
            [*line, _asp_paper(mode[0], first), column(rows, "cpu_seconds", 1), str(len(rows))]
        )
    scores = [f"{data} %" for data in DATA.values()] if first else ["test error %"]
    theirs = "paper, CIFAR-10 accuracy"
    return grid(["subset", "data", *scores, theirs, "CPU s of the search", "searches"], lines)


def _asp_paper(subset: str, first: bool) -> str:
    if subset not in ASP_ROWS:
        return ""
    search, column = ("SPOS", "cifar10") if first else ("DARTS", "accuracy")
    joint = "" if not ASP_ROWS[subset] else "+" if first else "-"
    row = paper_nas.rows("asp", "1" if first else "2")[f"{search}{joint}{ASP_ROWS[subset]}"]
    return f"{row[column]:g} ± {row[f'{column} deviation']:g}"


def hm_nas() -> str:
    """Table 2.5."""
    lines = []
    for level, rows in hm_rows().items():
        theirs = paper_nas.rows("hm-nas", "2.5")[level]
        removed = [row["notes"].get("removed_share") for row in rows]
        gone = f"{100 * sum(removed) / len(rows):.1f} %" if level == "masks" else ""
        told_error, parameters = column(rows, "test_error"), spread(rows, "parameters")[0]
        published = [f"{theirs['error']:g}", f"{theirs['parameters']:g} M"]
        ours = [level, told_error, f"{parameters:,.0f}", gone, *published]
        lines.append([*ours, column(rows, "cpu_seconds", 1), str(len(rows))])
    head = ["encoding", "error %", "parameters", "removed by masks", "paper error", "parameters"]
    return grid([*head, "CPU s of the search", "searches"], lines)


SECTIONS: dict[str, Callable[[], str]] = {
    "SubSelNet Tables 4 and 12, NAS-Bench-201": subselnet.subselnet,
    "The same with GDAS, no edge left empty": subselnet.no_none,
    "SubSelNet Tables 4 and 12, DARTS cells": subselnet.darts_cells,
    "Less-is-More Tables 1 to 4": moser,
    "Skip-only cells": collapse,
    "ASP Table 1": asp,
    "ASP Table 2": lambda: asp("asp-darts"),
    "HM-NAS Table 2.5": hm_nas,
}


def everything() -> str:
    """All tables as Markdown, and how much is missing."""
    wanted = nas.cells()
    parts = [f"## {title}\n\n{body()}" for title, body in SECTIONS.items()]
    missing = not_run(nas.PATH, wanted)
    return "\n\n".join([*parts, f"{missing} of {len(wanted)} cells not run"])
