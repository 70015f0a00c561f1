"""Which searches Table 5 is made of, and its rows a rival."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from benchmarks.run import RESULTS, identity, read_rows, rows_of
from benchmarks.statistics import Estimate, mean_interval, paired
from subsel_automl.budgeting.rule import plan_rungs

PATH, WINNERS = RESULTS / "hpo.jsonl", RESULTS / "hpo_winners.jsonl"
SAMPLES, EPOCHS, RETRAIN_PASSES, ARCHITECTURE, DATA = 10, 6, 3, 2, "fashion-mnist"
BUDGETS, REPEATS, FIRST, SEEDS = (0.1, 0.05), range(6), range(3), (0, 1, 2)
PLAN = plan_rungs(1.7, SAMPLES)  # [2] the winner's training is one of the 1.7
ONE = "epoch_cpu_seconds"  # [4] of an epoch on all data, measured beside a search
Row = Mapping[str, Any]
Cell = dict[str, Any]
Rival = tuple[str, str, int]  # method, targets, redraw
FULL: Rival = ("full", "labels", 0)
BEST: Rival = ("rungs", "labels", 1)  # the mode that promises, chosen before it had a row
RIVALS: tuple[Rival, ...] = (
    ("automata", "labels", 0),
    ("asp", "labels", 0),
    ("random-per-class", "labels", 1),
    ("random", "labels", 1),
    ("full-equal-steps", "labels", 0),
    ("subselnet", "soft", 1),
    ("rungs-full", "labels", 0),
)
SMALLER: tuple[Rival, ...] = (BEST, *RIVALS[:3])  # at 5 %
BESIDE: tuple[Rival, ...] = (  # [3] of three searches at 10 %, and of one at 5 %
    ("random", "soft", 1),
    ("random", "labels", 0),
    ("subselnet", "labels", 0),
    ("subselnet-online", "soft", 1),
)
OURS = ("subselnet", "subselnet-inductive", "subselnet-hybrid", "subselnet-online")


def stages() -> list[list[Cell]]:
    """Searches by importance; the winners of a stage are trained before the next one begins."""
    core = [[_cell(rival, 0.1, repeat) for rival in (BEST, FULL)] for repeat in REPEATS]
    return [
        *core[: len(FIRST)],
        [_cell(rival, 0.1, repeat) for rival in RIVALS[:2] for repeat in FIRST],
        *core[len(FIRST) :],
        *([_cell(rival, 0.1, repeat) for repeat in REPEATS] for rival in RIVALS),
        [_cell(rival, 0.05, repeat) for rival in SMALLER for repeat in FIRST],
        [_cell(rival, 0.1, repeat) for rival in BESIDE for repeat in FIRST],
        [_cell(rival, 0.05, 0) for rival in (*RIVALS[3:6], *BESIDE)],
    ]


def cells(only: Collection[str] = ()) -> list[Cell]:
    """All searches, or those of some methods."""
    every = {identity(cell): cell for stage in stages() for cell in stage}
    return [cell for cell in every.values() if not only or cell["method"] in only]


def winner_cells(searches: Iterable[Row]) -> list[Cell]:
    """The trainings of what these searches found: a configuration once a seed."""
    found = dict.fromkeys(configuration(row) for row in searches)
    return [{"config": config, "seed": seed} for config in found for seed in SEEDS]


def _cell(rival: Rival, budget: float, repeat: int) -> Cell:
    name, targets, redraw = rival
    cell = {
        "method": name,
        "targets": targets,
        "redraw": redraw,
        "budget": 1.0 if rival == FULL else budget,
        "repeat": repeat,
        "samples": SAMPLES,
        "epochs": EPOCHS,
    }
    if name.startswith("rungs"):
        cell |= {"epochs": RETRAIN_PASSES, "plan": PLAN.told()}
    return cell


def configuration(row: Row) -> str:
    """The winner of a search."""
    return json.dumps(row["config"], sort_keys=True)


def winners_errors() -> dict[str, float]:
    """Configuration -> its mean test error, of those trained with every seed."""
    by: dict[str, dict[int, float]] = defaultdict(dict)
    for row in read_rows(WINNERS):
        by[row["cell"]["config"]][row["cell"]["seed"]] = row["test_error"]
    return {
        config: float(np.mean([of[seed] for seed in SEEDS]))
        for config, of in by.items()
        if set(SEEDS) <= set(of)
    }


def entries(budget: float) -> list[dict[str, Any]]:
    """One a rival, least test error first: intervals over searches (repeats), paired with full's.

    The test error of a search is the mean over the seeds of its winner; searches that found the
    same winner share it, and `winners` counts the distinct ones. A search trains as many epochs as
    its scheduler lets it, so the speed-up is given by epoch too, where epochs are of one length.
    """
    errors, groups = winners_errors(), defaultdict(dict)  # type: ignore[var-annotated]
    for row in rows_of(PATH, cells()):
        cell = row["cell"]
        if cell["budget"] == budget or cell["method"] == "full":
            groups[cell["method"], cell["targets"], cell["redraw"]][cell["repeat"]] = row
    full = groups.get(FULL, {})
    found = [_entry(rival, group, full, errors) for rival, group in groups.items()]
    return sorted(found, key=lambda e: e["error"].value if e["error"] else np.inf)


def _entry(
    rival: Rival, group: Mapping[int, Row], full: Mapping[int, Row], errors: Mapping[str, float]
) -> dict[str, Any]:
    pairs = [(row, full[repeat]) for repeat, row in sorted(group.items()) if repeat in full]
    of, fulls = (
        {r: errors[configuration(row)] for r, row in rows.items() if configuration(row) in errors}
        for rows in (group, full)
    )
    both = sorted(set(of) & set(fulls))
    beside = [(row, f) for row, f in pairs if (ONE in row) == (ONE in f)]  # of one machine's time
    by_epoch = [] if rival[0].startswith("rungs") else beside
    return {
        "rival": rival,
        "repeats": len(group),
        "winners": len({configuration(row) for row in group.values()}),
        "errors": of,
        "error": _mean(list(of.values())),
        "best": _mean([100 * row["validation_accuracy"] for row in group.values()]),
        "epochs": float(np.mean([row["epochs_trained"] for row in group.values()])),
        "more_error": _mean([of[repeat] - fulls[repeat] for repeat in both]),
        "costs": {row["cell"]["repeat"]: _cost(row, f) for row, f in pairs},
        "cpu_seconds": float(np.mean([_spent(row, "cpu") for row in group.values()])),
        "cpu": _mean([_cost(f, f) / _cost(row, f) for row, f in pairs], ratio=True),
        "cpu_as_read": _mean([_ratio(f, row, "cpu") for row, f in beside], ratio=True),
        "wall": _mean([_ratio(f, row, "wall") for row, f in beside], ratio=True),
        "cpu_an_epoch": _mean([_an_epoch(f) / _an_epoch(r) for r, f in by_epoch], ratio=True),
    }


def ahead(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Estimate | None:
    """Points of test error by which ours is below theirs, search by search."""
    both = sorted(set(ours["errors"]) & set(theirs["errors"]))
    mine, other = ({repeat: e["errors"][repeat] for repeat in both} for e in (ours, theirs))
    return paired(other, mine) if both else None


def times_cheaper(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Estimate | None:
    """Their cost over ours, search by search."""
    both = sorted(set(ours["costs"]) & set(theirs["costs"]))
    return _mean([theirs["costs"][r] / ours["costs"][r] for r in both], ratio=True)


def _mean(values: list[float], ratio: bool = False) -> Estimate | None:
    return mean_interval(values, ratio=ratio) if values else None


def _cost(row: Row, full: Row) -> float:
    """In epochs on all data at the speed that the machine had then  [4]."""
    return _spent(row, "cpu") / float(row.get(ONE) or _an_epoch(full))


def _ratio(full: Row, row: Row, clock: str) -> float:
    return _spent(full, clock) / _spent(row, clock)


def _an_epoch(row: Row) -> float:
    return _spent(row, "cpu") / float(row["epochs_trained"])


def _spent(row: Row, clock: str) -> float:
    return float(row[f"{clock}_seconds"] + row["fit_cpu_seconds"])


def named(rival: Rival) -> str:
    """A rival in words."""
    name, targets, redraw = rival
    return f"{name} {targets}" + (" redrawn" if redraw else "")


def or_none(value: float) -> float | None:
    """Two digits, or None of what is not finite."""
    return round(float(value), 2) if np.isfinite(value) else None
