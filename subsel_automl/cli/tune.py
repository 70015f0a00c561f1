"""`subsel tune`: a Ray Tune search whose every trial trains on the subset of its architecture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    from ..catalog import dataset
    from ..core.errors import UnknownName
    from ..training.zoo import LITE
    from .searching import begin, unseen_architecture

    if searcher not in SEARCHERS:
        raise UnknownName("searcher", searcher, SEARCHERS)
    record = bundle_record(bundle)
    space = space_of(bundle)
    cell = (
        unseen_architecture(space, seed)
        if architecture is None
        else architecture_of(space, architecture)
    )
    settings = {
        "budget": budget_of(budget).size,
        "epochs": epochs,
        "samples": samples,
        "seed": seed,
        "searcher": searcher,
        "targets": targets,
        "redraw_every": redraw_every,
        "sizes": record["made"].get("zoo", {}).get("sizes", LITE),
    }
    names = {"provider": provider, "bundle": bundle, "architecture": cell.key}
    splits = dataset(data or record["pool"])
    chooser = provider_of(provider, bundle, None, splits)
    begin(out, {**settings, **names, "data": splits.train.name}, resume)
    with output.going_on("the same command with --resume goes on from there"):
        outcome = _run(out, chooser, space, cell, record, settings)
    shown = {"out": str(out), **names, **outcome}
    if json:
        output.emit(shown)
        return
    output.table(f"search of {cell.key}", ("what", "value"), shown.items())
    output.note(f"a page of it: subsel report report.html --run {out}")


def _run(
    out: Path,
    chooser: Any,
    space: Any,
    cell: Any,
    record: dict[str, Any],
    settings: dict[str, Any],
) -> dict[str, Any]:
    from ..core.files import write_json
    from ..core.ledger import AmortizationLedger
    from ..core.provider import Needs
    from ..report.run_folder import FACTS, LEDGER
    from ..subselnet.preparation import charge_preparation
    from .searching import searched

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
    return searched(out, chooser, space, cell, settings)
