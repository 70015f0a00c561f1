"""One self-contained HTML page of a run: no script, no network, under 2 MB, light and dark.

Every text is escaped; the page's content security policy allows inline styles and `data:` images
and nothing else, so even an oversight in escaping could neither run nor load anything.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..core.charge import PREPARATION
from ..core.errors import BadInput, MissingData
from . import figures
from .data import ReportData
from .gallery import gallery
from .saved import factor_tile, saved
from .style import CSS
from .tables import accuracy_table, class_bars, stage_table, trials_table
from .words import duration, escaped, number, percent

__all__ = ["ReportData", "render", "write_report"]

MAX_BYTES = 2_000_000
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def write_report(path: str | Path, data: ReportData) -> Path:
    """Write the page, replacing an older one in a single step; returns its path.

    Raises:
        BadInput: the page would pass 2 MB, or an image cannot be drawn.
        MissingData: matplotlib is not installed, or there is no folder for the file.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise MissingData(f"there is no folder {str(target.parent)!r}; make it first")
    page = render(data).encode()
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("wb") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def render(data: ReportData) -> str:
    """The page as text; raises as `write_report` does."""
    sections = [
        ("saved", "What was saved", saved(data.summaries)),
        ("cost", "Where the time went", _cost(data)),
        ("accuracy", "Accuracy against budget", _accuracy(data)),
        ("break-even", "When preparation pays", _break_even(data)),
        ("examples", "Examples chosen and rejected", gallery(data.gallery)),
        ("classes", "Balance of classes", class_bars(data.class_balance)),
        ("cell", "The architecture", _cell(data)),
        ("trials", "Trials", trials_table(data.trials)),
    ]
    return document(data.title, _facts(data.facts) + _tiles(data), sections)


def document(title: str, header: str, sections: Sequence[tuple[str, str, str]]) -> str:
    """A page of sections (id, title, HTML); one that is empty is left out.

    Raises:
        BadInput: the page would pass 2 MB.
    """
    body = "".join(
        f'<section id="{name}"><h2>{heading}</h2>{content}</section>'
        for name, heading, content in sections
        if content
    )
    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>{CSS}</style></head><body>"
        f"<header><h1>{escaped(title)}</h1>{header}</header>"
        f"<main>{body}</main><footer>Written by subsel_automl. This page loads nothing and runs "
        "no script.</footer></body></html>\n"
    )
    if len(page.encode()) >= MAX_BYTES:
        raise BadInput(
            f"the page has {len(page.encode()):,} bytes and may have {MAX_BYTES:,}; "
            "give fewer curves or a smaller cell_svg"
        )
    return page


def _facts(facts: Mapping[str, str]) -> str:
    rows = "".join(
        f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>"
        for name, value in list(facts.items())[:40]
    )
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def _tiles(data: ReportData) -> str:
    tiles = factor_tile(data.summaries)
    if _seconds(data, "wall"):
        preparation = sum(
            float(row["wall"]) for name, row in data.stages.items() if name in PREPARATION
        )
        tiles += [
            (duration(_seconds(data, "wall")), "wall time, all stages"),
            (duration(_seconds(data, "cpu")), "CPU time"),
            (number(_seconds(data, "gb_minutes")), "GB-minutes of memory"),
            (percent(preparation / _seconds(data, "wall"), 0), "of wall time is preparation"),
        ]
    if data.trials:
        tiles.append((number(len(data.trials)), "trials"))
    shown = "".join(f"<li><b>{value}</b><span>{said}</span></li>" for value, said in tiles)
    return f'<ul class="tiles">{shown}</ul>' if shown else ""


def _seconds(data: ReportData, name: str) -> float:
    return sum(float(row[name]) for row in data.stages.values())


def _cost(data: ReportData) -> str:
    if not _seconds(data, "wall"):
        return ""
    chart = figures.waterfall(data.stages, [stage.value for stage in PREPARATION])
    return (
        '<p class="caption">Wall time of each stage, laid end to end up to the total. Preparation '
        "is paid once; the other stages are paid for every architecture.</p>"
        '<ul class="legend">'
        '<li><span class="chip" style="background:var(--s0)"></span>preparation</li>'
        '<li><span class="chip" style="background:var(--s1)"></span>each architecture</li></ul>'
        f'<div class="charts"><figure>{chart}</figure>{stage_table(data.stages)}</div>'
    )


def _accuracy(data: ReportData) -> str:
    if not data.accuracy:
        return ""
    chart, keys = figures.accuracy(data.accuracy)
    single = sum((row.get("runs") or 1) < 2 for row in data.accuracy)
    spread = f" {single} of {len(data.accuracy)} points are single runs." if single else ""
    return (
        '<p class="caption">Mean test accuracy; bars show one standard error of the mean. Colour '
        f"tells the method, the stroke what was trained on.{spread}</p>"
        f"{legend(keys)}<figure>{chart}</figure>{accuracy_table(data.accuracy)}"
    )


def _break_even(data: ReportData) -> str:
    if not data.break_even.get("tests") or not data.break_even.get("series"):
        return ""
    charts, keys = figures.break_even(data.break_even)
    titles = {
        "test": "Divided by test architectures alone",
        "training+test": "Divided by training and test architectures",
    }
    shown = "".join(
        f"<figure><h3>{titles[over]}</h3>{chart}</figure>" for over, chart in charts.items()
    )
    return (
        '<p class="caption">Cost of an architecture, preparation shared out, after so many '
        "queries. The same costs look cheaper when training architectures count as served too, "
        "so both divisions are shown; dotted lines mark break-even.</p>"
        f'{legend(keys)}<div class="charts">{shown}</div>{_points(data)}'
    )


def _points(data: ReportData) -> str:
    rows = "".join(
        f'<tr><td>{escaped(rival, 80)}</td><td class="number">{_query(points, "test")}</td>'
        f'<td class="number">{_query(points, "training+test")}</td></tr>'
        for rival, points in data.break_even.get("points", {}).items()
    )
    if not rows:
        return ""
    return (
        '<div class="wide"><table><caption>First query from which it is cheaper</caption><thead>'
        '<tr><th>than</th><th class="number">test only</th><th class="number">training + test</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _query(points: Mapping[str, int | None], over: str) -> str:
    if over not in points:
        return "not run"
    found = points[over]
    return "never" if found is None else number(found)


def legend(keys: Sequence[figures.Key]) -> str:
    """What each line of a chart is."""
    return f'<ul class="legend">{"".join(key.html() for key in keys)}</ul>'


def _cell(data: ReportData) -> str:
    if not data.cell_svg.strip():
        return ""
    return (
        '<p class="caption">Operations of the cell, from input to output.</p>'
        f'<figure class="cell">{data.cell_svg}</figure>'
    )
