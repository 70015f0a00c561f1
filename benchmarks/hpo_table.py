"""The table of `benchmarks.hpo`, with the paper's columns (Tables 5 and 13) beside it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks import hpo, paper
from benchmarks.run import rows_of
from subsel_automl.maths.metrics import mean_and_error

PUBLISHED = {"random": "Random", "automata": "AUTOMATA", "subselnet": "Our"}
COLUMNS = ("error", "speedup")
Rows = list[dict[str, Any]]


def entries(budget: float) -> list[dict[str, Any]]:
    """One a rival, least test error first: mean and standard error over repeats, measured pairs."""
    rows = rows_of(hpo.PATH, hpo.cells())
    full = {row["cell"]["repeat"]: row for row in rows if row["cell"]["method"] == "full"}
    groups: dict[tuple[str, str, int], Rows] = defaultdict(list)
    for row in rows:
        cell = row["cell"]
        if cell["budget"] == budget or cell["method"] == "full":
            groups[cell["method"], cell["targets"], cell["redraw"]].append(row)
    found = []
    for rival, group in groups.items():
        paired = [row for row in group if row["cell"]["repeat"] in full]
        entry: dict[str, Any] = {
            "rival": rival,
            "repeats": len(group),
            "error": _mean_and_error([row["test_error"] for row in group]),
            "best": _mean_and_error([100 * row["validation_accuracy"] for row in group]),
        }
        for name in ("cpu", "wall"):
            ratios = [_spent(full[r["cell"]["repeat"]], name) / _spent(r, name) for r in paired]
            entry[name] = _mean_and_error(ratios)
        entry["more_error"] = [
            row["test_error"] - full[row["cell"]["repeat"]]["test_error"] for row in paired
        ]
        found.append(entry)
    return sorted(found, key=lambda entry: entry["error"][0])


def _mean_and_error(values: list[float]) -> tuple[float, float]:
    """Of one repeat there is no spread; of none, nothing."""
    if not values:
        return float("nan"), float("nan")
    mean, error = mean_and_error(values)
    return mean, error if len(values) > 1 else float("nan")


def _spent(row: dict[str, Any], clock: str) -> float:
    extra = row["fit_cpu_seconds"]
    return float(row[f"{clock}_seconds"] + extra)


def table() -> str:
    """Markdown, a block a budget."""
    lines: list[str] = []
    for budget in hpo.BUDGETS:
        lines += [
            f"\nbudget {budget:.0%}\n",
            "| method | targets | subset | TE % | paper TE | speed-up (CPU) | speed-up (wall) | "
            "paper S/U | best validation % | repeats |",
            "|---" * 10 + "|",
        ]
        lines += [_line(entry, budget) for entry in entries(budget)]
    return "\n".join(lines).strip()


def _line(entry: dict[str, Any], budget: float) -> str:
    name, targets, redraw = entry["rival"]
    kind = "redrawn" if redraw else "fixed"
    kind = "all data" if name.startswith("full") else kind
    theirs = _paper(name, budget) if targets == "labels" and not redraw else ("", "")
    return (
        f"| {name} | {targets} | {kind} | {_spread(entry['error'])} | {theirs[0]} | "
        f"{_spread(entry['cpu'], 1)} | {_spread(entry['wall'], 1)} | {theirs[1]} | "
        f"{_spread(entry['best'])} | {entry['repeats']} |"
    )


def _paper(name: str, budget: float) -> tuple[str, str]:
    """(TE, speed-up) of Table 5."""
    row = "Full" if name == "full" else PUBLISHED.get(name, "")
    found = [paper.value(5, row, f"{what} {budget:.0%}") if row else None for what in COLUMNS]
    return tuple("" if one is None else f"{one:g}" for one in found)  # type: ignore[return-value]


def _spread(value: tuple[float, float], digits: int = 2) -> str:
    mean, error = value
    if not np.isfinite(mean):
        return "not run"
    return f"{mean:.{digits}f} ± {error:.{digits}f}" if np.isfinite(error) else f"{mean:.{digits}f}"
