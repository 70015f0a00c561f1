"""Charts as inline SVG: drawn by matplotlib, coloured by the page.

Matplotlib draws in stand-in colours, which are then replaced by the page's CSS variables, so one
chart follows light and dark. Names that a user gave stand in the page's legend, not in the chart.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..core.errors import MissingData
from .words import duration, escaped, plain, unit_of_time

_INK, _FAINT = "#010203", "#010204"  # stand-ins for the page's text and grid
SERIES = 8  # colours of the page's palette, --s0 .. --s7
_STAND_INS = {_INK: "currentColor", _FAINT: "var(--line)"} | {
    f"#0a0b{index:02x}": f"var(--s{index})" for index in range(SERIES)
}
DASHES = ("", "5 3", "2 2", "7 2 2 2")  # one a kind of target
MARKERS = "os^Dvp*X"
OVERS = ("test", "training+test")
_WIDTH_INCHES = 4.9
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "subsel",
    "text.parse_math": False,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": _FAINT,
    "grid.color": _FAINT,
    **{name: _INK for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")},
}


@dataclass(frozen=True)
class Key:
    """How one line looks, for the chart and for the page's legend."""

    label: str
    colour: int
    dash: str = ""
    marker: str = "o"

    @property
    def stand_in(self) -> str:
        return f"#0a0b{self.colour:02x}"

    def html(self) -> str:
        """The legend's entry: a stroke and the escaped name."""
        return (
            '<li><svg class="key" viewBox="0 0 26 8" aria-hidden="true"><line x1="1" y1="4" '
            f'x2="25" y2="4" style="stroke:var(--s{self.colour})" stroke-width="2.5" '
            f'stroke-dasharray="{self.dash or "none"}"/></svg>{escaped(self.label)}</li>'
        )

    def line(self) -> dict[str, Any]:
        dash = tuple(float(x) / 1.6 for x in self.dash.split()) if self.dash else None
        return {
            "color": self.stand_in,
            "linestyle": (0, dash) if dash else "-",
            "marker": self.marker,
        }


