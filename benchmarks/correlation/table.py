"""The table of rankings, with ASP's own numbers beside it."""

from __future__ import annotations

import numpy as np

from benchmarks.correlation.cells import MEASURES, RATIOS, entries


def table() -> str:
    """Markdown, a block a ratio."""
    lines: list[str] = []
    for ratio in RATIOS:
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
