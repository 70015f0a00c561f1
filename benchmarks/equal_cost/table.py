"""Equal cost, as numbers and as Markdown; errors by leaving one run out (jackknife), intervals by
bootstrap over architectures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import settings
from benchmarks.equal_cost import cells
from benchmarks.run import read_rows
from benchmarks.statistics import Estimate, bootstrap, mean_and_error
from benchmarks.tradeoff.cells import Run, curves
from benchmarks.tradeoff.table import pair
from subsel_automl.maths.metrics import jackknife_error

Rival = tuple[str, str, float]  # method, targets, budget
SHARES = (0.9, 0.95, 0.99)


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


@dataclass(frozen=True)
class Curves:
    """Steps -> run -> accuracy of all data and of every rival; full accuracy of a run."""

    means: cells.Means
    ceiling: Mapping[Run, float]
    last: int  # steps of the full training

    def runs(self, rival: Rival) -> list[Run]:
        """Those that ran at every step count of a rival, and so did all data."""
        full, mine = self.means[cells.FULL], self.means[rival]
        both = set.intersection(*(set(r) for r in mine.values())) & set(self.ceiling)
        return sorted(both & set.intersection(*(set(r) for s, r in full.items() if s in mine)))

    def factor(self, rival: Rival, share: float, runs: Sequence[Run]) -> float | None:
        """Steps of all data over a rival's own for a share of full accuracy; None where either
        never gets there. A run may stand in `runs` more than once."""
        whole = self._curve(cells.FULL, runs)
        whole[self.last] = float(np.mean([self.ceiling[r] for r in runs]))
        wanted = share * whole[self.last]
        theirs, own = steps_for(whole, wanted), steps_for(self._curve(rival, runs), wanted)
        return None if theirs is None or own is None else theirs / own

    def _curve(self, rival: Rival, runs: Sequence[Run]) -> dict[int, float]:
        by_steps = self.means[rival].items()
        return {s: float(np.mean([m[r] for r in runs])) for s, m in by_steps if set(runs) <= set(m)}

    def jackknifed(self, rival: Rival, share: float) -> tuple[float, float] | None:
        """(factor, its error by leaving one run out)."""
        runs = self.runs(rival)
        value = self.factor(rival, share, runs) if runs else None
        if value is None:
            return None
        left = [[r for r in runs if r != out] for out in runs] if len(runs) > 1 else []
        found = [self.factor(rival, share, rest) for rest in left]
        return value, jackknife_error([f for f in found if f is not None])

    def interval(self, rival: Rival, share: float) -> Estimate | None:
        """The factor and its interval over architectures, each with its seeds."""
        runs = self.runs(rival)
        names = sorted({architecture for architecture, _ in runs})
        kept: dict[tuple[int, ...], float] = {}  # few architectures: few ways to draw them

        def drawn(places: npt.NDArray[np.int64]) -> float:
            chosen = tuple(sorted(places.tolist()))
            if chosen not in kept:
                again = [r for place in chosen for r in runs if r[0] == names[place]]
                kept[chosen] = self.factor(rival, share, again) or float("nan")
            return kept[chosen]

        known = bool(runs) and self.factor(rival, share, runs) is not None
        return bootstrap(drawn, len(names), ratio=True) if known else None


def measured(data: str) -> Curves | None:
    """The rows of a data set; None without full trainings of both kinds."""
    full_rows, _ = curves(data)
    runs = {(a, s) for a in range(settings.UNSEEN) for s in cells.SEEDS}
    means = cells.step_means(
        read_rows(cells.path_of(data)),
        lambda c: (
            c["budget"] in (1.0, cells.BUDGET, cells.SMALLER)
            and (c["architecture"], c["seed"]) in runs
            and "temperature" not in c
        ),
    )
    if not full_rows or cells.FULL not in means:
        return None
    ceiling = {run: row["accuracy"] for run, row in full_rows.items()}
    return Curves(means, ceiling, next(iter(full_rows.values()))["steps"])


def summary(data: str) -> dict[str, Any]:
    """Accuracy by steps, and the factor of steps saved at 90, 95 and 99 % of full accuracy."""
    there = measured(data)
    if there is None:
        return {"rows": []}
    found = []
    for rival, by_steps in there.means.items():
        method, targets, budget = rival
        shown = {s: mean_and_error(list(r.values())) for s, r in sorted(by_steps.items())}
        row = {"method": method, "targets": targets, "budget": budget, "steps": shown}
        row["saved"] = {share: there.jackknifed(rival, share) for share in SHARES}
        found.append({**row, "runs": max(len(r) for r in by_steps.values())})
    found.sort(key=lambda row: -((row["saved"][0.95] or (0.0, 0.0))[0]))
    return {"rows": found, "full": mean_and_error(list(there.ceiling.values()))}


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
        saved = " | ".join(pair(row["saved"][share], 2) for share in SHARES)
        each = [row["steps"].get(s) for s in cells.STEPS]
        told = " | ".join(
            "not run" if e is None else f"{100 * e[0]:.2f} ± {100 * e[1]:.2f}" for e in each
        )
        name = f"{row['method']} | {row['targets']} | {100 * row['budget']:g} %"
        lines.append(f"| {name} | {saved} | {told} | {row['runs']} |")
    return "\n".join(lines)
