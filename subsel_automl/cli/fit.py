"""`subsel fit`: SubSelNet learned from a zoo, saved as a bundle."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import Seed
from .output import Json

if TYPE_CHECKING:
    from ..core.pool import Pool
    from ..subselnet.model import SubSelNetModel
    from ..subselnet.policy import Policy
    from ..subselnet.temperatures import Choices
    from ..zoo.store import DiskZoo

app = output.command()
TUNING_STEPS = {0.005: 100, 0.02: 200, 0.1: 400}  # budget -> steps of a trial


@app.command()
def fit(
    dataset: Annotated[str, typer.Argument(help="See `subsel list datasets`.")],
    zoo: Annotated[Path, typer.Argument(help="Folder of `subsel zoo build`.")],
    out: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    tune: Annotated[
        bool, typer.Option("--tune", help="Choose temperatures on the validation networks.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the pool.")] = 10,
    encoder: Annotated[
        str,
        typer.Option(
            help="auto, a name of `subsel list encoders`, or a folder of `subsel encode`."
        ),
    ] = "auto",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Fit SubSelNet to a zoo and save it as a bundle."""
    from ..catalog import dataset as load
    from ..subselnet.temperatures import Choices
    from ..zoo.store import DiskZoo

    pool = load(dataset).train
    read = DiskZoo(zoo, pool)
    choices = Choices()
    with output.stdout_kept():
        model, policy, made = fitted(pool, read, epochs, seed, encoder)
        if tune:
            choices = _tuned(pool, read, model, policy)
    saved(out, model, policy, choices, {**made, "tuned": tune})
    shown = {"out": str(out), **made, "tuned": tune}
    if json:
        output.emit({**shown, "choices": [vars(row) for row in choices.rows]})
        return
    shown.pop("zoo")
    output.table(f"bundle {out}", ("what", "value"), shown.items())


def fitted(
    pool: Pool, zoo: DiskZoo, epochs: int, seed: int, encoder: str = "auto"
) -> tuple[SubSelNetModel, Policy | None, dict[str, Any]]:
    """Model, sampler, and how they were made."""
    from ..core.ledger import AmortizationLedger
    from ..encoders.choose import choose_encoder
    from ..subselnet.pipeline import fold, train_pipeline

    chosen = choose_encoder(fold(zoo, "training"), encoder)
    ledger, began = AmortizationLedger(None), time.perf_counter()
    with output.progress("epochs") as told:
        model, policy = train_pipeline(
            pool, zoo, encoder=chosen, seed=seed, epochs=epochs, ledger=ledger, progress=told
        )
    report = model.report
    assert report is not None
    held = bool(report.validation)
    folds = {role: fold(zoo, role) for role in ("training", "validation")}
    used = {a.key for architectures in folds.values() for a in architectures}
    records = [record for record in zoo.records.values() if record["key"] in used]
    made = {
        "networks": len(folds["training"]),
        "validation_networks": len(folds["validation"]),
        "encoder": model.encoder.kind,
        "zoo": dict(zoo.manifest["settings"]),
        "zoo_seconds": sum(record["seconds"] for record in records),
        "zoo_cpu_seconds": sum(record["cpu_seconds"] for record in records),
        "fit_seconds": time.perf_counter() - began,
        "fit_cpu_seconds": ledger.cpu_seconds,
        "kl_validation": report.validation[report.best_epoch] if held else None,
        "kl_validation_zoo_mean": report.zoo_mean_validation if held else None,
        "seed": seed,
        "epochs": epochs,
    }
    return model, policy, made


def saved(
    out: Path,
    model: SubSelNetModel,
    policy: Policy | None,
    choices: Choices,
    made: dict[str, Any],
) -> None:
    """The bundle on disk."""
    from ..subselnet.bundle import save_bundle

    save_bundle(out, model, choices, policy, output.plain(made))


def _tuned(pool: Pool, zoo: DiskZoo, model: SubSelNetModel, policy: Policy | None) -> Choices:
    """Temperatures, chosen by short trials of the zoo's validation architectures."""
    from ..catalog import search_space
    from ..core.errors import BadInput
    from ..subselnet.pipeline import fold
    from ..subselnet.transductive import SubSelNet
    from ..subselnet.tuning import tune
    from ..training.recipes import Recipe

    architectures = fold(zoo, "validation")
    if not architectures:
        raise BadInput(f"zoo {zoo.folder} has no validation network to tune on; build some")
    with output.progress("tuning trials") as told:
        return tune(
            SubSelNet.from_model(model, pool, policy=policy),
            search_space(architectures[0].space),
            architectures,
            Recipe(),
            sizes=zoo.manifest["settings"]["sizes"],
            steps=TUNING_STEPS,
            progress=told,
        )
