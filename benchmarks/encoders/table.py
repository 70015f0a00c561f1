"""Fig. 3.2 of the thesis, Tables 6 and 7 of info-NAS: ours by view, the papers' beside or below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks import paper_nas
from benchmarks.encoders.cells import FITTED_ON, SEEDS, SIZES, summary, views
from benchmarks.statistics import Estimate

Key = tuple[Any, ...]
NAMES = {"gp": "GP", "forest": "forest"}


def table() -> str:
    """A table for each origin of the fitted cells: r and RMSE by view and size."""
    rows = {
        (s["view"], s["pooling"], s["predictor"], s["rows"], s["fitted_on"]): s for s in summary()
    }
    ours = [f"Fitted on {origin}:\n\n{_of(rows, origin)}" for origin in FITTED_ON]
    return "\n\n".join([*ours, f"As published, tested above 80 %:\n\n{_published()}"])


def _of(rows: Mapping[Key, Mapping[str, Any]], origin: str) -> str:
    sizes = [f"{NAMES[predictor]} {count:,}" for predictor, count in SIZES]
    lines = [
        "| view | pooling | " + " | ".join(f"r, {s} | RMSE" for s in sizes) + " |",
        "|" + "---|" * (2 + 2 * len(sizes)),
    ]
    for view, pooling in views():
        found = [rows.get((view, pooling, *size, origin)) for size in SIZES]
        told = [
            "not run | not run" if one is None else f"{_r(one['r'])} | {one['rmse'].value:.4f}"
            for one in found
        ]
        lines.append(f"| {view} | {pooling} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def _r(found: Estimate) -> str:
    few = "" if found.units == SEEDS else f", {found.units} of {SEEDS} seeds"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f}{few})"


def _published() -> str:
    lines = [
        "| row | r, GP 250 | RMSE | r, forest 608 | RMSE | r, forest 2,500 | RMSE "
        "| r, forest 10,000 | RMSE |",
        "|" + "---|" * 9,
    ]
    for name, row in paper_nas.rows("arch2vec", "Fig. 3.2").items():
        said = (
            f"{row['r']} ± {row['r deviation']} | {row['rmse']:.3f} ± {row['rmse deviation']:.3f}"
        )
        lines.append(f"| thesis, {name} | {said} |" + " |" * 6)
    correlations, errors = (paper_nas.rows("info-nas", number) for number in "67")
    for name, row in correlations.items():
        said = " | ".join(f"{r} | {errors[name][size]:.4f}" for size, r in row.items())
        lines.append(f"| info-NAS, {name} | | | {said} |")
    return "\n".join(lines)
