"""Builds a zoo with Ray tasks of one CPU each; `build.build_zoo` calls it for several workers.

The pools travel once, as numpy arrays through the object store, which workers map without a copy
(tensors would be copied by each). Every worker claims its network and writes it itself, so a killed
driver or worker loses nothing that is finished; a killed worker's task is run once more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import MissingData, SubselError
from ..core.pool import ArrayImages, Pool
from ..spaces.base import SearchSpace
from .reference import Job, Progress, ReferenceTraining, build_one, tell
from .store import network_name

RETRIES = 1  # of a task whose worker was killed
Parts = dict[str, Any]  # a pool as numpy arrays and plain values


def build_with_ray(
    folder: Path,
    space: SearchSpace,
    pool: Pool,
    jobs: Sequence[Job],
    training: ReferenceTraining,
    workers: int,
    test: Pool | None,
    device: str,
    progress: Progress | None,
) -> None:
    """Train what is missing, at most `workers` networks at a time.

    Raises:
        MissingData: Ray is not installed.
        SubselError: a network diverged, or its worker was killed twice.
    """
    ray = _ray()
    with _running(ray, workers):
        shared = ray.put((as_parts(pool), None if test is None else as_parts(test)))
        task = ray.remote(num_cpus=1, num_gpus=int(device.startswith("cuda")), max_retries=RETRIES)(
            _train
        )
        waiting = list(reversed(jobs))
        running: dict[Any, Job] = {}
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    job = waiting.pop()
                    running[task.remote(str(folder), space, *job, shared, training, device)] = job
                ready, _ = ray.wait(list(running), num_returns=1)
                did = _outcome(ray, ready[0], running.pop(ready[0]))
                tell(progress, folder, jobs, did)
        finally:
            for reference in running:
                ray.cancel(reference, force=True)


def _train(
    folder: str,
    space: SearchSpace,
    architecture: Any,
    seed: int,
    shared: tuple[Parts, Parts | None],
    training: ReferenceTraining,
    device: str,
) -> str:
    """One network, in a worker, whose process is ours."""
    import torch

    from ..training.allocator import keep_freed_memory

    keep_freed_memory()

    torch.set_num_threads(1)
    pool, test = (None if parts is None else from_parts(parts) for parts in shared)
    assert pool is not None
    return build_one(Path(folder), space, architecture, seed, pool, training, test, device)


def _outcome(ray: Any, reference: Any, job: Job) -> str:
    try:
        return str(ray.get(reference))
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, SubselError):
            raise error.cause from None
        raise
    except ray.exceptions.WorkerCrashedError as error:
        raise SubselError(
            f"the worker that trained {network_name(*job)} was killed {RETRIES + 1} times (out of "
            "memory?); what is finished is kept, build again with fewer workers"
        ) from error


def as_parts(pool: Pool) -> Parts:
    """A pool as numpy arrays, so that Ray shares it without copies."""
    held = pool.validation
    images = None if pool.images is None else pool.images.batch(np.arange(len(pool)))
    return {
        "name": pool.name,
        "features": pool.features,
        "labels": pool.labels,
        "images": images,
        "validation": None if held is None else as_parts(held),
        "classes": pool.classes,
        "class_names": pool.class_names,
        "fingerprint": pool.fingerprint,
    }


def from_parts(parts: Parts) -> Pool:
    """The pool again, around the very same arrays."""
    images, held = parts["images"], parts["validation"]
    return Pool(
        **{
            **parts,
            "images": None if images is None else ArrayImages(images),
            "validation": None if held is None else from_parts(held),
        }
    )


@contextmanager
def _running(ray: Any, workers: int) -> Iterator[None]:
    """Ray of the caller, the one that RAY_ADDRESS names, or one of this machine for the build."""
    if ray.is_initialized():
        yield
        return
    own = {"num_cpus": workers, "include_dashboard": False}
    joined = bool(os.environ.get("RAY_ADDRESS"))  # then Ray refuses to be told of CPUs
    ray.init(**({} if joined else own), log_to_driver=False, logging_level="ERROR")
    try:
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise MissingData(
            f"several workers need Ray, which cannot be imported ({error}); "
            "pip install 'subsel_automl[ray]', or build with one worker"
        ) from error
    return ray
