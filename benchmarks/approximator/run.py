"""Makes the sample from a zoo on disk."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from benchmarks import settings
from benchmarks.approximator.cells import SAMPLE
from benchmarks.data import splits_kept
from subsel_automl.core.files import write_atomic
from subsel_automl.zoo.store import DiskZoo, finished, network_name

EXAMPLES = 4000


def collect(folder: Path) -> None:
    """Write the sample file: training networks, then unseen ones by architecture and seed."""
    pool = splits_kept("fashion-mnist").train
    folds = settings.architectures()
    names = [network_name(a, 0) for a in folds["training"][:32]]
    unseen = [network_name(a, s) for a in settings.unseen() for s in settings.SEEDS]
    unseen = [name for name in unseen if finished(folder, name)]
    rows = np.sort(np.random.default_rng(0).permutation(len(pool))[:EXAMPLES])
    zoo = DiskZoo(folder, pool, only=[*names, *unseen])
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        rows=rows,
        training=np.stack([zoo.read(name)[rows] for name in names]),
        unseen=np.stack([zoo.read(name)[rows] for name in unseen]),
        names=np.array(unseen),
        test_accuracy=np.array([zoo.records[name]["test_accuracy"] for name in unseen]),
        seconds=np.array([zoo.records[name]["seconds"] for name in unseen]),
        cpu_seconds=np.array([zoo.records[name]["cpu_seconds"] for name in unseen]),
    )
    write_atomic(SAMPLE, buffer.getvalue())
