"""`subsel demo`: the whole path on real images; run it again and it goes on where it stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import BUNDLE, SPACE, Seed, bundle_record, provider_of, space_of
from .demo_result import accuracy_rows, charge_final, final_training, percent, write_facts
from .output import Json, note

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..data.images import Splits
    from ..spaces.base import SearchSpace
    from ..subselnet.base import PredictingProvider

app = output.command()
DATA = ("fashion-mnist", "digits")
PAGE = "report.html"


@dataclass(frozen=True)
class Plan:
    """How long each part takes: trials, their epochs, epochs on all images, share of them."""

    samples: int
    epochs: int
    final_epochs: int
    budget: float


PLANS = {  # (data, quick); a tenth of the digits would be two batches
    ("fashion-mnist", False): Plan(12, 8, 3, 0.1),
    ("fashion-mnist", True): Plan(4, 3, 1, 0.1),
    ("digits", False): Plan(12, 24, 20, 0.3),
    ("digits", True): Plan(4, 12, 10, 0.3),
}


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("demo-out"),
    data: Annotated[str, typer.Option(help=" | ".join(DATA))] = DATA[0],
    quick: Annotated[bool, typer.Option("--quick", help="Fewer and shorter trials.")] = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """The whole path, from images to a report, in a few minutes; resumes by itself."""
    from ..core.errors import UnknownName
    from .searching import begin

    if data not in DATA:
        raise UnknownName("data set of the demo", data, DATA)
    plan = PLANS[data, quick]
    begin(out, {**vars(plan), "data": data, "seed": seed}, resume=True)
    with output.going_on("the same command goes on from there"):
        _walk(out, data, plan, seed, json)


def _walk(out: Path, data: str, plan: Plan, seed: int, json: bool) -> None:
    from .searching import searched, unseen_architecture

    began, splits = time.perf_counter(), _images(data)
    bundle = BUNDLE if data == DATA[0] else _own_bundle(out, splits)
    record, space = bundle_record(bundle), space_of(bundle)
    chooser = _chooser(bundle, record, splits)
    cell = unseen_architecture(space, seed)
    wall, cpu = _selection(out, chooser, space, cell, plan, seed)
    _spent_before(out, record, cell, wall, cpu)
    settings = {
        "budget": plan.budget,
        "epochs": plan.epochs,
        "samples": plan.samples,
        "seed": seed,
        "sizes": record["made"]["zoo"]["sizes"],
    }
    share = f"{percent(plan.budget)} of the images"
    note(f"[4/7] searching: {plan.samples} trials by TPE and ASHA, each on {share}")
    outcome = searched(out, chooser, space, cell, settings)
    note(f"      best {percent(outcome['best_accuracy'])} on validation: {outcome['best_config']}")
    final = final_training(out, outcome, splits, space, cell, settings, plan.final_epochs)
    _told(out, splits, record, cell, outcome, final, json, began)


def _images(data: str) -> Splits:
    from ..catalog import dataset
    from ..core.errors import MissingData

    try:
        splits = dataset(data)
    except MissingData as error:
        raise MissingData(f"{error}; or see the demo on digits: subsel demo --data digits") from (
            error
        )
    sizes = ", ".join(f"{len(pool):,}" for pool in (splits.train, splits.validation, splits.test))
    note(f"[1/7] {data}: {sizes} images to choose from, to validate, to test")
    return splits


def _own_bundle(out: Path, splits: Splits) -> str:
    """Digits come with no bundle: a tiny zoo is built and learned from, once."""
    from ..catalog import search_space
    from ..subselnet.bundle import RECORD
    from ..subselnet.temperatures import Choices
    from ..zoo.build import build_zoo, diverse_architectures
    from ..zoo.reference import ReferenceTraining
    from .fit import fitted, saved

    folder = out / "bundle"
    if (folder / RECORD).exists():
        return str(folder)
    space = search_space(SPACE)
    sizes = {"channels": 8, "stacks": 3, "cells": 1, "stem_stride": 1}
    jobs = [
        (cell, 0)
        for role, count in (("training", 8), ("validation", 2))
        for cell in diverse_architectures(space, count, role=role, candidates=100)
    ]
    note("      no bundle ships for digits: training 10 small reference networks")
    with output.progress("networks") as told:
        zoo = build_zoo(
            out / "zoo",
            space,
            splits.train,
            jobs,
            ReferenceTraining(sizes, epochs=10),
            progress=lambda _, done, total: told(done, total),
        )
    model, policy, made = fitted(splits.train, zoo, 10, 0)
    saved(folder, model, policy, Choices(), made)
    return str(folder)


def _chooser(bundle: str, record: dict[str, Any], splits: Splits) -> PredictingProvider:
    from ..subselnet.base import PredictingProvider

    chooser = provider_of("subselnet", bundle, None, splits)
    assert isinstance(chooser, PredictingProvider)
    networks = len(record["training_keys"])
    note(f"[2/7] SubSelNet has learned from {networks} reference networks")
    return chooser


def _selection(
    out: Path,
    chooser: PredictingProvider,
    space: SearchSpace,
    cell: Architecture,
    plan: Plan,
    seed: int,
) -> tuple[float, float]:
    """Subsets of an architecture that no network of the zoo has; wall and CPU seconds of one."""
    import numpy as np

    from ..report.run_folder import write_examples
    from .searching import unseen_architecture

    note(f"[3/7] a cell it has never seen: {cell.key}, operations {' '.join(cell.ops[1:-1])}")
    began = time.process_time()
    subset = chooser.subset_for(cell, plan.budget, seed=seed)
    cpu = time.process_time() - began
    later = [
        chooser.subset_for(unseen_architecture(space, seed + i), plan.budget, seed=seed)
        for i in range(1, 6)
    ]
    first, rest = subset.provenance.seconds, np.median([s.provenance.seconds for s in later])
    note(
        f"      {len(subset):,} of {len(chooser.pool):,} images chosen in {1000 * first:.0f} ms; "
        f"for further cells in {1000 * rest:.1f} ms"
    )
    subset.save(out / "subset.safetensors")
    log_p = chooser.fitted.log_probabilities(chooser.pool, [cell])[0]
    labels = chooser.pool.labels
    assert labels is not None
    write_examples(out, chooser.pool, subset, np.exp(log_p[np.arange(len(log_p)), labels]))
    return first, cpu


def _spent_before(
    out: Path, record: dict[str, Any], cell: Architecture, wall: float, cpu: float
) -> None:
    """The bundle's preparation and the first selection, which trials find in a cache; once."""
    from ..core.ledger import AmortizationLedger, Stage
    from ..report.run_folder import LEDGER
    from ..subselnet.bundle import charge_preparation

    ledger = AmortizationLedger(out / LEDGER)
    charge_preparation(ledger, record)
    ledger.record(
        Stage.SELECT, wall, cpu_seconds=cpu, architecture_key=cell.key, event="demo/select"
    )
    ledger.close()


