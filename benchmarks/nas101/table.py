"""Thesis Table 3.2 and Fig. 3.6 (NAS-Bench-101), Table 3.3 (NAS-Bench-201), Table 4.1 and Fig. 4.3:
regret by query, ours beside the papers'.

The papers' curves of NAS-Bench-101 read validation accuracies and 500 runs; ours read the table's
test accuracies. Their BO asks some cells twice and counts both.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import paper_nas
from benchmarks.data import data_folder
from benchmarks.run import rows_of
from benchmarks.statistics import mean_interval
from subsel_automl.encoders.store import load_report

from .cells import DATA, FOLDERS, NB101, NB201, NOISES, cells
from .grid import grid
from .printed import printed
from .run import PATH

AT = (50, 100, 150)
CURVES = {
    "random": "Random-Search-Encoding-A",
    "evolution": "Regularized-Evolution-Encoding-A",
    "bo, adjacency": "BO-supervised-nasbench-101",
    "bo, arch2vec": "BO-arch2vec-model-nasbench-101",
    "rl, arch2vec": "RL-arch2vec-model-nasbench-101",
}
Rows = Sequence[Mapping[str, Any]]


def grouped(space: str, data: str = "cifar10", noise: float = 0.0) -> dict[str, list[Any]]:
    """Rows by "search" or "search, encoder"."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows_of(PATH, cells()):
        cell = row["cell"]
        if (cell["space"], cell["data"], cell["noise"]) == (space, data, noise):
            found[", ".join(filter(None, (cell["search"], cell["encoder"])))].append(row)
    return dict(found)


def regrets(rows: Rows, at: int) -> list[float]:
    """After so many queries, a value a seed."""
    return [[regret for place, regret in row["regret"] if place <= at][-1] for row in rows]


def tables() -> str:
    parts = [_regret(noise) for noise in NOISES]
    parts += [_nb201(data) for data in DATA]
    parts += [_generation(), _errors(), grid(grouped(NB101)), printed()]
    return "\n\n".join(parts)


def _regret(noise: float) -> str:
    said = "noiseless reading" if noise == 0 else f"reading noise of {noise:g} points"
    lines = [
        f"NAS-Bench-101, {said}: regret of test accuracy in points after 50, 100, 150 queries",
        "",
        "| search | 50 | 100 | 150 | seeds | CPU s a search | paper 50, 100, 150 |",
        "|---|---|---|---|---|---|---|",
    ]
    groups = grouped(NB101, noise=noise)
    for name, rows in sorted(groups.items(), key=lambda one: np.mean(regrets(one[1], 150))):
        told = [_interval(regrets(rows, at)) for at in AT]
        seconds = np.mean([row["cpu_seconds"] for row in rows])
        published = _published(name) if noise == 0 else ""
        line = [name, *told, str(len(rows)), f"{seconds:.1f}", published]
        lines.append(f"| {' | '.join(line)} |")
    return "\n".join(lines)


def _published(name: str) -> str:
    """The paper's own mean curve, in points."""
    path = data_folder() / "arch2vec_regret" / f"{CURVES.get(name)}.json"
    if not path.exists():
        return ""
    curve = json.loads(path.read_text())["test_plot"]
    return ", ".join(f"{100 * curve[at - 1]:.2f}" for at in AT)


def _nb201(data: str) -> str:
    lines = [
        f"NAS-Bench-201, {data}: test accuracy in % of what 100 queries found (Table 3.3)",
        "",
        "| search | test % | sd | seeds | regret |",
        "|---|---|---|---|---|",
    ]
    groups = grouped(NB201, data)
    order = sorted(groups.items(), key=lambda one: -np.mean([r["test_percent"] for r in one[1]]))
    for name, rows in order:
        percents = [row["test_percent"] for row in rows]
        line = [
            name,
            _interval(percents),
            f"{np.std(percents):.2f}",
            str(len(rows)),
            f"{np.mean(regrets(rows, 100)):.2f}",
        ]
        lines.append(f"| {' | '.join(line)} |")
    for name, cell in paper_nas.rows("arch2vec", "3.3").items():
        if data in cell:
            lines.append(f"| {name} (paper) | {cell[data]:.2f} |  |  |  |")
    return "\n".join(lines)


def _generation() -> str:
    """Table 3.1."""
    lines = [
        "Table 3.1, NAS-Bench-101 (ours: entries, whole cells; valid of draws from N(0, I), "
        "pooled, by position)",
        "",
        "| system | reconstruction % | validity % | uniqueness % |",
        "|---|---|---|---|",
    ]
    report = load_report(FOLDERS / "arch2vec")
    drawn = report["generated"].values()
    lines.append(
        f"| arch2vec, ours | {100 * report['entry_accuracy']:.1f}, "
        f"{100 * report['cell_accuracy']:.1f} | "
        + ", ".join(f"{100 * one['validity']:.1f}" for one in drawn)
        + " | "
        + ", ".join(f"{100 * one['uniqueness']:.1f}" for one in drawn)
        + " |"
    )
    for name, row in paper_nas.rows("arch2vec", "3.1").items():
        told = " | ".join(f"{value:.2f}" for value in row.values())
        lines.append(f"| {name} (paper) | {told} |")
    return "\n".join(lines)


def _errors() -> str:
    """Table 4.1."""
    lines = [
        "Table 4.1: test error % after 150 queries of NAS-Bench-101, and of NAS-Bench-301 (not "
        "run: its surrogate is not at hand)",
        "",
        "| search | NAS-Bench-101 | NAS-Bench-301 |",
        "|---|---|---|",
    ]
    for name, rows in grouped(NB101).items():
        errors = [100 - row["test_percent"] for row in rows]
        lines.append(f"| {name} | {_interval(errors)} | not run |")
    for name, row in paper_nas.rows("cate", "4.1").items():
        lines.append(f"| {name} (paper) | {row['nasbench101']} | {row['nasbench301']} |")
    return "\n".join(lines)


def _interval(values: Sequence[float]) -> str:
    found = mean_interval(values)
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
