"""The tables of `benchmarks.nas`: mean and standard error over seeds, the papers beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import nas, nas_ceiling, paper, paper_nas
from benchmarks.nas_settings import SPACES, bundle_of
from benchmarks.run import not_run, rows_of
from subsel_automl.core.files import read_json
from subsel_automl.maths.metrics import mean_and_error
from subsel_automl.subselnet.bundle import RECORD, bundle_folder

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
CHANCE = (12.94, 9.25)  # test error of all 15,625 cells by the table, CIFAR-10: mean, median
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


def measured(made: Callable[[], Sequence[nas.Cell]]) -> list[Row]:
    """The rows of some cells that are there."""
    return rows_of(nas.PATH, made())


def mode_of(cell: nas.Cell) -> nas.Mode:
    return cell["subset"], cell["targets"], cell["redraw"]


def groups(rows: Sequence[Row]) -> dict[Group, list[Row]]:
    """Rows of one search, space, mode and budget: its seeds."""
    found: dict[Group, list[Row]] = defaultdict(list)
    for row in rows:
        c = row["cell"]
        found[c["search"], c["space"], mode_of(c), c["budget"]].append(row)
    return dict(found)


def spread(rows: Sequence[Row], name: str) -> Spread:
    """Mean and standard error of a column."""
    return mean_and_error([row[name] for row in rows])


def named(mode: nas.Mode) -> str:
    """A mode in words."""
    subset, targets, redraw = mode
    kind = "" if subset.startswith(("full", "asp")) else ", redrawn" if redraw else ", fixed"
    return f"{subset}, {targets}{kind}"


def told(values: Sequence[float], digits: int = 2) -> str:
    """Mean and its standard error; a single value alone."""
    mean, error = mean_and_error(values)
    return f"{mean:.{digits}f}" + (f" ± {error:.{digits}f}" if len(values) > 1 else "")


def _column(rows: Sequence[Row], name: str, digits: int = 2) -> str:
    return told([row[name] for row in rows], digits)


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


def grid(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Markdown, or "not run"."""
    if not lines:
        return "not run"
    first, *rows = ("| " + " | ".join(line) + " |" for line in (head, *lines))
    return "\n".join([first, "|" + "---|" * len(head), *rows])


def _percents(rows: Sequence[Row]) -> list[str]:
    return [told([row["percent"][data] for row in rows]) for data in DATA]


def subselnet() -> str:
    """Tables 4 and 12 on NAS-Bench-201, a block a search."""
    found, parts = groups(rows_there := measured(nas.TABLES["subselnet"])), []
    for search in nas.MAIN_SEARCHES:
        mine = {(m, b): rows for (s, _, m, b), rows in found.items() if s == search}
        full = mine.get((nas.FULL, 1.0))
        lines = []
        for (mode, budget), rows in sorted(
            mine.items(), key=lambda item: (item[0][1], spread(item[1], "test_error")[0])
        ):
            cost = _column(rows, "cpu_seconds", 1)
            share = [_share(rows, full, name) for name in ("cpu_seconds", "weight_steps")]
            cells = [f"{budget:.0%}", named(mode), _column(rows, "test_error")]
            cells += [_theirs(mode, budget), *_percents(rows)[1:]]
            lines.append([*cells, _judge(rows), _nothing(rows), cost, *share, str(len(rows))])
        head = ["data", "subset", "test error % (CIFAR-10)", "paper (DARTS cells)"]
        head += [
            "CIFAR-100 %",
            "ImageNet16-120 %",
            "judge's tau (seeds, if fewer)",
            "`none`, of 6 edges",
        ]
        head += ["CPU s of the search", "of full", "steps, of full", "seeds"]
        body = grid(head, lines)
        parts.append(f"{search} on NAS-Bench-201\n\n{body}")
    made = zoo_made()
    count = made["networks"] + made["validation_networks"]
    spent = f"{count} networks, {made['zoo_cpu_seconds']:.0f} CPU s, and fitting them "
    told_zoo = f"Once, on no search's bill: {spent}{made['fit_cpu_seconds']:.0f} CPU s."
    return "\n\n".join([*parts, speeds(rows_there), chance(), nas_ceiling.told(), told_zoo])


def chance() -> str:
    """What no search at all finds."""
    mean, median = CHANCE
    return (
        f"A cell drawn at random has a test error of {mean:g} % on average, {median:g} % (median)."
    )


