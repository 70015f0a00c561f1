"""Report: the demo's search (TPE + ASHA) on 10 % `subselnet` against the same search on full data.

    python -m benchmarks.claims run hpo-demo [--quick]

Both searches draw the same number of trials from the space of D.4 with the same seed; the winner of
each is retrained on full data and tested. Wall and CPU seconds are those of the trials and their
selections, from the ledger; preparation (zoo, encoder, g_beta) is printed beside, from the bundle.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.subselnet.bundle import load_bundle
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import run_trial

SAMPLES, EPOCHS, RETRAIN_EPOCHS, SEED = 12, 6, 3, 0
BUNDLE = "fashion-mnist/nasbench101"


def measure(quick: bool = False) -> dict[str, Any]:
    """Search on the subset and, unless quick, on full data; retrain both winners."""
    splits = splits_kept("fashion-mnist")
    architecture = settings.unseen()[2]
    ours = SubSelNet.from_bundle(BUNDLE, splits.train)
    full = provider("full").fit(splits.train)
    with tempfile.TemporaryDirectory() as folder:
        if quick:
            found = {"subselnet": _searched(ours, architecture, 0.01, Path(folder), 4, 2)}
            return found
        found = {
            "subselnet": _searched(ours, architecture, 0.1, Path(folder), SAMPLES, EPOCHS),
            "full": _searched(full, architecture, 1.0, Path(folder), SAMPLES, EPOCHS),
        }
    for part in found.values():
        part["winner_test_error"] = _retrained(full, architecture, part["config"])
    made = load_bundle(BUNDLE, splits.train).record["made"]
    cheap, dear = found["subselnet"], found["full"]
    preparation = made["zoo_cpu_seconds"] + made["encoder_cpu_seconds"] + made["fit_cpu_seconds"]
    saved = dear["ledger_cpu_seconds"] - cheap["ledger_cpu_seconds"]
    return {
        **found,
        "speedup_wall": round(dear["wall_seconds"] / cheap["wall_seconds"], 2),
        "speedup_cpu": round(dear["ledger_cpu_seconds"] / cheap["ledger_cpu_seconds"], 2),
        "error_difference": round(cheap["winner_test_error"] - dear["winner_test_error"], 2),
        "preparation_cpu_seconds": round(preparation, 1),
        "searches_to_break_even": round(preparation / saved, 2) if saved > 0 else None,
    }


def _searched(
    chooser: SubsetProvider,
    architecture: Architecture,
    budget: float,
    folder: Path,
    samples: int,
    epochs: int,
) -> dict[str, Any]:
    from subsel_automl.integrations.ray.search import search

    path = folder / f"{chooser.name}.sqlite"
    began = time.perf_counter()
    outcome = search(
        chooser,
        search_space("nasbench101"),
        architecture,
        budget=budget,
        epochs=epochs,
        samples=samples,
        seed=SEED,
        folder=folder,
        sizes=settings.SIZES,
        ledger=path,
        name=chooser.name,
    )
    ledger = AmortizationLedger(path)
    cpu = ledger.cpu_seconds
    agrees = abs(cpu - outcome.cpu_seconds) <= 0.01 * outcome.cpu_seconds + 0.01
    return {
        "trials": len(outcome.trials),
        "epochs_trained": sum(row["epochs"] for row in outcome.trials),
        "validation_accuracy": round(100 * outcome.best_accuracy, 2),
        "config": outcome.best_config,
        "wall_seconds": round(time.perf_counter() - began, 1),
        "ledger_seconds": round(ledger.total_seconds(), 1),
        "ledger_cpu_seconds": round(cpu, 1),
        "ledger_agrees": bool(agrees),
    }


def _retrained(full: SubsetProvider, architecture: Architecture, config: dict[str, Any]) -> float:
    """Test error in percent of the winner after training on all of the data."""
    splits = splits_kept("fashion-mnist")
    recipe = Recipe(config["optimizer"], config["scheduler"])
    result = run_trial(
        search_space("nasbench101"),
        architecture,
        SubsetFeed(full, 1.0),
        recipe,
        steps=RETRAIN_EPOCHS * (len(splits.train) // recipe.batch),
        test=splits.test,
        sizes=settings.SIZES,
        seed=SEED,
    )
    return round(100 * (1 - result.accuracy), 2)
