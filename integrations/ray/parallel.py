"""Architecture searches of several seeds, with the training of what they found, as Ray tasks.

found = run_many(one_search, seeds, workers=2)

A job is a function of the seed; its other arguments travel once a task, so they are names and
plain values, and every task loads the data and makes its provider itself. With one worker the jobs
run in this process, one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...core.errors import BadInput, MissingData, SubselError

Found = TypeVar("Found")
Progress = Callable[[int, int], None]  # jobs done, of how many
RETRIES = 1  # of a task whose worker was killed


def run_many(
    job: Callable[[int], Found],
    seeds: Sequence[int],
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[Found]:
    """What the job gives for each seed, in their order.

    Args:
        job: what it takes and gives can be sent to another process.
        workers: jobs at a time, one CPU each; above 1 they are Ray tasks. A Ray that runs is used,
            else one is started for the time of the call.

    Raises:
        BadInput: no worker. MissingData: Ray is not installed.
        SubselError: what a job raised; the others are cancelled.
    """
    if workers < 1:
        raise BadInput(f"workers is {workers}; give at least 1")
    if workers == 1:
        found = []
        for seed in seeds:
            found.append(job(seed))
            if progress is not None:
                progress(len(found), len(seeds))
        return found
    return _with_ray(job, seeds, workers, progress)


def _with_ray(
    job: Callable[[int], Found], seeds: Sequence[int], workers: int, progress: Progress | None
) -> list[Found]:
    try:
        import ray
    except ImportError as error:
        raise MissingData(
            f"several workers need Ray, which cannot be imported ({error}); "
            "pip install 'subsel_automl[ray]', or use one worker"
        ) from error
    from .presets import start_ray

    mine = not ray.is_initialized()
    start_ray(workers)
    task: Any = ray.remote(num_cpus=1, max_retries=RETRIES)(job_of)
    shared = ray.put(job)  # travels once
    waiting = list(enumerate(seeds))[::-1]
    running: dict[Any, int] = {}
    done: dict[int, Found] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                place, seed = waiting.pop()
                running[task.remote(shared, seed)] = place
            ready, _ = ray.wait(list(running), num_returns=1)
            place = running.pop(ready[0])  # first: Ray dies of cancelling a task that has ended
            done[place] = _outcome(ray, ready[0])
            if progress is not None:
                progress(len(done), len(seeds))
    finally:
        for reference in running:
            ray.cancel(reference)
        if mine:
            ray.shutdown()
    return [done[place] for place in range(len(seeds))]


def job_of(job: Callable[[int], Found], seed: int) -> Found:
    """Runs in a worker, on one thread."""
    import torch

    torch.set_num_threads(1)
    return job(seed)


def _outcome(ray: Any, reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, SubselError):
            raise error.cause from error
        raise
    except ray.exceptions.WorkerCrashedError as error:
        raise SubselError(
            f"the worker of a search was killed twice ({error}); memory may be short, try fewer "
            "workers"
        ) from error
