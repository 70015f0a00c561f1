"""What a search by queries cost and saved: every query is a trial of its account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.summary import SearchSummary
from ..hosting.account import SearchAccount
from ..hosting.clock import STAGES
from .objective import Answer, Objective
from .prior import Metered

if TYPE_CHECKING:
    from .queries import Query

HOST = "architecture search"
APART = ("select", "refresh", "evaluate")
UNITS = ("seconds", "cpu_seconds")


def summed(
    search: str,
    seed: int,
    objective: Objective,
    asked: Sequence[Query],
    ledger: Path | str | None = None,
    prior: Metered | None = None,
) -> SearchSummary:
    """The summary of a search's queries; a ledger file gets each of them once, and what was
    foretold."""
    account = SearchAccount(f"{search}-{seed}", ledger, HOST)
    try:
        if objective.provider is not None:
            account.prepared(objective.provider)
        with account.ledger.together():
            if prior is not None:
                prior.charge(account.ledger, account.name)
            for place, one in enumerate(asked):
                account.charge(
                    bill_of(objective, one.answer, one.architecture.key),
                    f"query {place + 1}",
                    one.architecture.key,
                    config={"key": one.architecture.key},
                    value=one.value,
                    metric="accuracy",
                    state="complete",
                )
        return account.summary()
    finally:
        account.close()


def bill_of(objective: Objective, answer: Answer, key: str) -> dict[str, Any]:
    """In the words of `SubsetSession.bill`; training is what is left of the answer's seconds."""
    costs: Mapping[str, float] = answer.costs
    bill: dict[str, Any] = {f"{stage.lower()}_{unit}": 0.0 for stage in STAGES for unit in UNITS}
    for unit in UNITS:
        for part in APART:
            bill[f"{part}_{unit}"] = costs.get(f"{part}_{unit}", 0.0)
        apart = sum(bill[f"{part}_{unit}"] for part in APART)
        bill[f"train_{unit}"] = max(0.0, costs.get(unit, 0.0) - apart)
    return {
        **bill,
        **objective.facts(answer),
        "lessons": int(answer.lesson),
        "untaught": answer.untaught,
        "architecture_key": key,
        "gb_minutes": 0.0,
    }
