"""Makes the bundle that ships: g_beta, the zoo's mean and pi_psi from a zoo on disk.

    python -m benchmarks.zoo.bundle ZOO OUT [--data cifar10] [--networks 32] [--epochs 10]

Temperatures follow with `python -m benchmarks.tune OUT`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.run import stamp
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.encoders.store import SHIPPED as ENCODERS
from subsel_automl.encoders.store import load_report
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.pipeline import fold, train_pipeline
from subsel_automl.subselnet.temperatures import Choices
from subsel_automl.zoo.store import DiskZoo, network_name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("zoo", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", choices=settings.DATA, default="fashion-mnist")
    parser.add_argument("--networks", type=int, default=32)
    parser.add_argument("--validation", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pool = splits_kept(asked.data).train
    folds = settings.architectures()
    wanted = [*folds["training"][: asked.networks], *folds["validation"][: asked.validation]]
    zoo = DiskZoo(asked.zoo, pool, only=[network_name(a, 0) for a in wanted])
    ledger = AmortizationLedger(None)
    began = time.perf_counter()
    model, policy = train_pipeline(pool, zoo, epochs=asked.epochs, ledger=ledger)
    assert model.report is not None
    made = {
        "networks": len(fold(zoo, "training")),
        "validation_networks": len(fold(zoo, "validation")),
        "zoo": dict(zoo.manifest["settings"]),
        "zoo_seconds": sum(zoo.seconds(a.key) for a in zoo.architectures),
        "zoo_cpu_seconds": sum(r["cpu_seconds"] for r in zoo.records.values()),
        "encoder_seconds": load_report(ENCODERS / "nasbench101")["seconds"],
        "encoder_cpu_seconds": load_report(ENCODERS / "nasbench101")["cpu_seconds"],
        "fit_seconds": time.perf_counter() - began,
        "fit_cpu_seconds": ledger.cpu_seconds,
        "kl_validation": min(model.report.validation),
        "kl_validation_zoo_mean": model.report.zoo_mean_validation,
        "kl_by_epoch": model.report.validation,
        **stamp(),
    }
    save_bundle(asked.out, model, Choices(), policy, made)
    print(json.dumps(made, indent=1))


if __name__ == "__main__":
    main()
