"""Builds the zoo of reference networks that benchmarks learn from, at any length of training.

    python -m benchmarks.zoo.build fashion-mnist FOLDER --networks 32 --epochs 4

Several processes may run it on one folder at once; each trains what no other has claimed. With
`--seconds-limit` a process takes no further network once that much time has gone.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import settings
from benchmarks.data import splits_kept
from subsel_automl.catalog import search_space
from subsel_automl.zoo import store
from subsel_automl.zoo.kept import examples_to_keep
from subsel_automl.zoo.reference import ReferenceTraining, build_one


def training_for(dataset: str, epochs: int) -> ReferenceTraining:
    """How reference networks of a data set are trained."""
    plain = ReferenceTraining(epochs=epochs)
    return replace(plain, recipe=replace(plain.recipe, augment=settings.DATA[dataset].augment))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", choices=settings.DATA)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--networks", type=int, default=32)
    parser.add_argument("--validation", type=int, default=3)
    parser.add_argument("--test", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--keep-features", type=int, default=0, help="validation images")
    parser.add_argument("--seconds-limit", type=float, default=float("inf"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    data, space = splits_kept(asked.dataset), search_space("nasbench101")
    epochs = asked.epochs or settings.DATA[asked.dataset].zoo_epochs
    training = replace(training_for(asked.dataset, epochs), keep_features=asked.keep_features)
    kept = examples_to_keep(data.train, asked.keep_features) if asked.keep_features else None
    store.create(asked.folder, data.train, training.settings(), kept)
    folds = settings.architectures()
    wanted = [
        *folds["validation"][: asked.validation],
        *folds["training"][: asked.networks],
        *folds["test"][: asked.test],
    ]
    began = time.perf_counter()
    for count, cell in enumerate(wanted, 1):
        if time.perf_counter() - began > asked.seconds_limit:
            break
        did = build_one(
            asked.folder, space, cell, 0, data.train, training, data.test, settings.DEVICE
        )
        left = (time.perf_counter() - began) / count * (len(wanted) - count)
        print(
            f"\r{asked.folder.name}: {count}/{len(wanted)} {did}, {left:.0f} s left ",
            end="",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    main()
