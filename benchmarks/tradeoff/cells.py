"""Which cells the trade-off is made of, and its rows as a curve a method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import methods, settings
from benchmarks.run import RESULTS, identity, read_rows
from benchmarks.statistics import mean_and_error
from benchmarks.trials import cell
from subsel_automl.catalog import provider_class
from subsel_automl.core.provider import Needs

Seeds = tuple[int, ...]
Run = tuple[int, int]  # architecture, seed
SEEDS: Seeds = (0, 1)
FEW = 0.1  # budgets above it run on one seed
SPARSE = (0.01, 0.05)  # the first budgets of adaptive selectors and of the others
RETIRED, BEFORE = RESULTS / "retired_fixed_soft.jsonl", "soft, tuned once"
DEAR = ("facility-location-whole",)  # minutes a subset at 784 features: run it by --methods


def path_of(data: str, scale: str = "lite") -> Any:
    """The rows of a data set."""
    stem = f"tradeoff_{data.replace('-', '_')}"
    return RESULTS / (f"{stem}.jsonl" if scale == "lite" else f"{stem}_{scale}.jsonl")


def full_cells(data: str, scale: str = "lite", seeds: Seeds = SEEDS) -> list[dict[str, Any]]:
    """All data, the ceiling and T_f."""
    return [
        _cell(data, scale, index, "full", 1.0, "labels", seed)
        for seed in seeds
        for index in range(settings.UNSEEN)
    ]


def cells(
    data: str, scale: str = "lite", seeds: Seeds = SEEDS, also: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Every method, most important first: controls and ours, the paper's baselines, the others;
    then the larger budgets, and the second seed of what is dear (adaptive selectors)."""
    first = [*methods.CONTROLS, "subselnet"]
    adaptive = [m for m in methods.BASELINES if Needs.PROBE in provider_class(m).needs]
    plain = [m for m in methods.BASELINES if m not in adaptive]
    both, labels, one, rest = ("labels", "soft"), ("labels",), seeds[:1], seeds[1:]
    budgets = settings.DATA[data].budgets
    small, tenth = [b for b in budgets if b < FEW], [b for b in budgets if b == FEW]
    large = [b for b in budgets if b > FEW]
    sparse, rest_small = [b for b in small if b in SPARSE], [b for b in small if b not in SPARSE]
    groups = [
        (first, both, one, small + tenth + large),
        (plain, labels, one, small),
        (adaptive, labels, one, sparse),
        (_others(also), labels, one, sparse),
        (methods.OURS[1:], both, one, small),
        (plain, labels, one, tenth),
        (first, both, rest, small + tenth),
        (plain, labels, rest, small + tenth),
        (methods.OURS[1:], both, one, tenth),
        (adaptive, labels, one, rest_small + tenth),
        (_others(also), labels, one, rest_small + tenth),
        (methods.OURS[1:], both, rest, small + tenth),
        (methods.BASELINES, labels, one, large),
        (adaptive, labels, rest, small + tenth),
        (methods.OURS[1:], both, one, large),
        (_others(also), labels, one, large),
    ]
    made = full_cells(data, scale, seeds) + [
        _cell(data, scale, index, name, budget, targets, seed)
        for names, kinds, repeats, shares in groups
        for name in names
        for targets in kinds
        for seed in repeats
        for budget in shares
        for index in range(settings.UNSEEN)
    ]
    return list({identity(one): one for one in made}.values())


def _others(also: Collection[str]) -> list[str]:
    known = {*methods.CONTROLS, *methods.OURS, *methods.BASELINES}
    return [
        name
        for name in methods.method_names()
        if name not in known
        and name != "subselnet-online"  # without other trials it is random-per-class
        and (name not in DEAR or name in also)
    ]


def _cell(
    data: str, scale: str, index: int, name: str, budget: float, targets: str, seed: int
) -> dict[str, Any]:
    passes = settings.SCALES[scale].epochs or settings.DATA[data].epochs
    return cell(index, name, budget, targets, None, seed, data=data, passes=passes)


@dataclass
class Curve:
    """One method with one kind of target over the budgets."""

    method: str
    targets: str
    runs: dict[float, dict[Run, Mapping[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def points(
        self,
        full: Mapping[Run, Any],
        left_out: Run | None = None,
        drawn: Sequence[int] | None = None,
    ) -> list[Any]:
        """(budget, RAR, T_f / T, GB-min) over runs, budgets ascending; `drawn` are architectures,
        each with its seeds and as often as it stands there."""
        found = []
        for budget in sorted(self.runs):
            both = [r for r in self.runs[budget] if r in full and r != left_out]
            if drawn is not None:
                both = [r for architecture in drawn for r in both if r[0] == architecture]
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
    """Full training by run, and a curve a method; what test rows said before the targets were tuned
    again stands beside, as targets of its own (BEFORE)."""
    known = {"full", *methods.method_names()}
    measured = {identity(row["cell"]): row for row in read_rows(path_of(data, scale))}
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
    return full, [*found.values(), *_before(data, found, rates)]


def _before(
    data: str, found: Mapping[tuple[str, str], Curve], rates: Mapping[int, float]
) -> list[Curve]:
    """Curves with the rows that a second tuning replaced."""
    earlier: dict[str, Curve] = {}
    for row in read_rows(RETIRED):
        c = row["cell"]
        now = found.get((c["method"], c["targets"]))
        if c["data"] != data or now is None:
            continue
        if c["method"] not in earlier:
            earlier[c["method"]] = Curve(c["method"], BEFORE)
            for budget, runs in now.runs.items():
                earlier[c["method"]].runs[budget] = dict(runs)
        row["rate"] = rates[c["architecture"]]
        earlier[c["method"]].runs[c["budget"]][c["architecture"], c["seed"]] = row
    return list(earlier.values())
