"""The trade-off as Tables 1 and 8, as numbers and as Markdown.

A cell that was not run prints "not run"; "—" is the paper's sign for a RAR that no budget attains.
Errors are standard errors: over runs for RAR, by leaving one run out (jackknife) for what is
interpolated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import published, settings
from benchmarks.statistics import Estimate, bootstrap
from benchmarks.tradeoff.cells import Curve, Run, curves
from subsel_automl.maths.metrics import at_rar, jackknife_error

TARGETS = (0.1, 0.2)  # RAR of Tables 1 and 8


def attained(curve: Curve, full: Mapping[Run, Any], target: float, column: int) -> Any:
    """(value, error) of speed-up (column 3) or GB-min (4) at a RAR; None when not attained."""

    def value(left_out: Run | None) -> float | None:
        points = curve.points(full, left_out)
        if not points:
            return None
        return at_rar([p[1] for p in points], [p[column] for p in points], target)

    whole = value(None)
    if whole is None:
        return None
    runs = sorted({r for each in curve.runs.values() for r in each})
    others = [v for v in (value(run) for run in runs) if v is not None]
    return whole, jackknife_error(others)


def against(ours: Curve, theirs: Curve, full: Mapping[Run, Any], target: float) -> Estimate | None:
    """Our speed-up at a RAR over theirs, its interval over architectures; None where one of them
    does not attain it."""
    names = sorted({architecture for architecture, _ in full})

    def factor(drawn: Sequence[int]) -> float:
        speeds = []
        for curve in (ours, theirs):
            points = curve.points(full, drawn=drawn)
            value = at_rar([p[1] for p in points], [p[3] for p in points], target)
            speeds.append(float("nan") if value is None else value)
        return speeds[0] / speeds[1]

    kept: dict[tuple[int, ...], float] = {}  # few architectures: few ways to draw them

    def statistic(places: npt.NDArray[np.int64]) -> float:
        chosen = tuple(sorted(places.tolist()))
        if chosen not in kept:
            kept[chosen] = factor([names[place] for place in chosen])
        return kept[chosen]

    if not np.isfinite(factor(names)):
        return None
    return bootstrap(statistic, len(names), ratio=True)


def summary(data: str, scale: str = "lite") -> list[dict[str, Any]]:
    """A row a method, sorted by speed-up at 20 % RAR, then at 10 %."""
    full, found = curves(data, scale)
    rows = []
    for curve in found:
        row: dict[str, Any] = {"method": curve.method, "targets": curve.targets}
        for target in TARGETS:
            for name, column in (("speedup", 3), ("memory", 4)):
                row[f"{name}_{100 * target:.0f}"] = attained(curve, full, target, column)
        row["points"] = curve.points(full)
        row["runs"] = max((len(r) for r in curve.runs.values()), default=0)
        rows.append(row)
    return sorted(rows, key=_order)


def _order(row: Mapping[str, Any]) -> tuple[float, ...]:
    each = [row["speedup_20"], row["speedup_10"]]
    return tuple(-value[0] if value else 1.0 for value in each)


def table(data: str, scale: str = "lite") -> str:
    """Markdown of Tables 1 and 8 for a data set, the paper's column beside ours."""
    rows = summary(data, scale)
    if not rows:
        return "not run"
    lines = [
        "| method | targets | speed-up at 20 % RAR | paper | at 10 % RAR | paper "
        "| GB-min at 20 % | paper | at 10 % | paper | runs |",
        "|" + "---|" * 11,
    ]
    for row in rows:
        shown = []
        for name in ("speedup", "memory"):
            for target in (20, 10):
                shown.append(pair(row[f"{name}_{target}"], 2 if name == "speedup" else 3))
                shown.append(_published(data, row["method"], row["targets"], name, target))
        told = " | ".join(shown)
        lines.append(f"| {row['method']} | {row['targets']} | {told} | {row['runs']} |")
    return "\n".join([*lines, "", rar_table(rows, settings.DATA[data].budgets)])


def rar_table(rows: Sequence[Mapping[str, Any]], budgets: Iterable[float]) -> str:
    """RAR in percent of every method at every budget."""
    budgets = list(budgets)
    names = " | ".join(f"{100 * b:g} %" for b in budgets)
    lines = [f"| RAR % at budget | targets | {names} |", "|" + "---|" * (2 + len(budgets))]
    for row in rows:
        points = {p[0]: f"{100 * p[1]:.1f} ± {100 * p[2]:.1f}" for p in row["points"]}
        told = " | ".join(points.get(b, "not run") for b in budgets)
        lines.append(f"| {row['method']} | {row['targets']} | {told} |")
    return "\n".join(lines)


def pair(value: tuple[float, float] | None, digits: int) -> str:
    """Value and error, or a dash where no budget attains it."""
    return "—" if value is None else f"{value[0]:.{digits}f} ± {value[1]:.{digits}f}"


def _published(data: str, method: str, targets: str, what: str, target: int) -> str:
    if targets != "labels":
        return ""
    value = published.tradeoff(data, method, what, target)
    return "" if value is None else f"{value:g}"


def section(data: str) -> str:
    """Table, and how our order of methods agrees with the paper's."""
    text = table(data)
    if text == "not run":
        return text
    notes = []
    rows = [r for r in summary(data) if r["targets"] == "labels"]
    for target in (20, 10):
        ours = {r["method"]: _at(r, target) for r in rows if r["method"] in published.ROWS}
        theirs = {m: published.tradeoff(data, m, "speedup", target) or 0.0 for m in ours}
        what = f"speed-up at {target} % RAR (not attained counts as 0)"
        notes.append(published.order_note(ours, theirs, what))
    return "\n\n".join([text, *notes])


def _at(row: dict[str, Any], target: int) -> float:
    found = row[f"speedup_{target}"]
    return found[0] if found else 0.0
