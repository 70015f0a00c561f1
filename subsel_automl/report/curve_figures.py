"""A picture of runs that go on: what was seen, what is foretold, and a band of one sd around it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.curves import Curves
from ..core.errors import BadInput, MissingData
from ..core.files import write_atomic
from .curve_forecast import Forecasts

SHOWN, BEHIND = 8, 200  # runs that go on, runs that have ended
SUFFIXES = (".svg", ".png")
GREY = "#9aa0a6"


def draw_forecasts(
    axes: Any, found: Forecasts, ended: Curves, steps: Sequence[float], metric: str
) -> Any:
    """The best runs that go on, over those that have ended, in these axes.

    Args:
        steps: of the epochs, [epochs].
    """
    at = np.asarray(steps, np.float64)
    for row in ended.values[:BEHIND]:
        axes.plot(at, row, color=GREY, alpha=0.25, linewidth=0.6, zorder=1)
    for row, one in enumerate(found.rows[:SHOWN]):
        colour = f"C{row}"
        mean, sd = found.prediction.mean[row], found.prediction.sd[row]
        axes.plot(at[: one.seen], mean[: one.seen], color=colour, linewidth=1.8, label=one.run)
        axes.plot(at[one.seen - 1 :], mean[one.seen - 1 :], color=colour, linestyle="--")
        axes.fill_between(
            at[one.seen - 1 :],
            (mean - sd)[one.seen - 1 :],
            (mean + sd)[one.seen - 1 :],
            color=colour,
            alpha=0.18,
            linewidth=0,
        )
    axes.axhline(found.best, color="black", linewidth=0.8, linestyle=":", label="best ended")
    axes.set_xlabel("epoch")
    axes.set_ylabel(metric or "value")
    more = len(found.rows) - SHOWN
    axes.set_title(f"the best {SHOWN} of {len(found.rows)} unfinished runs" if more > 0 else "")
    axes.legend(fontsize=7, frameon=False)
    return axes


def write_picture(
    path: Path, found: Forecasts, ended: Curves, steps: Sequence[float], metric: str
) -> None:
    """The picture as SVG or PNG, by the file's name.

    Raises:
        BadInput: another suffix. MissingData: matplotlib is missing.
    """
    check_suffix(path)
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingData(
            f"pictures need matplotlib ({error}); pip install 'subsel_automl[report]'"
        ) from error
    plain: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "subsel"}
    with matplotlib.rc_context({**plain, "text.parse_math": False}):
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        draw_forecasts(figure.subplots(), found, ended, steps, metric)
        out = io.BytesIO()
        made = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(out, format=path.suffix[1:], dpi=150, metadata=made)
    write_atomic(path, out.getvalue())


def check_suffix(path: Path) -> None:
    """Raises: BadInput: no picture's name."""
    if path.suffix not in SUFFIXES:
        raise BadInput(f"a picture is called *.svg or *.png, not {path.name!r}")
