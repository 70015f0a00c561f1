"""The two comparisons by setting: accuracy, its standard error, RAR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.run import read_rows
from benchmarks.science.cells import Setting, by_setting, full_accuracy, path_of
from benchmarks.statistics import mean_and_error


def spread(values: Iterable[float]) -> dict[str, float]:
    """Mean, standard error and number."""
    each = list(values)
    mean, sem = mean_and_error(each)
    return {"mean": round(mean, 2), "sem": round(sem, 2), "runs": len(each)}


def table(found: Mapping[Setting, Mapping[tuple[int, int], float]]) -> list[dict[str, Any]]:
    """A row a setting: accuracy, and RAR against full training where that was run."""
    full = full_accuracy()
    rows = []
    for (method, budget, targets, steps), runs in sorted(found.items(), key=str):
        rar = [100 * (1 - runs[p] / full[p]) for p in runs if p in full]
        row = {"method": method, "budget": budget, "targets": targets, "steps": steps}
        rows.append({**row, **spread(runs.values()), "rar": spread(rar) if rar else None})
    return rows


def markdown(which: str) -> str:
    """Markdown of one comparison: accuracy, its standard error, RAR."""
    rows = table(by_setting(read_rows(path_of(which))))
    if not rows:
        return "not run"
    lines = [
        "| method | budget | targets | steps | accuracy % | RAR % | runs |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: (r["steps"], r["budget"], r["targets"], -r["mean"])):
        rar = row["rar"]
        loss = "not run" if rar is None else f"{rar['mean']:.2f} ± {rar['sem']:.2f}"
        lines.append(
            f"| {row['method']} | {100 * row['budget']:g} % | {row['targets']} | {row['steps']} | "
            f"{row['mean']:.2f} ± {row['sem']:.2f} | {loss} | {row['runs']} |"
        )
    return "\n".join(lines)


def report_rows() -> Iterable[dict[str, Any]]:
    """Accuracy against budget of the fixed subsets, as the report page reads it."""
    for row in table(by_setting(read_rows(path_of("fixed")))):
        yield {
            "method": row["method"],
            "targets": row["targets"],
            "budget": row["budget"],
            "mean": round(row["mean"] / 100, 5),
            "sem": round(row["sem"] / 100, 5),
            "runs": row["runs"],
        }