def _told(
    out: Path,
    splits: Splits,
    record: dict[str, Any],
    cell: Architecture,
    outcome: dict[str, Any],
    final: dict[str, Any],
    json: bool,
    began: float,
) -> None:
    """The ledger, the page, and what came out."""
    from ..core.summary_text import block
    from ..report.page import write_report
    from ..report.run_folder import LEDGER, report_of
    from .ledger import described, opened, saved

    note(f"      test accuracy {percent(final['accuracy'])}")
    charged = charge_final(out, cell, final)
    ledger = opened(out / LEDGER)
    note("[6/7] the ledger")
    found = described(ledger, None)
    ledger.close()
    summary = saved(out / LEDGER)
    write_facts(out, splits, record, cell, outcome, final)
    page = write_report(out / PAGE, report_of(out, accuracy=accuracy_rows(splits.train.name)))
    note(f"[7/7] the report: {page.resolve()} ({time.perf_counter() - began:.0f} s in all)")
    names = ("test_accuracy", "best_accuracy", "trials", "search_seconds", "report")
    values = (
        final["accuracy"],
        outcome["best_accuracy"],
        outcome["trials"],
        outcome["seconds"],
        str(page),
    )
    shown = dict(zip(names, values, strict=True))
    if json:
        output.emit(
            {**shown, "final": final, "charged": charged, "ledger": found, "summary": summary}
        )
        return
    stages = [(name, *row.values()) for name, row in found["stages"].items()]
    output.table("ledger", ("stage", "wall s", "CPU s", "GB-min", "events"), stages)
    output.table("the demo", ("what", "value"), shown.items())
    print(block(summary))
