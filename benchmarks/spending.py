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
