"""From rows to tables: the trade-off (Tables 1 and 8) and equal cost, as numbers and as Markdown.

A cell that was not run prints "not run"; "—" is the paper's sign for a RAR that no budget attains.
Errors are standard errors: over runs for RAR, by leaving one run out (jackknife) for what is
interpolated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import methods, published, settings, tradeoff
from benchmarks.run import identity, read_rows
from subsel_automl.maths.metrics import at_rar, jackknife_error, mean_and_error

TARGETS = (0.1, 0.2)  # RAR of Tables 1 and 8
Run = tuple[int, int]  # architecture, seed


@dataclass
class Curve:
    """One method with one kind of target over the budgets."""

    method: str
    targets: str
    runs: dict[float, dict[Run, Mapping[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def points(self, full: Mapping[Run, Any], left_out: Run | None = None) -> list[Any]:
        """(budget, RAR, T_f / T, GB-min) over runs, budgets ascending."""
        found = []
        for budget in sorted(self.runs):
            both = [r for r in self.runs[budget] if r in full and r != left_out]
            if not both:
                continue
            mine, whole = [self.runs[budget][r] for r in both], [full[r] for r in both]
            loss = [1 - m["accuracy"] / f["accuracy"] for m, f in zip(mine, whole, strict=True)]
            seconds = float(np.mean([cost(m) for m in mine]))
            saved = float(np.mean([cost(f) for f in whole])) / seconds
            memory = float(np.mean([gb_minutes(m) for m in mine]))
            found.append((budget, *mean_and_error(loss), saved, memory))
        return found


def training_rates(rows: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """CPU seconds of a training step by architecture, over all rows of a data set.

    One rate for all methods, which train alike: on a shared machine the same steps cost up to a
    fifth more or less, and a method should not win by its neighbours' idleness.
    """
    seconds: dict[int, float] = defaultdict(float)
    steps: dict[int, int] = defaultdict(int)
    for row in rows:
        index = row["cell"]["architecture"]
        seconds[index] += row["cpu_seconds"] - row["select_cpu_seconds"]
        steps[index] += row["steps"]
    return {index: seconds[index] / steps[index] for index in seconds}


def cost(row: Mapping[str, Any]) -> float:
    """T: CPU seconds of fitting the selector, selection, refreshes, and the steps of training."""
    training = row["steps"] * row["rate"]
    return float(training + row["select_cpu_seconds"] + row["fit_cpu_seconds"])


def gb_minutes(row: Mapping[str, Any]) -> float:
    """Mean memory of the trial times T, so that a busy machine does not lengthen it."""
    return float(row["gb_minutes"] / max(row["seconds"], 1e-9) * cost(row))


def curves(data: str, scale: str = "lite") -> tuple[dict[Run, Any], list[Curve]]:
    """Full training by run, and a curve a method."""
    known = {"full", *methods.method_names()}
    measured = {identity(row["cell"]): row for row in read_rows(tradeoff.path_of(data, scale))}
    rows = [row for row in measured.values() if row["cell"]["method"] in known]
    full: dict[Run, Any] = {}
    found: dict[tuple[str, str], Curve] = {}
    rates = training_rates(rows)
    for row in rows:
        row["rate"] = rates[row["cell"]["architecture"]]
        c = row["cell"]
        run = (c["architecture"], c["seed"])
        if c["method"] == "full":
            full[run] = row
            continue
        name = (c["method"], c["targets"])
        found.setdefault(name, Curve(*name)).runs[c["budget"]][run] = row
    return full, list(found.values())


def attained(curve: Curve, full: Mapping[Run, Any], target: float, column: int) -> Any:
    """(value, error) of speed-up (column 3) or GB-min (4) at a RAR; None when not attained."""

    def value(left_out: Run | None) -> float | None:
        points = curve.points(full, left_out)
        if not points:
            return None
        return at_rar([p[1] for p in points], [p[column] for p in points], target)

    whole = value(None)
    if whole is None:
        return None
    runs = sorted({r for each in curve.runs.values() for r in each})
    others = [v for v in (value(run) for run in runs) if v is not None]
    return whole, jackknife_error(others)


def summary(data: str, scale: str = "lite") -> list[dict[str, Any]]:
    """A row a method, sorted by speed-up at 20 % RAR, then at 10 %."""
    full, found = curves(data, scale)
    rows = []
    for curve in found:
        row: dict[str, Any] = {"method": curve.method, "targets": curve.targets}
        for target in TARGETS:
            for name, column in (("speedup", 3), ("memory", 4)):
                row[f"{name}_{100 * target:.0f}"] = attained(curve, full, target, column)
        row["points"] = curve.points(full)
        row["runs"] = max((len(r) for r in curve.runs.values()), default=0)
        rows.append(row)
    return sorted(rows, key=_order)


def _order(row: Mapping[str, Any]) -> tuple[float, ...]:
    each = [row["speedup_20"], row["speedup_10"]]
    return tuple(-value[0] if value else 1.0 for value in each)


def tradeoff_table(data: str, scale: str = "lite") -> str:
    """Markdown of Tables 1 and 8 for a data set, the paper's column beside ours."""
    rows = summary(data, scale)
    if not rows:
        return "not run"
    lines = [
        "| method | targets | speed-up at 20 % RAR | paper | at 10 % RAR | paper "
        "| GB-min at 20 % | paper | at 10 % | paper | runs |",
        "|" + "---|" * 11,
    ]
    for row in rows:
        shown = []
        for name in ("speedup", "memory"):
            for target in (20, 10):
                shown.append(_pair(row[f"{name}_{target}"], 2 if name == "speedup" else 3))
                shown.append(_published(data, row["method"], row["targets"], name, target))
        told = " | ".join(shown)
        lines.append(f"| {row['method']} | {row['targets']} | {told} | {row['runs']} |")
    return "\n".join([*lines, "", rar_table(rows, settings.DATA[data].budgets)])


