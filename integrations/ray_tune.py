"""Ray Tune: search presets (TPE by Hyperopt or Optuna, ASHA), the ledger's callback, one `search`.

    tuner = tune.Tuner(tune.with_parameters(SubsetTrainable, task=task), ...)

Ray is started only when the caller has not, on the loopback address, without its dashboard.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from ..core.ledger import AmortizationLedger
from ..core.provider import SubsetProvider
from ..spaces.base import SearchSpace
from .optimizer_space import OptimizerSpace
from .ray_trainable import STAGES, SubsetTrainable, TrialTask

__all__ = [
    "LedgerCallback",
    "SearchOutcome",
    "SubsetTrainable",
    "TrialTask",
    "asha",
    "search",
    "start_ray",
    "tpe",
]
SEARCHERS = ("hyperopt", "optuna")
METRIC, MODE = "accuracy", "max"


@dataclass(frozen=True)
class SearchOutcome:
    """What a search found; `trials` holds one row a trial."""

    best_config: dict[str, Any]
    best_accuracy: float
    trials: list[dict[str, Any]]
    seconds: float
    cpu_seconds: float


class LedgerCallback(tune.Callback):
    """Writes what trials report into a ledger, in the driver alone.

    One event a trial, epoch and stage: a report that Ray repeats after a restore counts once.

    Args:
        path: the ledger's file.
        name: of the search; the same after a restore.
    """

    def __init__(self, path: Path | str, name: str) -> None:
        self.path, self.name = Path(path).resolve(), name
        self.ledger = AmortizationLedger(self.path)

    def __reduce__(self) -> tuple[Any, ...]:
        """Ray keeps its callbacks for a restore; a restored one opens the ledger's file again."""
        return LedgerCallback, (self.path, self.name)

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        where = f"{self.name}/{trial.trial_id}"
        key = result["architecture_key"]
        self.ledger.asked(key, event=f"{where}/asked")
        for stage in STAGES:
            part = stage.lower()
            self.ledger.record(
                stage,
                result[f"{part}_seconds"],
                cpu_seconds=result[f"{part}_cpu_seconds"],
                gb_minutes=result["gb_minutes"] if stage == "TRAIN" else 0.0,
                architecture_key=key,
                event=f"{where}/{result['training_iteration']}/{stage}",
                trial=trial.trial_id,
            )


def tpe(name: str, space: OptimizerSpace, seed: int) -> Any:
    """A TPE searcher, its sampler pinned (what "TPE" means changed between Optuna 4 and 5).

    Raises:
        UnknownName: neither "hyperopt" nor "optuna".
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
    raise UnknownName("searcher", name, SEARCHERS)


def asha(epochs: int) -> ASHAScheduler:
    """ASHA with a grace of one epoch and a third of the trials kept at each rung."""
    return ASHAScheduler(max_t=epochs, grace_period=1, reduction_factor=3)


def start_ray(cpus: int | None = None) -> None:
    """Start Ray on this machine alone, unless the caller has started or joined one."""
    if not ray.is_initialized():
        ray.init(
            num_cpus=cpus,
            include_dashboard=False,
            _node_ip_address="127.0.0.1",
            object_store_memory=600 * 2**20,
            logging_level="warning",
            log_to_driver=False,
        )


def search(
    provider: SubsetProvider,
    space: SearchSpace,
    architecture: Architecture,
    *,
    budget: int | float,
    epochs: int,
    samples: int,
    seed: int,
    folder: Path,
    searcher: str = "hyperopt",
    targets: str = "labels",
    redraw_every: int = 0,
    sizes: Mapping[str, int],
    ledger: Path | str | None = None,
    resume: bool = False,
    name: str = "subsel",
) -> SearchOutcome:
    """Tune the optimizer space of D.4 for one architecture, every trial on its subset.

    Args:
        ledger: file of the ledger that the driver writes, or None.
        folder: Ray's results go to folder/name; with `resume` a search there is gone on with.

    Raises:
        BadInput: fewer than one sample or epoch, or no trial finished.
    """
    if samples < 1 or epochs < 1:
        raise BadInput(f"samples={samples}, epochs={epochs}: give at least 1 of each")
    task = TrialTask(
        provider, space, [architecture], budget, epochs, targets, redraw_every, sizes=sizes,
        seed=seed,
    )  # fmt: skip
    task.feed()
    searching = tpe(searcher, task.optimizer_space, seed)
    start_ray()
    began, folder = time.perf_counter(), Path(folder).resolve()
    trainable = tune.with_parameters(SubsetTrainable, task=task)
    if resume and tune.Tuner.can_restore(str(folder / name)):
        tuner = tune.Tuner.restore(str(folder / name), trainable, restart_errored=True)
    else:
        tuner = tune.Tuner(
            trainable,
            tune_config=tune.TuneConfig(
                metric=METRIC,
                mode=MODE,
                search_alg=searching,
                scheduler=asha(epochs),
                num_samples=samples,
                max_concurrent_trials=int(ray.cluster_resources().get("CPU", 1)),
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                name=name,
                storage_path=str(folder),
                callbacks=[LedgerCallback(ledger, name)] if ledger is not None else [],
                checkpoint_config=tune.CheckpointConfig(num_to_keep=1, checkpoint_frequency=1),
                failure_config=tune.FailureConfig(max_failures=2),
                verbose=0,
            ),
        )
    os.environ.setdefault("TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S", "0")
    with contextlib.redirect_stdout(sys.stderr):  # stdout belongs to the caller's own output
        results = tuner.fit()
    return _outcome(results, task, time.perf_counter() - began)


def _outcome(results: tune.ResultGrid, task: TrialTask, seconds: float) -> SearchOutcome:
    done = [result for result in results if result.metrics and METRIC in result.metrics]
    if not done:
        raise BadInput(f"no trial finished: {[str(error) for error in results.errors][:1]}")
    best = max(done, key=lambda result: result.metrics[METRIC])
    rows, cpu = [], 0.0
    for result in done:
        history = result.metrics_dataframe
        spent = {part: float(history[f"{part.lower()}_cpu_seconds"].sum()) for part in STAGES}
        cpu += sum(spent.values())
        rows.append(
            {
                "trial": result.metrics["trial_id"],
                **task.optimizer_space.resolve(result.config or {}),
                "epochs": int(result.metrics["training_iteration"]),
                "accuracy": float(result.metrics[METRIC]),
                "subset_size": int(result.metrics["subset_size"]),
                "cpu_seconds": sum(spent.values()),
                "select_seconds": float(history["select_seconds"].sum()),
                "diverged": bool(result.metrics["diverged"]),
            }
        )
    config = task.optimizer_space.resolve(best.config or {})
    return SearchOutcome(config, float(best.metrics[METRIC]), rows, seconds, cpu)
