"""Charts of searches for the report page: what found cells compute, accuracy and cost."""

from __future__ import annotations

from benchmarks.nas import cells as nas
from benchmarks.nas.groups import groups, measured, named, spread
from subsel_automl.report import figures, search_figures
from subsel_automl.report.page import legend
from subsel_automl.spaces.nasbench201 import EDGE_OPERATIONS

SHOWN = 8  # lines that a chart stays readable with
FIRST = (  # ours and the controls
    nas.FULL,
    nas.OURS,
    nas.PUBLISHED,
    ("full-equal-steps", "labels", 0),
    ("random", "labels", 0),
    ("random-per-class", "labels", 0),
    ("zoo-mean", "soft", 1),
)


def costs() -> str:
    """Accuracy against search cost, a chart a search, a line a subset, a point a budget."""
    found = groups(measured(nas.TABLES["subselnet"]))
    charts = []
    for search in nas.MAIN_SEARCHES:
        series: dict[str, list[tuple[float, float, float]]] = {}
        for (name, _, mode, _), rows in found.items():
            if name == search:
                mean, error = spread(rows, "test_error")
                point = (spread(rows, "cpu_seconds")[0], 100 - mean, error)
                series.setdefault(named(mode), []).append(point)
        first = dict(sorted(series.items(), key=lambda item: _rank(item[0]))[:SHOWN])
        if first:
            dashed = [name for name in first if name.startswith("full")]
            svg, keys = search_figures.accuracy_against_cost(first, dashed=dashed)
            charts.append(_titled(search, svg, keys))
    return f'<div class="charts">{"".join(charts)}</div>' if charts else ""


def _rank(name: str) -> int:
    """Of a line: ours and the controls first, then in the order of the rivals."""
    return [named(mode) for mode in (*FIRST, *nas.RIVALS)].index(name)


def edges() -> str:
    """Less-is-More, Fig. 5: a chart a search, a bar a sampler and r."""
    found = groups(measured(nas.TABLES["moser"]))
    charts = []
    for search in nas.MOSER_SEARCHES:
        bars = {
            f"{mode[0]}, {ratio:g}": search_figures.operation_shares(r["genotype"] for r in rows)
            for (name, _, mode, ratio), rows in sorted(found.items(), key=lambda i: i[0][2:])
            if name == search
        }
        if bars:
            svg, keys = search_figures.edge_distribution(bars, EDGE_OPERATIONS)
            charts.append(_titled(search, svg, keys))
    return f'<div class="charts">{"".join(charts)}</div>' if charts else ""


def _titled(search: str, svg: str, keys: list[figures.Key]) -> str:
    caption = f"<figcaption>{search} on NAS-Bench-201</figcaption>"
    return f"<div>{legend(keys)}<figure>{svg}{caption}</figure></div>"