def rar_table(rows: Sequence[Mapping[str, Any]], budgets: Iterable[float]) -> str:
    """RAR in percent of every method at every budget."""
    budgets = list(budgets)
    names = " | ".join(f"{100 * b:g} %" for b in budgets)
    lines = [f"| RAR % at budget | targets | {names} |", "|" + "---|" * (2 + len(budgets))]
    for row in rows:
        points = {p[0]: f"{100 * p[1]:.1f} ± {100 * p[2]:.1f}" for p in row["points"]}
        told = " | ".join(points.get(b, "not run") for b in budgets)
        lines.append(f"| {row['method']} | {row['targets']} | {told} |")
    return "\n".join(lines)


def _pair(value: tuple[float, float] | None, digits: int) -> str:
    return "—" if value is None else f"{value[0]:.{digits}f} ± {value[1]:.{digits}f}"


def _published(data: str, method: str, targets: str, what: str, target: int) -> str:
    if targets != "labels":
        return ""
    value = published.tradeoff(data, method, what, target)
    return "" if value is None else f"{value:g}"


Row = Mapping[str, Any]
FULL = ("full", "labels", 1.0)
Means = dict[tuple[str, str, float], dict[int, dict[Run, float]]]


def step_means(rows: Iterable[Row], keep: Callable[[Row], bool]) -> Means:
    """(method, targets, budget) -> steps -> run -> accuracy."""
    found: Means = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        c = row["cell"]
        if keep(c):
            name = (c["method"], c["targets"], c["budget"])
            found[name][c["steps"]][c["architecture"], c["seed"]] = row["accuracy"]
    return found


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


def equal_cost(data: str) -> dict[str, Any]:
    """Accuracy by steps, and the factor of steps saved at 90, 95 and 99 % of full accuracy."""
    from benchmarks import equal_cost as made

    full_rows, _ = curves(data)
    rows = read_rows(made.path_of(data))
    runs = {(a, s) for a in range(settings.UNSEEN) for s in made.SEEDS}
    means = step_means(
        rows,
        lambda c: (
            c["budget"] in (1.0, made.BUDGET, made.SMALLER)
            and (c["architecture"], c["seed"]) in runs
            and "temperature" not in c
        ),
    )
    if not full_rows or FULL not in means:
        return {"rows": []}
    ceiling = {run: row["accuracy"] for run, row in full_rows.items()}
    whole_steps = next(iter(full_rows.values()))["steps"]
    found = []
    for (method, targets, budget), by_steps in means.items():
        saved = {
            share: _saved(means[FULL], by_steps, ceiling, share, whole_steps)
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


def equal_cost_table(data: str) -> str:
    """Markdown of `equal_cost`."""
    from benchmarks.equal_cost import STEPS

    found = equal_cost(data)
    if not found["rows"]:
        return "not run"
    names = " | ".join(f"{s:,}" for s in STEPS)
    lines = [
        f"Full accuracy: {100 * found['full'][0]:.2f} ± {100 * found['full'][1]:.2f} %.",
        "",
        "| method | targets | budget | steps saved at 90 % of it | at 95 % | at 99 % "
        f"| accuracy % at steps: {names} | runs |",
        "|" + "---|" * (7 + len(STEPS)),
    ]
    for row in found["rows"]:
        saved = " | ".join(_pair(row["saved"][share], 2) for share in (0.9, 0.95, 0.99))
        each = [row["steps"].get(s) for s in STEPS]
        told = " | ".join(
            "not run" if e is None else f"{100 * e[0]:.2f} ± {100 * e[1]:.2f}" for e in each
        )
        name = f"{row['method']} | {row['targets']} | {100 * row['budget']:g} %"
        lines.append(f"| {name} | {saved} | {told} | {row['runs']} |")
    return "\n".join(lines)
