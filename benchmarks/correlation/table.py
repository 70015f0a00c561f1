"""The table of rankings, with ASP's own numbers beside it."""

from __future__ import annotations

import numpy as np

from benchmarks.correlation.cells import MEASURES, RATIOS, entries


def table() -> str:
    """Markdown, a block a ratio."""
    lines: list[str] = []
    for ratio in RATIOS:
        found = entries(ratio)
        if not found:
            lines.append(f"\nr = {ratio:g}: not run")
            continue
        lines += [f"\nr = {ratio:g}\n", _head(), "|---" * 9 + "|"]
        for (name, targets, redraw), summed, tau, seeds in found:
            others = (_told(summed[m], 1 if m == "accuracy" else 2) for m in MEASURES[1:])
            cells = f"{tau.value:.2f} ({tau.low:.2f} to {tau.high:.2f}) | {' | '.join(others)}"
            kind = "redrawn" if redraw else "fixed"
            kind = "all data, equal steps" if name == "full" else kind
            lines.append(f"| {name} | {targets} | {kind} | {cells} | {seeds} |")
    return "\n".join(lines).strip()


def _head() -> str:
    return (
        "| method | targets | subset | Kendall | Pearson | Spearman | top-3 regret (points) | "
        "mean accuracy % | seeds |"
    )


def _told(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else "undefined"
