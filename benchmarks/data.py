"""The data sets of the benchmarks, read once a process, with the features that providers see.

CIFAR-10 comes from the folder that SUBSEL_DATA names (by default `../shared/data` beside the
project). Its pools carry EfficientNet-Lite0 features (extra [features]), kept in the cache folder;
their fingerprint is of the images, the labels and the kind of features, not of the features'
floating-point content, whose last bits differ from machine to machine.
"""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import replace
from pathlib import Path

from benchmarks import settings
from subsel_automl.catalog import dataset
from subsel_automl.core.pool import Pool
from subsel_automl.data.fashion import cache_folder
from subsel_automl.data.features import cached_features, with_features
from subsel_automl.data.images import Splits

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


def work_folder() -> Path:
    """Where zoos and the models of ablations are kept: SUBSEL_WORK, or work-dir of the project."""
    return Path(os.environ.get("SUBSEL_WORK") or ROOT / "work-dir")


def data_folder() -> Path:
    """The folder of real tables: SUBSEL_DATA, or beside the project; it need not exist."""
    return Path(os.environ.get("SUBSEL_DATA") or SHARED)


@functools.lru_cache(maxsize=2)
def splits_kept(name: str) -> Splits:
    """Training, validation and test pools."""
    if SHARED.exists():
        os.environ.setdefault("SUBSEL_DATA", str(SHARED))
    about = settings.DATA[name]
    splits = dataset(about.dataset)
    if about.features == "pixels":
        return splits
    train, held, test = (
        _looked(pool, about.features) for pool in (splits.train, splits.validation, splits.test)
    )
    return Splits(replace(train, validation=held), held, test)


def _looked(pool: Pool, kind: str) -> Pool:
    found = with_features(pool, cached_features(pool, kind, cache_folder() / "features"))
    named = hashlib.sha256(f"{pool.fingerprint} {kind}".encode()).hexdigest()
    return replace(found, fingerprint=named)
