"""Which of DataLoader's options a SubsetLoader takes, and what it says of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from .sampler import ORDERS

REFUSED = {  # what DataLoader takes and a subset decides
    "shuffle": "every epoch is shuffled anew; order='pool' keeps the order of the rows",
    "sampler": "the feed draws which examples an epoch has; weigh them with a provider",
    "batch_sampler": "the feed draws which examples an epoch has; give batch_size and drop_last",
    "in_order": "batches come in the order in which they were drawn",
}

WORKERS = (
    "num_workers",
    "pin_memory",
    "timeout",
    "worker_init_fn",
    "multiprocessing_context",
    "prefetch_factor",
    "persistent_workers",
    "pin_memory_device",
)
TAKEN = ("batch_size", "drop_last", "collate_fn", "generator", *WORKERS)


def refuse(options: Mapping[str, Any], batch_size: Any, order: str) -> None:
    """Raise BadInput for an option that cannot be taken, by name and with what to do."""
    for name in options:
        if name in REFUSED:
            raise BadInput(f"SubsetLoader takes no {name}: {REFUSED[name]}")
        if name not in WORKERS:
            raise BadInput(
                f"SubsetLoader takes no {name}; of DataLoader's options it takes {', '.join(TAKEN)}"
            )
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise BadInput(f"batch_size is {batch_size!r}; give a whole number from 1")
    if order not in ORDERS:
        raise BadInput(f"order is {order!r}; give one of {', '.join(ORDERS)}")


def asks_for_weights(feed: SubsetFeed) -> str:
    """What is said where weights come and nobody asked for them."""
    who = "prior='keep'" if feed.prior == "keep" else f"provider {feed.provider.name!r}"
    return (
        f"{who} weighs its examples; make the loader with with_weights=True and weigh "
        "the losses: for x, y, w in loader"
    )
