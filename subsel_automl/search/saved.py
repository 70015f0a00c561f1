"""What an architecture search cost and saved, as one trial of an account.

An epoch on s of n examples stands for one on all n; epochs of a given number of steps would take as
long on all data. Judging cells on the pool's validation examples is validation; what a search
judges on a half of its subset is training, since that half would grow with the subset.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.summary import SearchSummary
from ..hosting.account import SearchAccount
from ..hosting.bill import facts_of
from .result import SearchResult
from .run import Run

HOST = "architecture search"


def bill_of(run: Run, key: str, fixed_steps: bool) -> dict[str, Any]:
    """The whole search's bill, in the words of `SubsetSession.bill`."""
    costs, n = run.costs, len(run.pool)
    seen = sum(one["examples"] for one in run.curve)
    bill: dict[str, Any] = {
        **facts_of(run.feed, run.feed.budget.resolve(n)),
        "lessons": run.lessons,
        "architecture_key": key,
        "gb_minutes": 0.0,
        "examples": seen,
        "full_examples": seen if fixed_steps else n * len(run.curve),
    }
    parts = ("select", "refresh", "evaluate")
    for unit in ("seconds", "cpu_seconds"):
        bill |= {f"{part}_{unit}": costs[f"{part}_{unit}"] for part in parts}
        apart = sum(costs[f"{part}_{unit}"] for part in parts)
        bill[f"train_{unit}"] = max(0.0, costs[unit] - apart)
    return bill


def summed(
    found: SearchResult, run: Run, fixed_steps: bool, ledger: Path | str | None = None
) -> SearchResult:
    """The result with its summary; a ledger file gets the bill too, once a search and seed."""
    account = SearchAccount(f"{found.search}-{run.seed}", ledger, HOST)
    account.prepared(run.feed.provider)
    account.charge(
        bill_of(run, found.architecture.key, fixed_steps),
        f"seed {run.seed}",
        found.architecture.key,
        config=found.genotype,
        value=found.notes.get("accuracy"),
        metric="accuracy",
        state="complete",
    )
    summary = _candidates(account.summary(), found)
    account.close()
    return replace(found, summary=summary)


def _candidates(summary: SearchSummary, found: SearchResult) -> SearchSummary:
    """A search by short trainings made as many trials as it judged cells."""
    count = len(found.notes.get("candidates", ())) or 1
    return replace(summary, trials=count, states={"complete": count})
