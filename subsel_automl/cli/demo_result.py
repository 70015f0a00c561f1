"""What the demo ends with: the winner on all images, a rival's cost, the facts of the page."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output
from .arguments import BUNDLE

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..data.images import Splits
    from ..spaces.base import SearchSpace

FINAL = "final.json"


def percent(share: float) -> str:
    """ "91.6 %"."""
    return f"{100 * share:.1f} %"


def final_training(
    out: Path,
    outcome: dict[str, Any],
    splits: Splits,
    space: SearchSpace,
    cell: Architecture,
    settings: dict[str, Any],
    epochs: int,
) -> dict[str, Any]:
    """The winner, trained on all images for a few epochs and tested."""
    from ..catalog import provider
    from ..core.feed import SubsetFeed
    from ..core.files import read_json, write_json
    from ..training.batches import steps_an_epoch
    from ..training.recipes import Recipe
    from ..training.trial import run_trial

    if (out / FINAL).exists():
        return read_json(out / FINAL)
    output.note(f"[5/7] training the winner on all images, {epochs} epochs")
    best = outcome["best_config"]
    recipe = Recipe(best["optimizer"], best["scheduler"])
    feed = SubsetFeed(provider("full").fit(splits.train), 1.0, seed=settings["seed"])
    result = run_trial(
        space,
        cell,
        feed,
        recipe,
        steps=epochs * steps_an_epoch(len(splits.train), recipe.batch),
        test=splits.test,
        sizes=settings["sizes"],
        seed=settings["seed"],
    )
    write_json(out / FINAL, {**output.plain(vars(result)), "epochs": epochs})
    return read_json(out / FINAL)


def charge_final(out: Path, cell: Architecture, final: dict[str, Any]) -> bool:
    """The winner's training, once; and the rival: the same trials on full data, at its pace."""
    from ..core.ledger import AmortizationLedger, Stage
    from ..report.run_folder import LEDGER, RIVALS, TRIALS, read_rows, write_rows

    ledger = AmortizationLedger(out / LEDGER)
    try:
        tests = ledger.test_architectures
        totals = ledger.totals()
        new = ledger.record(
            Stage.TRAIN,
            final["seconds"],
            cpu_seconds=final["cpu_seconds"],
            gb_minutes=final["gb_minutes"],
            architecture_key=cell.key,
            event="demo/final",
        )
    finally:
        ledger.close()
    epochs = sum(row["epochs"] for row in read_rows(out / TRIALS))
    pace = final["seconds"] / final["epochs"]
    full = totals["EVALUATE"]["wall"] + final["seconds"] + pace * epochs
    rival = {
        "name": "the same trials on all images, at the winner's measured seconds an epoch",
        "preparation": 0.0,
        "per_architecture": full / max(1, tests),
        "training": 0,
    }
    write_rows(out / RIVALS, [rival])
    return new


def write_facts(
    out: Path,
    splits: Splits,
    record: dict[str, Any],
    cell: Architecture,
    outcome: dict[str, Any],
    final: dict[str, Any],
) -> None:
    import torch

    from .. import __version__
    from ..core.files import write_json
    from ..report.run_folder import FACTS

    pool = splits.train
    facts = {
        "title": f"SubSelNet on {pool.name}",
        "pool": f"{pool.name}, {len(pool):,} examples, fingerprint {pool.fingerprint[:16]}",
        "reference networks": len(record["training_keys"]),
        "architecture": f"{cell.key}, never seen in training",
        "best on validation": percent(outcome["best_accuracy"]),
        "test accuracy": f"{percent(final['accuracy'])} (epochs on all images: {final['epochs']})",
        "search": f"{outcome['trials']} trials, {outcome['seconds']:.0f} s wall",
        "date": time.strftime("%Y-%m-%d"),
        "made with": f"subsel {__version__}, torch {torch.__version__}, {platform.machine()}",
    }
    write_json(out / FACTS, facts)


def accuracy_rows(data: str) -> Path | None:
    """Measured rows that ship beside the bundle."""
    from ..subselnet.bundle import SHIPPED

    path = SHIPPED / BUNDLE / "results.json"
    return path if BUNDLE.startswith(f"{data}/") and path.is_file() else None
