"""Searchers (TPE by Hyperopt or Optuna, random draws), ASHA, and Ray without its dashboard."""

from __future__ import annotations

import logging
import os
from typing import Any

import ray
from ray.tune.schedulers import ASHAScheduler

from ...core.errors import UnknownName
from ..hpo_space.optimizer import OptimizerSpace

SEARCHERS = ("hyperopt", "optuna", "random")
METRIC, MODE = "accuracy", "max"


def tpe(name: str, space: OptimizerSpace, seed: int) -> Any:
    """A TPE searcher, its sampler pinned (what "TPE" means changed between Optuna 4 and 5).

    "random" draws without learning: the same configurations in the same order, whatever trials
    report, so that two searches can be compared trial by trial.

    Raises:
        UnknownName: none of SEARCHERS.
    """
    if name == "hyperopt":
        from ray.tune.search.hyperopt import HyperOptSearch

        return HyperOptSearch(
            space.hyperopt(), metric=METRIC, mode=MODE, n_initial_points=5, random_state_seed=seed
        )
    if name == "optuna":
        from optuna.samplers import TPESampler
        from ray.tune.search.optuna import OptunaSearch

        sampler = TPESampler(multivariate=True, group=True, n_startup_trials=5, seed=seed)
        return OptunaSearch(space, metric=METRIC, mode=MODE, sampler=sampler)
    if name == "random":
        from optuna.samplers import RandomSampler
        from ray.tune.search.optuna import OptunaSearch

        return OptunaSearch(space, metric=METRIC, mode=MODE, sampler=RandomSampler(seed))
    raise UnknownName("searcher", name, SEARCHERS)


def asha(epochs: int) -> ASHAScheduler:
    """ASHA with a grace of one epoch and a third of the trials kept at each rung."""
    return ASHAScheduler(max_t=epochs, grace_period=1, reduction_factor=3)


def start_ray(cpus: int | None = None) -> None:
    """Start Ray on this machine, unless the caller has started or joined one, or RAY_ADDRESS names
    one to join (Ray's own jobs set it).

    Ray 2.60 listens on all interfaces, whatever address it is given (127.0.0.1 is turned into the
    machine's own); what guards it is its token authentication, on by default since 2.59.
    """
    if ray.is_initialized():
        return
    if os.environ.get("RAY_ADDRESS"):  # then Ray refuses to be told of CPUs
        ray.init(logging_level=logging.WARNING, log_to_driver=False)
    else:
        os.environ.setdefault("RAY_worker_niceness", "0")  # else a trial yields to all others
        ray.init(
            num_cpus=cpus,
            include_dashboard=False,
            object_store_memory=600 * 2**20,
            logging_level=logging.WARNING,
            log_to_driver=False,
        )


def cpus() -> int:
    """CPUs of the running Ray."""
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return int(resources.get("CPU", 1))


def one_machine() -> bool:
    """Whether the running Ray has no other nodes."""
    return len(ray.nodes()) == 1  # type: ignore[no-untyped-call]
