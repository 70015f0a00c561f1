"""`subsel list`: the names that other commands take."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from . import output
from .output import Json

app = output.command()
KINDS = (
    "providers",
    "spaces",
    "searches",
    "datasets",
    "bundles",
    "encoders",
    "predictors",
    "curve-predictors",
)


@app.command()
def names(
    kind: Annotated[str | None, typer.Argument(help=" | ".join(KINDS))] = None,
    json: Json = False,
) -> None:
    """Names that can be typed: providers, spaces, searches, data sets, bundles, encoders, ..."""
    from ..core.errors import UnknownName

    if kind is not None and kind not in KINDS:
        raise UnknownName("list", kind, KINDS)
    found = {name: _rows(name) for name in KINDS if kind in (None, name)}
    if json:
        output.emit(found)
        return
    for name, rows in found.items():
        columns = list(rows[0]) if rows else ["name"]
        output.table(name, columns, [[row[column] for column in columns] for row in rows])


def _rows(kind: str) -> list[dict[str, Any]]:
    from .. import catalog

    if kind == "providers":
        return [_provider(name) for name in catalog.provider_names()]
    if kind == "bundles":
        from ..subselnet.bundle import shipped_names

        return [_bundle(name) for name in shipped_names()]
    if kind == "searches":
        return _sourced({name: catalog.search_class(name) for name in catalog.SEARCHES})
    if kind == "predictors":
        return _sourced({name: catalog.predictor_class(name) for name in catalog.predictor_names()})
    if kind == "curve-predictors":
        names = catalog.curve_predictor_names()
        return _sourced({name: catalog.curve_predictor_class(name) for name in names})
    table = {
        "spaces": {name: f"spaces.{at}" for name, at in catalog.SPACES.items()},
        "datasets": catalog.DATASETS,
        "encoders": {name: f"encoders.{at}" for name, at in catalog.ENCODERS.items()},
    }[kind]
    return [{"name": name, "what": _first_line(catalog._load(at))} for name, at in table.items()]


def _sourced(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "what": _first_line(kind), "source": kind.source}
        for name, kind in found.items()
    ]


def _provider(name: str) -> dict[str, Any]:
    from ..catalog import provider_class

    kind = provider_class(name)
    return {
        "name": name,
        "needs": _needs(kind.needs),
        "adaptive": kind.refresh_every > 0,
        "refresh_every": kind.refresh_every,
        "warm_epochs": kind.warm_epochs,
        "cost": kind.cost,
        "drawn": kind.drawn,
        "source": kind.source,
    }


def _needs(needs: Any) -> str:
    """In words: "labels" are those of any task, "classes" labels that are classes."""
    from ..core.provider import Needs

    said = {Needs.CLASSES: "classes"} if Needs.CLASSES in needs else {Needs.TARGETS: "labels"}
    others = ("VALIDATION", "IMAGES", "ARCHITECTURE", "ZOO", "PROBE")
    words = said | {Needs[name]: name.lower() for name in others}
    return ", ".join(word for need, word in words.items() if need in needs) or "nothing"


def _bundle(name: str) -> dict[str, Any]:
    from .arguments import bundle_record

    record = bundle_record(name)
    return {"name": name, "pool": record["pool"], "networks": len(record["training_keys"])}


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]
