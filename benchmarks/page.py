"""The report page of the baselines: charts and tables from the rows, the paper's numbers beside.

    python -m benchmarks.page OUT.html

One self-contained HTML file; a table that was not run says so.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from benchmarks import methods
from benchmarks.equal_cost import table as equal_cost
from benchmarks.nas import charts as nas_charts
from benchmarks.sections import SECTIONS
from benchmarks.tradeoff import table as tradeoff
from benchmarks.trials import FASHION
from subsel_automl.core.files import write_atomic
from subsel_automl.report import figures
from subsel_automl.report.page import document, legend
from subsel_automl.report.words import LONGEST, escaped

SHOWN = 8  # lines a chart stays readable with


def page() -> str:
    """The page as text."""
    parts = []
    for name, title, said, body in SECTIONS:
        chart = CHARTS[name]() if name in CHARTS else ""
        content = f'<p class="caption">{_inline(said, 900)}</p>{chart}{html(body())}'
        parts.append((name, escaped(title), content))
    return document("Subset selectors side by side", "", parts)


def html(markdown: str) -> str:
    """Tables and paragraphs of our own Markdown."""
    out = []
    for block in markdown.split("\n\n"):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("|"):
            out.append(_table(lines))
        elif lines:
            out.append(f"<p>{_inline(' '.join(lines), 4000)}</p>")
    return "".join(out)


def _table(lines: list[str]) -> str:
    head, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if not re.fullmatch(r"[|\s:-]+", line)
    )
    shown = "".join(f"<th>{_inline(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{shown}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _inline(text: str, longest: int = LONGEST) -> str:
    """Escaped text, with `code` set as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escaped(text, longest))


def tradeoff_charts(data: str) -> str:
    """Fig. 2 and 3: RAR against speed-up and against memory; ours, controls and the best rivals."""
    rows = tradeoff.summary(data)
    rivals = [r for r in rows if r["method"] not in (*methods.CONTROLS, *methods.OURS)]
    wanted = [r for r in rows if (r["method"], r["targets"]) in _always()]
    series: list[tuple[str, Any]] = [
        (f"{row['method']}, {row['targets']}", row["points"])
        for row in [*wanted, *rivals[: SHOWN - len(wanted)]]
        if row["points"]
    ]
    if not series:
        return ""
    charts = []
    for column, label in ((3, "speed-up T_f / T"), (4, "GB-min")):
        drawn = {
            name: [(point[column], 100 * point[1], 100 * point[2]) for point in points]
            for name, points in series
        }
        svg, keys = figures.lines(drawn, (label, "RAR (%)"))
        charts.append(f"<figure>{svg}</figure>")
    return f'{legend(keys)}<div class="charts">{"".join(charts)}</div>'


def _always() -> set[tuple[str, str]]:
    return {("subselnet", "labels"), ("subselnet", "soft"), ("random", "labels"), ("zoo-mean", "labels")}  # fmt: skip  # noqa: E501


def steps_chart() -> str:
    """Accuracy against steps at equal cost."""
    rows = equal_cost.summary(FASHION)["rows"]
    known = [r for r in rows if r["method"] in ("full", *methods.CONTROLS, "subselnet")]
    first = sorted(known, key=lambda row: row["method"] != "full")  # the rival is always drawn
    drawn = {
        f"{row['method']}, {row['targets']}, {100 * row['budget']:g} %": [
            (steps, 100 * mean, 100 * error) for steps, (mean, error) in row["steps"].items()
        ]
        for row in first[:SHOWN]
    }
    if not drawn:
        return ""
    dashed = [name for name in drawn if ", labels," in name]
    svg, keys = figures.lines(drawn, ("steps", "test accuracy (%)"), dashed=dashed)
    return f"{legend(keys)}<figure>{svg}</figure>"


CHARTS = {
    "tradeoff-fashion-mnist": lambda: tradeoff_charts(FASHION),
    "tradeoff-cifar10": lambda: tradeoff_charts("cifar10"),
    "steps-fashion-mnist": steps_chart,
    "nas": nas_charts.costs,
    "nas-moser": nas_charts.edges,
}


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m benchmarks.page OUT.html", file=sys.stderr)
        return 2
    write_atomic(Path(sys.argv[1]), page().encode())
    print(sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
