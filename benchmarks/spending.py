"""Claims about how a search spends its budget and what knowing an architecture adds, and what their
rows say in the README's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.standing import Claim

Measured = Mapping[str, Any]
SPENDING = (
    Claim(
        "trial-table",
        "trials of 48 configurations on four problems: no cell missing, the truth's seeds "
        "agree with tau 0.8",
        "trial_table.claim:measure",
    ),
    Claim(
        "plan",
        "regret of 0.5 points 10 times cheaper than training all; 2 times cheaper than any "
        "scheduler at 3 to 12 full trainings, on every problem (simulated)",
        "plan.claim:measure",
    ),
    Claim(
        "plan-real",
        "Optuna studies that train, two problems, five searches each: our plan's regret at most "
        "0.5 points, whole interval; 2 times cheaper than any pruner for as much",
        "plan.runs:measure",
        rows=("plan_real.jsonl",),
    ),
    Claim(
        "guard",
        "the default on clean, noisy, imbalanced, tabular data: no mode clearly better, at most "
        "0.5 points below random-per-class redrawn; on wrong labels 2 above all data, whole "
        "intervals",
        "guard.claim:measure",
        rows=("guard.jsonl",),
    ),
    Claim(
        "tune-new-data",
        "subsel tune on digits as npz, folder of images, table: default plan, a line of advice, "
        "summary, winner's weights, in 180 s each",
        "hosts.new_data:measure",
    ),
    Claim(
        "taught",
        "the search's trials as teachers of a full training, guarded: nowhere clearly below "
        "labels; networks weaker than their teachers 1 point better on CIFAR-10 sprites, whole "
        "interval",
        "taught.claim:measure",
        rows=("taught.jsonl", "taught_family.jsonl"),
    ),
    Claim(
        "architecture-matters",
        "where choosing or teaching by a network's own answers is clearly better than by the mean "
        "of other networks', g_beta keeps at least half of that; no cell missing",
        "architecture_matters.claim:measure",
        rows=("architecture_matters.jsonl",),
    ),
)


def estimate(found: Measured | None, form: str = "+.2f") -> str:
    """Value and its interval of 95 %."""
    if found is None:
        return "not run"
    low, high = ("unknown" if x is None else format(x, form) for x in found["interval"])
    return f"{found['value']:{form}} ({low} to {high})"


def plan_of_rungs(m: Measured) -> str:
    scheduler = m["times_cheaper_than_the_best_scheduler"]
    least = {total: min(by.values()) for total, by in scheduler.items()}
    adds = "; ".join(f"{k} {estimate(one)}" for k, one in m["what_subsets_add"].items())
    return (
        "than all: "
        + ", ".join(f"{name} {one} times" for name, one in m["times_cheaper_than_all"].items())
        + "; than the best scheduler, on the worst problem: "
        + ", ".join(f"{one} times at {total}" for total, one in least.items())
        + f"; points of regret that subsets save at 5: {adds or 'not run'}"
    )


def plan_for_real(m: Measured) -> str:
    return "; ".join(
        f"{name}, {one['searches']} searches: regret "
        f"{estimate(one['arms']['rungs, guarded at 10 %']['regret'], '.2f')} at "
        f"{one['arms']['rungs, guarded at 10 %']['cost']} full trainings, "
        f"{one['times_cheaper_than_all']} times cheaper than all, "
        f"{one['times_cheaper_than_the_best_rival']} times than the best rival; subsets save "
        f"{estimate(one['what_subsets_add'])}"
        for name, one in m["problems"].items()
    )


def guarded(m: Measured) -> str:
    each = "; ".join(
        f"{name}: {one['accuracy']['guarded']} %, less random-per-class redrawn "
        f"{estimate(one['less']['random-per-class redrawn'])}, less all data "
        f"{estimate(one['less']['all data'])}"
        for name, one in m["problems"].items()
    )
    behind = ", ".join(m["clearly_behind_the_best_mode"]) or "none"
    return f"{each}; clearly behind the best mode on: {behind}"


def new_data(m: Measured) -> str:
    return "; ".join(
        f"{name}: {one['seconds']} s, winner {one.get('winner_accuracy', 0):.3f}"
        for name, one in m["runs"].items()
    )


def teachers(m: Measured) -> str:
    return "; ".join(
        f"{name}: "
        + ", ".join(f"{place} {estimate(gain)}" for place, gain in one["guarded"].items())
        + " ("
        + ", ".join(f"{estimate(gain)}" for gain in one["soft"].values())
        + " unguarded)"
        for name, one in {**m["kinds"], **m["gains"]}.items()
    )


def table_of_trials(m: Measured) -> str:
    return "; ".join(
        f"{name}: {one['trials']:,} trials, {one['missing']:,} missing, {one['cpu_seconds']:,} CPU "
        f"s, tau {one['seeds_agree']}"
        for name, one in m["problems"].items()
    )


def worth_of_architecture(m: Measured) -> str:
    leads = "; ".join(
        f"{name}: {estimate(one['oracle'])}, {estimate(one['g_beta'])}"
        for name, one in m["regimes"].items()
    )
    return f"{m['sentence']}; own answers and g_beta's over the mean, points: {leads}"


WORDS = {
    "trial-table": table_of_trials,
    "plan": plan_of_rungs,
    "plan-real": plan_for_real,
    "guard": guarded,
    "taught": teachers,
    "tune-new-data": new_data,
    "architecture-matters": worth_of_architecture,
}