def _judge(rows: Sequence[Row]) -> str:
    """Kendall's tau of the judge with the table, over the cells that a search judged."""
    known = [row["judge_tau"] for row in rows if "judge_tau" in row]
    if not known:
        return ""
    return told(known) + (f" ({len(known)})" if len(known) < len(rows) else "")


def _nothing(rows: Sequence[Row]) -> str:
    """Edges of the found cells that compute nothing."""
    return f"{sum(row['genotype']['cell'].count('none') for row in rows) / len(rows):.1f}"


def zoo_made() -> dict[str, Any]:
    """How the bundle of NAS-Bench-201 was made."""
    name = bundle_of(SPACES["nasbench201"].data, "nasbench201")
    made: dict[str, Any] = read_json(bundle_folder(name) / RECORD)["made"]
    return made


def darts_cells() -> str:
    """Tables 4 and 12 on DARTS cells, with the paper's columns."""
    found = groups(measured(nas.TABLES["darts-cells"]))
    lines = []
    for (_, _, mode, budget), rows in sorted(found.items(), key=lambda item: item[0][3]):
        line = [f"{budget:.0%}", named(mode), _column(rows, "test_error")]
        theirs = _theirs(mode, budget)
        lines.append([*line, theirs, _column(rows, "cpu_seconds", 1), str(len(rows))])
    head = ["data", "subset", "test error %", "paper (CIFAR10)", "CPU s of the search", "seeds"]
    return grid(head, lines)


def _theirs(mode: nas.Mode, budget: float) -> str:
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
                line = [mode[0], f"{ratio:g}", _percents(rows)[0], f"{short} {value}"]
                lines.append([*line, collapse_share(rows), _column(rows, "cpu_seconds", 1)])
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
        line += _percents(rows) if first else [_column(rows, "test_error")]
        lines.append(
            [*line, _asp_paper(mode[0], first), _column(rows, "cpu_seconds", 1), str(len(rows))]
        )
    scores = [f"{data} %" for data in DATA.values()] if first else ["test error %"]
    theirs = "paper, CIFAR-10 accuracy"
    return grid(["subset", "data", *scores, theirs, "CPU s of the search", "seeds"], lines)


def _asp_paper(subset: str, first: bool) -> str:
    if subset not in ASP_ROWS:
        return ""
    search, column = ("SPOS", "cifar10") if first else ("DARTS", "accuracy")
    joint = "" if not ASP_ROWS[subset] else "+" if first else "-"
    row = paper_nas.rows("asp", "1" if first else "2")[f"{search}{joint}{ASP_ROWS[subset]}"]
    return f"{row[column]:g} ± {row[f'{column} deviation']:g}"


def hm_rows() -> dict[str, list[Row]]:
    """Rows of HM-NAS by level."""
    found: dict[str, list[Row]] = {level: [] for level in nas.LEVELS}
    for row in measured(nas.hm_cells):
        options = {k: v for k, v in row["cell"]["options"].items() if k != "steps_an_epoch"}
        found[next(level for level, given in nas.LEVELS.items() if given == options)].append(row)
    return {level: rows for level, rows in found.items() if rows}


def hm_nas() -> str:
    """Table 2.5."""
    lines = []
    for level, rows in hm_rows().items():
        theirs = paper_nas.rows("hm-nas", "2.5")[level]
        removed = [row["notes"].get("removed_share") for row in rows]
        gone = f"{100 * sum(removed) / len(rows):.1f} %" if level == "masks" else ""
        told_error, parameters = _column(rows, "test_error"), spread(rows, "parameters")[0]
        published = [f"{theirs['error']:g}", f"{theirs['parameters']:g} M"]
        ours = [level, told_error, f"{parameters:,.0f}", gone, *published]
        lines.append([*ours, _column(rows, "cpu_seconds", 1), str(len(rows))])
    head = ["encoding", "error %", "parameters", "removed by masks", "paper error", "parameters"]
    return grid([*head, "CPU s of the search", "seeds"], lines)


SECTIONS: dict[str, Callable[[], str]] = {
    "SubSelNet Tables 4 and 12, NAS-Bench-201": subselnet,
    "SubSelNet Tables 4 and 12, DARTS cells": darts_cells,
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
