"""An architecture search on subsets by name: DARTS and its relatives; the subset follows the cell.

found = search("darts", "nasbench201", pool, subset="random", budget=0.1, epochs=20)
found.genotype, found.collapsed, found.costs["cpu_seconds"]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .catalog import provider, search_class
from .core.budget import Budget
from .core.errors import BadInput
from .core.feed import SoftTargets, SubsetFeed
from .core.pool import Pool
from .core.provider import SubsetProvider
from .search.base import Progress, Search
from .search.by_trials import ByTrials
from .search.queries import Many
from .search.result import SearchResult


def search(
    name: str,
    space: str,
    pool: Pool,
    *,
    subset: str | SubsetProvider = "random",
    budget: Budget | int | float = 0.1,
    seed: int = 0,
    targets: str = "labels",
    soft: SoftTargets | None = None,
    redraw_every: int | None = None,
    folder: Path | str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    ledger: Path | str | None = None,
    at_once: int = 1,
    many: Many | None = None,
    **options: Any,
) -> SearchResult:
    """Find a cell.

    Args:
        name: of `catalog.SEARCHES`.
        space: "nasbench201" or "darts"; of a search by queries any of `catalog.SPACES`.
        pool: with images and labels.
        subset: a provider's name, or a provider that is fitted on the pool.
        budget: examples an epoch, weight and architecture half together.
        targets, soft, redraw_every: see `SubsetFeed`.
        folder: keeps a checkpoint of every epoch; `resume` goes on from it.
        ledger: a file that is charged with the search; `found.summary` says what was saved.
        at_once, many: of a search by queries: trainings that run together, and what runs them.
        options: of the search (epochs, channels, cells, ...).

    Raises:
        UnknownName: no such search, space or provider.
        BadInput: options that the search does not take, or out of range; a provider of another
            pool.
        MissingNeed: what the provider or the search needs is not there.
    """
    chosen, chooser = _made(name, options), _fitted(subset, pool)
    feed = SubsetFeed(
        chooser, budget, seed=seed, redraw_every=redraw_every, targets=targets, soft=soft
    )
    kept: dict[str, Any] = {
        "folder": folder, "resume": resume, "progress": progress, "ledger": ledger
    }  # fmt: skip
    if isinstance(chosen, ByTrials):
        return chosen.run(space, feed, seed=seed, at_once=at_once, many=many, **kept)
    if at_once != 1 or many is not None:
        raise BadInput(f"search {name!r} trains one supernet; `at_once` is for searches by queries")
    return chosen.run(space, feed, seed=seed, **kept)


def _made(name: str, options: dict[str, Any]) -> Search | ByTrials:
    kind = search_class(name)
    try:
        return kind(**options)
    except TypeError as error:
        raise BadInput(f"search {name!r} refused options {sorted(options)}: {error}") from error


def _fitted(subset: str | SubsetProvider, pool: Pool) -> SubsetProvider:
    if isinstance(subset, str):
        return provider(subset).fit(pool)
    if subset.pool.fingerprint != pool.fingerprint:
        raise BadInput(
            f"provider {subset.name!r} was fitted on pool {subset.pool.name!r}, not on the given "
            f"{pool.name!r}; fit it on the pool that is searched on"
        )
    return subset
