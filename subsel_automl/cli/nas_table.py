"""`subsel nas ... --objective table`: a search that asks a table of accuracies, in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..search.by_trials import ByTrials
    from ..search.objective import TableObjective
    from ..search.queries import Asked

QUERIES = 150


def on_table(
    search: str,
    space: str,
    options: Mapping[str, Any],
    *,
    noise: float,
    seed: int,
    out: Path | None,
    resume: bool,
    told: bool,
) -> dict[str, Any]:
    """The search's result in JSON's types.

    Args:
        options: of the search; without `queries` it asks 150.
        told: show a bar.

    Raises:
        BadInput: a search that trains a supernet; a space without a table. MissingData: the table
            is not there.
    """
    chosen = _chosen(search, {"queries": QUERIES, **options})
    objective = objective_of(space, noise, seed)
    about = {"folder": out, "resume": resume, "seed": seed}
    if out is not None:
        from ..report.run_folder import LEDGER

        about["ledger"] = out / LEDGER
    if told:
        with (
            output.progress(f"{search} on the table of {space}") as bar,
            output.going_on("the same command with --resume goes on from there"),
        ):
            found = chosen.query(objective, progress=bar, **about)
    else:
        found = chosen.query(objective, **about)
    return shown_of(found, objective)


def _chosen(search: str, options: Mapping[str, Any]) -> ByTrials:
    from ..catalog import SEARCHES, search_class
    from ..core.errors import BadInput
    from ..search.by_trials import ByTrials

    kind = search_class(search)
    if not issubclass(kind, ByTrials):
        able = ", ".join(one for one in SEARCHES if issubclass(search_class(one), ByTrials))
        raise BadInput(
            f"search {search!r} trains a supernet and asks no table; those that do: {able}"
        )
    return kind(**options)


def objective_of(space: str, noise: float, seed: int) -> TableObjective:
    """The table of a space, read with noise.

    Raises:
        BadInput: no table of that space. MissingData: it is not there.
    """
    from ..core.errors import BadInput
    from ..search.objective import TableObjective
    from ..spaces.tables import Nasbench101Table, Nasbench201Table

    tables = {"nasbench101": Nasbench101Table, "nasbench201": Nasbench201Table}
    if space not in tables:
        raise BadInput(f"space {space!r} has no table; those that do: {', '.join(tables)}")
    return TableObjective(tables[space](), noise, seed)


def shown_of(found: Asked, objective: TableObjective) -> dict[str, Any]:
    """What was found, what it is worth, and the way there."""
    from ..search.spelling import spelled

    best = found.best
    incumbents = found.incumbents()
    shown: dict[str, Any] = output.plain(
        {
            "search": found.search,
            "space": best.space,
            **objective.about(),
            "seed": found.seed,
            "key": best.key,
            "genotype": spelled(best),
            "queries": len(found.asked),
            "read_percent": round(100 * found.value, 4),
            "test_percent": round(100 * objective.truth(best), 4),
            "regret": round(objective.regret(best), 4),
            "regrets": [round(objective.regret(one), 4) for one in incumbents],
            "asked": [one.architecture.key for one in found.asked],
            "summary": None if found.summary is None else found.summary.as_dict(),
        }
    )
    return shown


def said(shown: Mapping[str, Any]) -> None:
    """As a table."""
    apart = ("regrets", "asked", "summary")
    rows = [(name, value) for name, value in shown.items() if name not in apart]
    output.table(f"{shown['search']} on the table of {shown['space']}", ("what", "value"), rows)