@contextmanager
def _figure(height: float, said: str, out: list[str]) -> Iterator[Any]:
    """Axes to draw in; the finished SVG is appended to `out`."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingData(
            f"charts need matplotlib ({error}); pip install 'subsel_automl[report]'"
        ) from error
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
        yield figure.subplots()
        file = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", metadata=nothing)
    out.append(_for_the_page(file.getvalue(), said))


def _for_the_page(svg: str, said: str) -> str:
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg, count=2)
    for stand_in, colour in _STAND_INS.items():
        svg = svg.replace(stand_in, colour)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escaped(said)}"', 1)


def waterfall(stages: Mapping[str, Mapping[str, float]], preparation: Sequence[str]) -> str:
    """Wall seconds of each stage, end to end up to the total."""
    spent = [(name, float(row["wall"])) for name, row in stages.items() if row["wall"] > 0]
    total = sum(seconds for _, seconds in spent)
    length, unit = unit_of_time(total)
    out: list[str] = []
    with _figure(
        0.7 + 0.3 * (len(spent) + 1), "Seconds of each stage up to the total", out
    ) as axes:
        start = 0.0
        for place, (name, seconds) in enumerate(spent):
            colour = Key("", 0 if name in preparation else 1).stand_in
            axes.barh(place, seconds / length, left=start / length, color=colour, height=0.7)
            _beside(axes, (start + seconds) / length, place, duration(seconds))
            start += seconds
        axes.barh(len(spent), total / length, color=_INK, height=0.7, alpha=0.55)
        _beside(axes, total / length, len(spent), duration(total))
        names = [*(plain(name, 20) for name, _ in spent), "total"]
        axes.set_yticks(range(len(names)), names)
        axes.set_xlim(0, 1.22 * total / length)  # room for the last label
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(f"wall time ({unit})")
    return out[0]


def _beside(axes: Any, x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)


def accuracy(rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[Key]]:
    """Mean accuracy against budget, a line a method and kind of target, with one standard error."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    targets = list(dict.fromkeys(row.get("targets") or "" for row in rows))
    lines: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault((row["method"], row.get("targets") or ""), []).append(row)
    keys, out = [], list[str]()
    with _figure(3.2, "Test accuracy against the share of the pool", out) as axes:
        for (method, target), line in lines.items():
            order = methods.index(method)
            key = Key(
                f"{plain(method)}, {plain(target)}" if target else plain(method),
                order % SERIES,
                DASHES[targets.index(target) % len(DASHES)],
                MARKERS[order // SERIES % len(MARKERS)],
            )
            _error_bars(axes, key, sorted(line, key=lambda row: float(row["budget"])))
            keys.append(key)
        _percent_axis(axes, sorted({100 * float(row["budget"]) for row in rows}))
        axes.set_ylabel("test accuracy (%)")
    return out[0], keys


def _error_bars(axes: Any, key: Key, line: Sequence[Mapping[str, Any]]) -> None:
    axes.errorbar(
        [100 * float(row["budget"]) for row in line],
        [100 * float(row["mean"]) for row in line],
        yerr=[100 * float(row.get("sem") or 0) for row in line],
        capsize=2.5,
        elinewidth=1,
        **key.line(),
    )


def _percent_axis(axes: Any, budgets: Sequence[float]) -> None:
    axes.set_xlabel("examples trained on (% of the pool)")
    if budgets[0] > 0 and budgets[-1] > 4 * budgets[0]:
        axes.set_xscale("log")
    axes.minorticks_off()
    if len(budgets) <= 8:
        axes.set_xticks(budgets, [f"{budget:.3g}" for budget in budgets])


def lines(
    series: Mapping[str, Sequence[tuple[float, float, float]]],
    labels: tuple[str, str],
    *,
    dashed: Sequence[str] = (),
    log_y: bool = False,
    height: float = 3.4,
) -> tuple[str, list[Key]]:
    """(x, y, standard error of y) by name, x on a logarithmic scale; `dashed` names stand back."""
    keys, out = [], list[str]()
    with _figure(height, f"{labels[1]} against {labels[0]}", out) as axes:
        for place, (name, points) in enumerate(series.items()):
            dash = DASHES[1] if name in dashed else ""
            marker = MARKERS[place // SERIES % len(MARKERS)]
            key = Key(plain(name), place % SERIES, dash, marker)
            x, y, error = (list(column) for column in zip(*sorted(points), strict=True))
            axes.errorbar(x, y, yerr=error, capsize=2.5, elinewidth=1, **key.line())
            keys.append(key)
        axes.set_xscale("log")
        if log_y:
            axes.set_yscale("log")
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        ticks = sorted({x for points in series.values() for x, _, _ in points})
        if len(ticks) <= 8:
            axes.minorticks_off()
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        else:
            _plain_ticks(axes.xaxis, axes.get_xlim())
        if log_y:
            _plain_ticks(axes.yaxis, axes.get_ylim())
    return out[0], keys


def break_even(curves: Mapping[str, Any]) -> tuple[dict[str, str], list[Key]]:
    """Seconds an architecture against queries, one chart a denominator, and the shared legend."""
    tests = list(curves["tests"])
    keys = [
        Key(plain(name), place % SERIES, marker="None")
        for place, name in enumerate(curves["series"])
    ]
    values = [
        float(value)
        for line in curves["series"].values()
        for curve in line.values()
        for value in curve
    ]
    length, unit = unit_of_time(max(values, default=0.0) / 20)
    charts = {}
    for over in OVERS:
        out: list[str] = []
        with _figure(2.9, f"Amortized cost over {over} architectures", out) as axes:
            for key, line in zip(keys, curves["series"].values(), strict=True):
                if over in line:
                    axes.plot(tests, [float(v) / length for v in line[over]], **key.line())
            for points in curves.get("points", {}).values():
                if points.get(over) is not None and tests[0] <= points[over] <= tests[-1]:
                    axes.axvline(points[over], color=_INK, linewidth=0.9, linestyle=":")
            axes.set_yscale("log")
            axes.set_xlabel("queries (test architectures)")
            axes.set_ylabel(f"{_UNITS[unit]} an architecture")
            _plain_ticks(axes.yaxis, axes.get_ylim())
        charts[over] = out[0]
    return charts, keys


def _plain_ticks(axis: Any, limits: tuple[float, float]) -> None:
    """Numbers as they are, not as powers of ten: mathematics is switched off in our texts."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    low, high = limits
    if high < 50 * low:  # a log axis of few decades needs its minor labels too
        axis.set_minor_formatter(
            FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "25" else "")
        )
    else:
        axis.set_minor_formatter(NullFormatter())
