"""`subsel tune`: a Ray Tune search whose every trial trains on the subset of its architecture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import (
    BUNDLE,
    ArchitectureText,
    BundleName,
    DataName,
    ProviderName,
    Seed,
    Targets,
    architecture_of,
    budget_of,
    bundle_record,
    provider_of,
    space_of,
)
from .output import Json

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..core.provider import SubsetProvider

app = output.command()
SEARCHERS = ("hyperopt", "optuna")


@app.command()
def tune(
    out: Annotated[Path, typer.Option(help="Folder of the run.")],
    architecture: ArchitectureText = None,
    bundle: BundleName = BUNDLE,
    provider: ProviderName = "subselnet",
    data: DataName = None,
    budget: Annotated[str, typer.Option(help="A count, or a fraction with a point.")] = "0.1",
    samples: Annotated[int, typer.Option(min=1, help="Trials.")] = 12,
    epochs: Annotated[int, typer.Option(min=1, help="Most epochs of a trial.")] = 8,
    searcher: Annotated[str, typer.Option(help=" | ".join(SEARCHERS))] = "hyperopt",
    targets: Targets = "labels",
    redraw_every: Annotated[
        int, typer.Option(min=0, help="Epochs between fresh draws; 0 keeps one subset.")
    ] = 0,
    seed: Seed = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    json: Json = False,
) -> None:
    """Search the optimizer of an architecture; every trial trains on its subset."""
    settings = {
        "budget": budget_of(budget).size,
        "epochs": epochs,
        "samples": samples,
        "seed": seed,
        "searcher": searcher,
        "targets": targets,
        "redraw_every": redraw_every,
    }
    shown = _searched(out, (provider, bundle, data), architecture, settings, resume)
    if json:
        output.emit(shown)
        return
    output.table(f"search of {shown['architecture']}", ("what", "value"), shown.items())
    output.note(f"a page of it: subsel report report.html --run {out}")


def _searched(
    out: Path,
    names: tuple[str, str, str | None],
    architecture: str | None,
    settings: dict[str, Any],
    resume: bool,
) -> dict[str, Any]:
    """Load what was named, begin or go on with the run, search."""
    from ..catalog import dataset
    from ..core.errors import UnknownName
    from ..training.zoo import LITE
    from .searching import begin, searched, unseen_architecture

    if settings["searcher"] not in SEARCHERS:
        raise UnknownName("searcher", settings["searcher"], SEARCHERS)
    provider, bundle, data = names
    record, space = bundle_record(bundle), space_of(bundle)
    if architecture is None:
        cell = unseen_architecture(space, settings["seed"])
    else:
        cell = architecture_of(space, architecture)
    settings = {**settings, "sizes": record["made"].get("zoo", {}).get("sizes", LITE)}
    splits = dataset(data or record["pool"])
    chooser = provider_of(provider, bundle, None, splits)
    about = {"provider": provider, "bundle": bundle, "architecture": cell.key}
    begin(out, {**settings, **about, "data": splits.train.name}, resume)
    _noted(out, chooser, cell, record, settings)
    with output.going_on("the same command with --resume goes on from there"):
        return {"out": str(out), **about, **searched(out, chooser, space, cell, settings)}


def _noted(
    out: Path,
    chooser: SubsetProvider,
    cell: Architecture,
    record: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    """The run's facts, and what was spent before it."""
    from ..core.files import write_json
    from ..core.ledger import AmortizationLedger
    from ..core.provider import Needs
    from ..report.run_folder import FACTS, LEDGER
    from ..subselnet.preparation import charge_preparation

    pool = chooser.pool
    facts = {
        "title": f"Search of {cell.key[:8]} on {pool.name}",
        "pool": f"{pool.name}, {len(pool):,} examples",
        "provider": chooser.name,
        **{name: value for name, value in settings.items() if name != "sizes"},
    }
    write_json(out / FACTS, facts)
    if Needs.ZOO in chooser.needs:
        ledger = AmortizationLedger(out / LEDGER)
        charge_preparation(ledger, record)
        ledger.close()
