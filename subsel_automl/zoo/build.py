"""Builds a zoo of reference networks (SubSelNet 5.1, Fig. 5): few, diverse in size, trained once.

One builder or many, in this process or as Ray tasks over a cluster: a network is claimed with an
operating-system lock before it is trained, and is on disk whole or not at all, so any number of
builders, killed at any time, train each network once. (On several machines the folder must be one
that they share, with working file locks.)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.pool import Pool
from ..data.splits import architecture_role
from ..spaces.base import SearchSpace
from . import store
from .cluster import build_with_ray
from .kept import examples_to_keep
from .reference import Job, Progress, ReferenceTraining, build_one, tell


def diverse_architectures(
    space: SearchSpace, count: int, *, role: str = "training", seed: int = 0, candidates: int = 2000
) -> list[Architecture]:
    """Unlike sizes first: one candidate from each of `count` strata of the parameter count.

    Candidates are sampled from the given fold of the space; any prefix of the result spreads over
    small and large networks (strata are visited in bit-reversed order).
    """
    if count < 1:
        raise BadInput(f"asked for {count} architectures; give at least 1")
    rng = np.random.default_rng([seed, 0xD1CE])
    found: dict[str, Architecture] = {}
    for _ in range(50 * max(candidates, count)):
        architecture = space.sample(rng)
        if architecture_role(architecture) == role:
            found.setdefault(architecture.key, architecture)
        if len(found) >= max(candidates, 2 * count):
            break
    if len(found) < count:
        raise BadInput(f"space {space.name!r} has only {len(found)} {role} cells, not {count}")
    pool = list(found.values())
    size = np.array([space.parameters(architecture) for architecture in pool])
    strata = np.array_split(np.argsort(size, kind="stable"), count)
    order = sorted(range(count), key=lambda i: _bit_reversed(i, count))
    return [pool[int(rng.choice(strata[i]))] for i in order]


def _bit_reversed(i: int, count: int) -> int:
    bits = max(1, (count - 1).bit_length())
    return int(format(i, f"0{bits}b")[::-1], 2)


def build_zoo(
    folder: Path | str,
    space: SearchSpace,
    pool: Pool,
    jobs: Sequence[Job],
    training: ReferenceTraining,
    *,
    workers: int = 1,
    test: Pool | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> store.DiskZoo:
    """Train what is missing; safe to interrupt and to run several times at once.

    Args:
        workers: 1 trains in this process; more are Ray tasks of one CPU each (extra [ray]; Ray is
            started on this machine only when the caller has not started it).

    Raises:
        RefusedArtefact: the folder holds a zoo of another pool or other settings.
    """
    folder = Path(folder).resolve()
    kept = examples_to_keep(pool, training.keep_features) if training.keep_features else None
    store.create(folder, pool, training.settings(), kept)
    if workers > 1:
        build_with_ray(folder, space, pool, jobs, training, workers, test, device, progress)
    else:
        for architecture, seed in jobs:
            did = build_one(folder, space, architecture, seed, pool, training, test, device)
            tell(progress, folder, jobs, did)
    return store.DiskZoo(folder, pool)
