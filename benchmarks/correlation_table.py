"""The table of `benchmarks.correlation`, with ASP's own numbers beside it."""

from __future__ import annotations

import numpy as np

from benchmarks import correlation
from benchmarks.run import read_rows
from subsel_automl.maths.metrics import mean_and_error

MEASURES = ("kendall", "pearson", "spearman", "regret", "accuracy")


def entries(ratio: float) -> list[tuple[correlation.Mode, dict[str, tuple[float, float]], int]]:
    """(mode, measure -> mean and standard error, seeds) of a ratio, best tau first."""
    rows = read_rows(correlation.PATH)
    found = []
    for mode in correlation.modes():
        seeds = correlation.agreement(mode, ratio, rows)
        if seeds:
            summed = {m: mean_and_error([one[m] for one in seeds]) for m in MEASURES}
            if len(seeds) == 1:  # has no spread
                summed = {m: (mean, float("nan")) for m, (mean, _) in summed.items()}
            found.append((mode, summed, len(seeds)))
    return sorted(found, key=lambda entry: -entry[1]["kendall"][0])


def table() -> str:
    """Markdown, a block a ratio."""
    lines: list[str] = []
    for ratio in correlation.RATIOS:
        if not entries(ratio):
            lines.append(f"\nr = {ratio:g}: not run")
            continue
        lines += [f"\nr = {ratio:g}\n", _head(), "|---" * 9 + "|"]
        for (name, targets, redraw), summed, seeds in entries(ratio):
            cells = " | ".join(_spread(summed[m], 1 if m == "accuracy" else 2) for m in MEASURES)
            kind = "redrawn" if redraw else "fixed"
            kind = "all data, equal steps" if name == "full" else kind
            lines.append(f"| {name} | {targets} | {kind} | {cells} | {seeds} |")
    return "\n".join(lines).strip()


def _head() -> str:
    return (
        "| method | targets | subset | Kendall | Pearson | Spearman | top-3 regret (points) | "
        "mean accuracy % | seeds |"
    )


def _spread(value: tuple[float, float], digits: int) -> str:
    mean, error = value
    if not np.isfinite(mean):
        return "undefined"
    return f"{mean:.{digits}f} ± {error:.{digits}f}" if np.isfinite(error) else f"{mean:.{digits}f}"
