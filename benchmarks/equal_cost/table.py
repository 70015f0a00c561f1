"""Equal cost, as numbers and as Markdown; errors by leaving one run out (jackknife)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.equal_cost import cells
from benchmarks.run import read_rows
from benchmarks.statistics import mean_and_error
from benchmarks.tradeoff.cells import Run, curves
from benchmarks.tradeoff.table import pair
from subsel_automl.maths.metrics import jackknife_error


def steps_for(curve: Mapping[int, float], wanted: float) -> float | None:
    """Steps at which a curve first reaches an accuracy; None when it does not, or starts above."""
    steps = sorted(curve)
    best = np.maximum.accumulate([curve[s] for s in steps])
    if not best[0] <= wanted <= best[-1]:
        return None
    place = int(np.searchsorted(best, wanted))
    if place == 0:
        return float(steps[0])
    share = (wanted - best[place - 1]) / (best[place] - best[place - 1])
    low, high = np.log(steps[place - 1]), np.log(steps[place])
    return float(np.exp(low + share * (high - low)))


def summary(data: str) -> dict[str, Any]:
    """Accuracy by steps, and the factor of steps saved at 90, 95 and 99 % of full accuracy."""
    full_rows, _ = curves(data)
    rows = read_rows(cells.path_of(data))
    runs = {(a, s) for a in range(settings.UNSEEN) for s in cells.SEEDS}
    means = cells.step_means(
        rows,
        lambda c: (
            c["budget"] in (1.0, cells.BUDGET, cells.SMALLER)
            and (c["architecture"], c["seed"]) in runs
            and "temperature" not in c
        ),
    )
    if not full_rows or cells.FULL not in means:
        return {"rows": []}
    ceiling = {run: row["accuracy"] for run, row in full_rows.items()}
    whole_steps = next(iter(full_rows.values()))["steps"]
    found = []
    for (method, targets, budget), by_steps in means.items():
        saved = {
            share: _saved(means[cells.FULL], by_steps, ceiling, share, whole_steps)
            for share in (0.9, 0.95, 0.99)
        }
        shown = {s: mean_and_error(list(r.values())) for s, r in sorted(by_steps.items())}
        count = max(len(r) for r in by_steps.values())
        row = {
            "method": method,
            "targets": targets,
            "budget": budget,
            "steps": shown,
            "saved": saved,
        }
        found.append({**row, "runs": count})
    found.sort(key=lambda row: -((row["saved"][0.95] or (0.0, 0.0))[0]))
    return {"rows": found, "full": mean_and_error(list(ceiling.values()))}


def _saved(full: Any, mine: Any, ceiling: Mapping[Run, float], share: float, last: int) -> Any:
    """(factor, jackknife error) over the runs of both; None where either never gets there."""
    both = set.intersection(*(set(r) for r in mine.values())) & set(ceiling)
    both &= set.intersection(*(set(r) for s, r in full.items() if s in mine))
    if not both:
        return None

    def factor(runs: set[Run]) -> float | None:
        wanted = share * float(np.mean([ceiling[r] for r in runs]))
        steps = [s for s in full if runs <= set(full[s])]
        whole = {s: float(np.mean([full[s][r] for r in runs])) for s in steps}
        whole[last] = float(np.mean([ceiling[r] for r in runs]))
        ours = {s: float(np.mean([m[r] for r in runs])) for s, m in mine.items() if runs <= set(m)}
        theirs, own = steps_for(whole, wanted), steps_for(ours, wanted)
        return None if theirs is None or own is None else theirs / own

    value = factor(both)
    if value is None:
        return None
    left = [factor(both - {run}) for run in both] if len(both) > 1 else []
    return value, jackknife_error([f for f in left if f is not None])


def table(data: str) -> str:
    """Markdown of `summary`."""
    found = summary(data)
    if not found["rows"]:
        return "not run"
    names = " | ".join(f"{s:,}" for s in cells.STEPS)
    lines = [
        f"Full accuracy: {100 * found['full'][0]:.2f} ± {100 * found['full'][1]:.2f} %.",
        "",
        "| method | targets | budget | steps saved at 90 % of it | at 95 % | at 99 % "
        f"| accuracy % at steps: {names} | runs |",
        "|" + "---|" * (7 + len(cells.STEPS)),
    ]
    for row in found["rows"]:
        saved = " | ".join(pair(row["saved"][share], 2) for share in (0.9, 0.95, 0.99))
        each = [row["steps"].get(s) for s in cells.STEPS]
        told = " | ".join(
            "not run" if e is None else f"{100 * e[0]:.2f} ± {100 * e[1]:.2f}" for e in each
        )
        name = f"{row['method']} | {row['targets']} | {100 * row['budget']:g} %"
        lines.append(f"| {name} | {saved} | {told} | {row['runs']} |")
    return "\n".join(lines)
