"""The table of searches, with the paper's columns (Tables 5 and 13) beside it."""

from __future__ import annotations

from typing import Any

from benchmarks import paper
from benchmarks.hpo.cells import BUDGETS, entries
from benchmarks.statistics import Estimate

PUBLISHED = {"random": "Random", "automata": "AUTOMATA", "subselnet": "Our"}
COLUMNS = ("error", "speedup")


def table() -> str:
    """Markdown, a block a budget."""
    lines: list[str] = []
    for budget in BUDGETS:
        lines += [
            f"\nbudget {budget:.0%}\n",
            "| method | targets | subset | TE % | paper TE | speed-up (CPU) | (wall) | CPU, "
            "as read | speed-up an epoch | paper S/U | best validation % | searches, winners |",
            "|---" * 12 + "|",
        ]
        lines += [_line(entry, budget) for entry in entries(budget)]
    return "\n".join(lines).strip()


def _line(entry: dict[str, Any], budget: float) -> str:
    name, targets, redraw = entry["rival"]
    kind = "redrawn" if redraw else "fixed"
    kind = "all data" if "full" in name else kind
    theirs = _paper(name, budget) if targets == "labels" and not redraw else ("", "")
    return (
        f"| {name} | {targets} | {kind} | {_spread(entry['error'])} | {theirs[0]} | "
        f"{_spread(entry['cpu'], 1)} | {_spread(entry['wall'], 1)} | "
        f"{_spread(entry['cpu_as_read'], 1)} | {_spread(entry['cpu_an_epoch'], 1)} | {theirs[1]} | "
        f"{_spread(entry['best'])} | {entry['repeats']}, {entry['winners']} |"
    )


def _paper(name: str, budget: float) -> tuple[str, str]:
    """(TE, speed-up) of Table 5."""
    row = "Full" if name == "full" else PUBLISHED.get(name, "")
    found = [paper.value(5, row, f"{what} {budget:.0%}") if row else None for what in COLUMNS]
    return tuple("" if one is None else f"{one:g}" for one in found)  # type: ignore[return-value]


def _spread(value: Estimate | None, digits: int = 2) -> str:
    """Mean and interval; of one search there is none."""
    if value is None:
        return "not run"
    told = f"{value.value:.{digits}f}"
    wide = f" ({value.low:.{digits}f} to {value.high:.{digits}f})"
    return told + (wide if value.units > 1 else "")
