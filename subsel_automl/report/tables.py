"""Tables and bars of the page, as escaped HTML."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.plain import flattened
from .words import cell, duration, escaped, number, percent

MOST_TRIALS = 200
MOST_COLUMNS = 24
MOST_CLASSES = 400
# Names that a metric goes by, and whether more is better; the first that the trials have is used.
METRICS = (
    ("accuracy", True),
    ("test_accuracy", True),
    ("validation_accuracy", True),
    ("metric", True),
    ("score", True),
    ("loss", False),
    ("error", False),
)


def stage_table(stages: Mapping[str, Mapping[str, float]]) -> str:
    """The ledger's totals, a row a stage that has events."""
    rows = "".join(
        f"<tr><td>{escaped(name, 40)}</td>"
        f'<td class="number">{duration(float(row["wall"]))}</td>'
        f'<td class="number">{duration(float(row["cpu"]))}</td>'
        f'<td class="number">{number(float(row["gb_minutes"]))}</td>'
        f'<td class="number">{number(float(row["count"]))}</td></tr>'
        for name, row in stages.items()
        if row["count"]
    )
    head = "".join(
        f'<th class="number">{name}</th>' for name in ("wall", "CPU", "GB-min", "events")
    )
    return (
        f'<div class="wide"><table><caption>Totals of the ledger</caption><thead><tr><th>stage</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def accuracy_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Mean and standard error in percent, a row a method and kind of target, a column a budget."""
    budgets = sorted({float(row["budget"]) for row in rows})
    lines: dict[tuple[str, str], dict[float, str]] = {}
    for row in rows:
        line = lines.setdefault((row["method"], row.get("targets") or ""), {})
        spread = "" if row.get("sem") is None else f" ± {100 * float(row['sem']):.1f}"
        line[float(row["budget"])] = f"{percent(float(row['mean'])).removesuffix(' %')}{spread}"
    head = "".join(f'<th class="number">{100 * budget:.3g} %</th>' for budget in budgets)
    body = "".join(
        f"<tr><td>{escaped(method, 60)}</td><td>{escaped(target, 40)}</td>"
        + "".join(f'<td class="number">{line.get(at, "not run")}</td>' for at in budgets)
        + "</tr>"
        for (method, target), line in lines.items()
    )
    return (
        '<div class="wide"><table><caption>Test accuracy in percent ± one standard error, by share '
        f"of the pool</caption><thead><tr><th>method</th><th>targets</th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def class_bars(balance: Mapping[str, tuple[int, int]]) -> str:
    """Share of each class that was chosen, against the share of the whole pool; empty for none."""
    total = sum(in_pool for _, in_pool in balance.values())
    if not total:
        return ""
    overall = sum(chosen for chosen, _ in balance.values()) / total
    shares = {name: chosen / max(in_pool, 1) for name, (chosen, in_pool) in balance.items()}
    longest = max(*shares.values(), overall, 1e-12)
    shown = list(balance)[:MOST_CLASSES]
    bars = "".join(
        f'<div><span class="name">{escaped(name, 60)}</span><div class="track">'
        f'<div class="fill" style="width:{100 * shares[name] / longest:.1f}%"></div>'
        f'<div class="mark" style="left:{100 * overall / longest:.1f}%"></div></div>'
        f'<span class="count">{number(balance[name][0])} of {number(balance[name][1])}</span></div>'
        for name in shown
    )
    missed = sum(chosen == 0 for chosen, _ in balance.values())
    none = f" {missed} of {len(balance)} classes have no chosen example." if missed else ""
    cut = f" The first {len(shown)} of {len(balance)} classes." if len(shown) < len(balance) else ""
    return (
        '<p class="caption">How much of each class was chosen; the upright mark is the share '
        f"chosen of the whole pool, where every bar would end if classes kept their shares.{none}"
        f'{cut}</p><div class="bars">{bars}</div>'
    )


def trials_table(trials: Sequence[Mapping[str, Any]]) -> str:
    """A row a trial, best first when a known metric is there; empty for no trials."""
    rows = [flattened(trial) for trial in trials]
    if not rows:
        return ""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    metric = next((found for found in METRICS if found[0] in columns), None)
    if metric is not None:
        name, more = metric
        rows.sort(key=lambda row: _rank(row.get(name), more))
        order = f"Best {name} first ({'higher' if more else 'lower'} is better)"
    else:
        order = "In the order in which they were given: no metric is named among the columns"
    best = ' class="best"' if metric is not None else ""
    shown = columns[:MOST_COLUMNS]
    cut = [
        f"{kept} of {there} {what}"
        for kept, there, what in (
            (min(MOST_TRIALS, len(rows)), len(rows), "trials"),
            (len(shown), len(columns), "columns"),
        )
        if kept < there
    ]
    return (
        f'<div class="wide"><table{best}><caption>{"; ".join([order, *cut])}.</caption>'
        f"<thead><tr>{_head(rows, shown)}</tr></thead><tbody>"
        + "".join(f"<tr>{_cells(row, shown)}</tr>" for row in rows[:MOST_TRIALS])
        + "</tbody></table></div>"
    )


def _rank(value: object, more: bool) -> tuple[bool, float]:
    """Sort key: best first, what is no number last."""
    if not isinstance(value, numbers.Real) or math.isnan(value):
        return True, 0.0
    return False, -float(value) if more else float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _head(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    return "".join(
        f'<th class="number">{escaped(name, 60)}</th>'
        if any(_is_number(row.get(name)) for row in rows)
        else f"<th>{escaped(name, 60)}</th>"
        for name in columns
    )


def _cells(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    return "".join(
        f'<td class="number">{cell(row[name])}</td>'
        if _is_number(row.get(name))
        else f"<td>{cell(row.get(name))}</td>"
        for name in columns
    )
