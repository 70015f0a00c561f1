"""A trial's bill: what it says beside its seconds, and how it is written into a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.classes import NOTES
from ..core.feed import SubsetFeed
from ..core.ledger import AmortizationLedger
from ..core.plain import plain
from .clock import STAGES

FACTS = (  # of a bill, that a report keeps
    "provider",
    "budget",
    "subset_size",
    "pool",
    "pool_size",
    "targets",
    "redraw_every",
    "learns",
    "lessons",
    "untaught",
    "classes",
    "last_training",
)
OF_TRIALS = ("budget", "subset_size", "redraw_every", "targets")  # the winner's last has others
SHOWN = 8  # classes that a note names


def facts_of(feed: SubsetFeed, size: int) -> dict[str, Any]:
    """What a trial trains on, in plain values."""
    provider, pool = feed.provider, feed.provider.pool
    return {
        "provider": provider.name,
        "subset_size": size,
        "budget": feed.budget.size,
        "pool": pool.name,
        "pool_size": len(pool),
        "targets": feed.targets,
        "redraw_every": feed.redraw_every,
        "learns": provider.learns,
        "classes": _classes(feed),
    }


def _classes(feed: SubsetFeed) -> str:
    """What the subset of now did to the pool's classes, in one line; "" when nothing."""
    notes = {} if feed.subset is None else feed.subset.provenance.notes
    said = []
    for name in NOTES:
        value = notes.get(name)
        if name == "prior_changed" and value:
            said.append(f"a class's share changed by {100 * float(value):.1f} points")
        elif value:
            told = ", ".join(str(one) for one in list(value)[:SHOWN])
            more = f" and {len(value) - SHOWN} more" if len(value) > SHOWN else ""
            what = "no example" if name == "empty_classes" else "none in the subset"
            said.append(f"{what} of {told}{more}")
    return "; ".join(said)


def charge_bill(
    ledger: AmortizationLedger,
    search: str,
    trial: str,
    event: str,
    bill: Mapping[str, Any],
    **told: Any,
) -> None:
    """Write a trial's bill down: one query an architecture of a search, however many trials try
    settings of it, one event a stage that ran, and one report; the same event again changes
    nothing.

    Args:
        search, trial: their names.
        event: of this bill; stages are told apart by their names behind it.
        bill: of `SubsetSession.bill`, or a report that holds one.
        told: facts that the host adds: host, config, metric, mode, value, state.
    """
    key = bill["architecture_key"]
    ledger.asked(key, event=f"{search}/{key}/asked")
    for stage in STAGES:
        part = stage.lower()
        seconds, cpu_seconds = bill[f"{part}_seconds"], bill[f"{part}_cpu_seconds"]
        if seconds or cpu_seconds:
            ledger.record(
                stage,
                seconds,
                cpu_seconds=cpu_seconds,
                gb_minutes=bill["gb_minutes"] if stage == "TRAIN" else 0.0,
                architecture_key=key,
                event=f"{event}/{stage}",
                trial=trial,
            )
    apart = OF_TRIALS if bill.get("last_training") else ()
    facts = {name: bill[name] for name in FACTS if name in bill and name not in apart} | told
    ledger.report(
        search,
        trial,
        event=event,
        examples=plain(bill.get("examples")) or 0.0,
        full_examples=plain(bill.get("full_examples")) or 0.0,
        facts=plain(facts),
    )
