"""`subsel tune`: a Ray Tune search whose every trial trains on the subset of its architecture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import (
    BUNDLE,
    ArchitectureText,
    BundleOrModel,
    DataName,
    ModelName,
    ProviderOrDefault,
    Seed,
    Targets,
    budget_of,
)
from .output import Json

if TYPE_CHECKING:
    from .searching import Subject

app = output.command()
SEARCHERS, PLANS = ("hyperopt", "optuna"), ("rungs", "asha", "none")
FINALS = ("labels", "taught", "none")


@app.command()
def tune(
    out: Annotated[Path, typer.Option(help="Folder of the run.")],
    architecture: ArchitectureText = None,
    model: ModelName = None,
    bundle: BundleOrModel = None,
    provider: ProviderOrDefault = None,
    data: DataName = None,
    budget: Annotated[str, typer.Option(help="A count, or a fraction with a point.")] = "0.1",
    samples: Annotated[int, typer.Option(min=1, help="Trials.")] = 12,
    epochs: Annotated[
        int, typer.Option(min=1, help="Of a full training on all data; with asha, of a trial.")
    ] = 8,
    plan: Annotated[
        str | None,
        typer.Option(
            help=" | ".join(PLANS) + ": short trials first, the best anew for longer (usual); or "
            "trials of --epochs under ASHA, or under no schedule (usual with --stopper)"
        ),
    ] = None,
    stopper: Annotated[
        str | None,
        typer.Option(help="last | lcsvr | wpm | ...: stops trials of --epochs by their curves."),
    ] = None,
    total: Annotated[
        float | None, typer.Option(help="Full trainings that the rungs may cost.")
    ] = None,
    searcher: Annotated[str, typer.Option(help=" | ".join(SEARCHERS))] = "hyperopt",
    targets: Targets = "labels",
    redraw_every: Annotated[
        int | None,
        typer.Option(min=0, help="Epochs between fresh draws, usually 1; 0 keeps one subset."),
    ] = None,
    final: Annotated[
        str,
        typer.Option(
            help=" | ".join(FINALS) + ": how the winner is trained on all data at the end"
        ),
    ] = "labels",
    seed: Seed = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    json: Json = False,
) -> None:
    """Search the optimizer of an architecture, or of your own model; every trial trains on its
    subset."""
    settings = {
        "budget": budget_of(budget).size,
        "epochs": epochs,
        "samples": samples,
        "seed": seed,
        "searcher": searcher,
        "targets": targets,
        "redraw_every": redraw_every,
        **_plan(plan, total, samples, stopper),
    }
    from ..core.summary_text import block

    shown = _searched(out, (provider, bundle, data, model, architecture), settings, resume, final)
    if json:
        output.emit(shown)
        return
    summary = shown.pop("summary")
    output.table(f"search of {shown['architecture']}", ("what", "value"), shown.items())
    print(block(summary))
    output.note(f"a page of it: subsel report report.html --run {out}")


def _plan(
    plan: str | None, total: float | None, samples: int, stopper: str | None
) -> dict[str, Any]:
    """`total`: full trainings of the rungs, 0 for the usual number of them, None without rungs;
    `asha`, `stopper`: what ends trials of a whole length.

    Raises:
        UnknownName, BadInput: another plan; a total or a stopper that does not fit it; a total that
            is too small; no such predictor.
    """
    from ..budgeting.rule import plan_rungs
    from ..budgeting.stopping import StoppingRule
    from ..core.errors import BadInput, UnknownName

    chosen = plan or ("rungs" if stopper is None else "none")
    if chosen not in PLANS:
        raise UnknownName("plan", chosen, PLANS)
    if stopper is not None:
        StoppingRule(predictor=stopper)
        if chosen == "rungs":
            raise BadInput(
                "--stopper ends trials of a whole length, those of --plan rungs are short ones; "
                "give --plan none or asha, or no --stopper"
            )
    told = {"stopper": stopper, "asha": chosen == "asha"}
    if chosen != "rungs" or samples < 2:
        if total is not None:
            raise BadInput("--total is what rungs may cost; give --plan rungs and --samples from 2")
        return {**told, "total": None}
    if total is not None:
        plan_rungs(total, samples)
    return {**told, "total": total or 0.0}


def _searched(
    out: Path,
    names: tuple[str | None, ...],
    settings: dict[str, Any],
    resume: bool,
    final: str,
) -> dict[str, Any]:
    """Load what was named, begin or go on with the run, search, train the winner."""
    from ..core.errors import BadInput, UnknownName
    from ..report.run_folder import LEDGER
    from .ledger import saved
    from .searching import begin, searched
    from .winner import WEIGHTS, trained

    if settings["searcher"] not in SEARCHERS:
        raise UnknownName("searcher", settings["searcher"], SEARCHERS)
    if final not in FINALS:
        raise UnknownName("final training", final, FINALS)
    subject = _subject(*names, settings=settings)
    if final == "taught" and not subject.provider.learns:
        raise BadInput(
            f"provider {subject.provider.name!r} does not learn from trials, so that nobody could "
            "teach the winner; give --provider subselnet-online, or --final labels"
        )
    chooser, about = subject.provider, dict(subject.about)
    settings = {**settings, "sizes": subject.sizes}
    begin(out, {**settings, **about, "data": chooser.pool.name}, resume)
    _noted(out, subject, settings)
    with output.going_on("the same command with --resume goes on from there"):
        found = searched(out, chooser, subject.space, subject.cell, settings)
        if final != "none":
            won = trained(out, subject, found["best_config"], settings, final == "taught")
            found |= {"weights": str(out / WEIGHTS), "winner_accuracy": won["accuracy"]}
        return {"out": str(out), **about, **found, "summary": saved(out / LEDGER)}


def _subject(
    provider: str | None,
    bundle: str | None,
    data: str | None,
    model: str | None,
    architecture: str | None,
    *,
    settings: dict[str, Any],
) -> Subject:
    from ..core.errors import BadInput
    from .searching import cell_of_bundle, own_model

    if model is None:
        return cell_of_bundle(provider, bundle or BUNDLE, data, architecture, settings)
    if bundle is not None or architecture is not None:
        raise BadInput(
            "--model is a network of your own; --bundle and --architecture name a cell of a search "
            "space. Give either"
        )
    return own_model(provider, model, data, settings)


def _noted(out: Path, subject: Subject, settings: dict[str, Any]) -> None:
    """The run's facts, one line of advice, and what was spent before it."""
    from ..budgeting.guard import Guarded
    from ..core.files import write_json
    from ..core.ledger import AmortizationLedger
    from ..core.provider import Needs
    from ..report.run_folder import FACTS, LEDGER
    from ..subselnet.bundle import charge_preparation

    chooser, key = subject.provider, subject.cell.key
    pool = chooser.pool
    facts = {
        "title": f"Search of {subject.about.get('model') or key[:8]} on {pool.name}",
        "pool": f"{pool.name}, {len(pool):,} examples",
        "provider": chooser.name,
        **{name: value for name, value in settings.items() if name != "sizes"},
    }
    write_json(out / FACTS, facts)
    if isinstance(chooser, Guarded):
        output.note(
            f"advice: random per class, redrawn; {chooser.told()} (more: subsel advise --data ...)"
        )
    if Needs.ZOO in chooser.needs and subject.record is not None:
        ledger = AmortizationLedger(out / LEDGER)
        charge_preparation(ledger, dict(subject.record))
        ledger.close()
