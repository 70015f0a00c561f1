"""Ray Tune: search presets (TPE by Hyperopt or Optuna, ASHA), the ledger's callback, one `search`.

    tuner = tune.Tuner(tune.with_parameters(SubsetTrainable, task=task), ...)

Ray is started only when the caller has not, without its dashboard.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.schedulers import TrialScheduler

from ...budgeting.passes import RUNG
from ...budgeting.rungs import RungPlan
from ...core.architecture import Architecture
from ...core.errors import BadInput
from ...core.files import read_json, write_json
from ...core.provider import SubsetProvider
from ...core.same_plan import same_plan
from ...core.summary import SearchSummary
from ...hosting.account import SearchAccount
from ...hosting.clock import STAGES
from ...spaces.base import SearchSpace
from .ledger import HOST, LedgerCallback, charge
from .lessons import shared
from .presets import METRIC, MODE, asha, cpus, one_machine, start_ray, tpe
from .restore import StateKeeper, checkpoints, mend_for_restore
from .rungs import RungSearch
from .stopper import CurveStopper
from .trainable import SubsetTrainable, TrialTask

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


@dataclass(frozen=True)
class SearchOutcome:
    """What a search found; `trials` holds one row a trial, `summary` what was saved."""

    best_config: dict[str, Any]
    best_accuracy: float
    trials: list[dict[str, Any]]
    seconds: float
    cpu_seconds: float
    summary: SearchSummary | None = None


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
    redraw_every: int | None = None,
    sizes: Mapping[str, int],
    ledger: Path | str | None = None,
    resume: bool = False,
    name: str = "subsel",
    steps: int | None = None,
    device: str = "cpu",
    plan: RungPlan | None = None,
    asha: bool = True,
    stopper: str | None = None,
) -> SearchOutcome:
    """Tune the optimizer space of D.4 for one architecture, every trial on its subset.

    Args:
        ledger: file of the ledger, or None. On one machine trials write it; in a cluster the driver
            does.
        folder: Ray's results go to folder/name; with `resume` a search there is gone on with. The
            lessons of a provider that learns are kept in folder/name-lessons.
        steps: of one epoch; by default one pass over the subset.
        device: of torch; a trial on CUDA asks Ray for one GPU.
        plan: rungs that trials climb, in the place of ASHA; `epochs` are then those of a full
            training on all data, and `budget` the largest part of the pool in a pass.
        asha: stop trials by ASHA, where there is no plan.
        stopper: name of a predictor of curves; see `CurveStopper`. Over ASHA, or without it alone.

    Raises:
        BadInput: fewer than one sample or epoch, a plan of another number of configurations than
            samples, a plan and a stopper, or no trial finished.
    """
    if samples < 1 or epochs < 1:
        raise BadInput(f"samples={samples}, epochs={epochs}: give at least 1 of each")
    if plan is not None and plan.trials != samples:
        raise BadInput(f"samples={samples} and a plan of {plan.trials} configurations: give one")
    if plan is not None and stopper is not None:
        raise BadInput(
            f"a plan and stopper={stopper!r}: trials of rungs are short already; give one"
        )
    task = TrialTask(
        provider, space, [architecture], budget, epochs, targets, redraw_every, sizes=sizes,
        seed=seed, steps=steps, device=device,
    )  # fmt: skip
    task.feed()
    searching = tpe(searcher, task.optimizer_space, seed)
    if plan is not None:
        searching = RungSearch(plan, searching)
    start_ray()
    began, folder = time.perf_counter(), Path(folder).resolve()
    if provider.learns:
        task = replace(task, provider=shared(provider, folder / f"{name}-lessons"))
    if one_machine():
        task = replace(task, ledger=ledger, search=name)
    trainable: Any = tune.with_parameters(SubsetTrainable, task=task)
    if device.startswith("cuda"):
        trainable = tune.with_resources(trainable, {"cpu": 1, "gpu": 1})
    ledgers = [] if ledger is None else [LedgerCallback(ledger, name, show=False)]
    _claim(folder / f"{name}.json", task, searcher, samples, resume, plan, asha, stopper)
    if resume and mend_for_restore(folder / name):
        tuner = tune.Tuner.restore(str(folder / name), trainable, restart_errored=True)
    else:
        tuner = tune.Tuner(
            trainable,
            tune_config=tune.TuneConfig(
                metric=METRIC,
                mode=MODE,
                search_alg=searching,
                scheduler=None if plan is not None else _scheduler(epochs, asha, stopper),
                num_samples=samples if plan is None else plan.jobs,
                max_concurrent_trials=cpus(),
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                name=name,
                storage_path=str(folder),
                callbacks=[StateKeeper(), *ledgers],
                checkpoint_config=checkpoints(),
                failure_config=tune.FailureConfig(max_failures=2),
                verbose=0,
            ),
        )
    with contextlib.redirect_stdout(sys.stderr):  # stdout belongs to the caller's own output
        results = tuner.fit()
    found = _outcome(results, task, time.perf_counter() - began)
    return replace(found, summary=_summed(results, task, ledger, name))


def _summed(
    results: tune.ResultGrid, task: TrialTask, ledger: Path | str | None, name: str
) -> SearchSummary:
    """From the ledger, or from all that the trials reported."""
    account = SearchAccount(name, ledger, HOST)
    try:
        account.prepared(task.provider)
        for place in range(len(results)) if ledger is None else ():
            told = results[place]
            last = told.metrics or {}
            if told.metrics_dataframe is None or METRIC not in last:
                continue
            settings = task.optimizer_space.resolve(told.config or {})
            for row in told.metrics_dataframe.to_dict("records"):
                charge(account.ledger, name, str(row["trial_id"]), row, settings)
            state = "complete" if told.error is None else "failed"
            account.ended(str(last["trial_id"]), state)
        return account.summary()
    finally:
        account.close()


def _scheduler(epochs: int, by_asha: bool, stopper: str | None) -> TrialScheduler | None:
    """Who ends trials of a whole length; a training of one epoch has nothing to be judged by."""
    below = asha(epochs) if by_asha else None
    if stopper is None or epochs < 2:
        return below
    return CurveStopper(stopper, epochs=epochs, over=below)


def _claim(
    path: Path,
    task: TrialTask,
    searcher: str,
    samples: int,
    resume: bool,
    plan: RungPlan | None,
    asha: bool,
    stopper: str | None,
) -> None:
    """What the search in this folder was asked for; another one does not go on with it.

    Raises:
        BadInput: `resume` with another plan, by the name of what differs.
    """
    asked = {**task.feed().plan(), "epochs": task.epochs, "searcher": searcher, "samples": samples}
    asked["rungs"] = "" if plan is None else plan.told()
    asked |= {"asha": plan is None and asha, "stopper": stopper or ""}
    if resume and path.exists():
        same_plan(read_json(path), asked, f"the search that {path} tells of")
    else:
        write_json(path, asked)


def _outcome(results: tune.ResultGrid, task: TrialTask, seconds: float) -> SearchOutcome:
    every = [results[place] for place in range(len(results))]
    done = [result for result in every if METRIC in (result.metrics or {})]
    if not done:
        raise BadInput(f"no trial finished: {[str(error) for error in results.errors][:1]}")
    rows = [_row(result, task) for result in done]
    best = max(rows, key=lambda row: (row["rung"], row["epochs"], float(row["accuracy"])))
    cpu = sum(float(row["cpu_seconds"]) for row in rows)
    config = {part: best[part] for part in task.optimizer_space.choices}
    return SearchOutcome(config, float(best["accuracy"]), rows, seconds, cpu)


def _row(result: Any, task: TrialTask) -> dict[str, Any]:
    """One trial."""
    history, last = result.metrics_dataframe, result.metrics
    return {
        "trial": last["trial_id"],
        **task.optimizer_space.resolve(result.config or {}),
        "rung": (result.config or {}).get(RUNG, {}).get("rung", 0),
        "epochs": int(last["training_iteration"]),
        "accuracy": float(last[METRIC]),
        "curve": [float(value) for value in history[METRIC]],
        "subset_size": int(last["subset_size"]),
        "cpu_seconds": sum(float(history[f"{s.lower()}_cpu_seconds"].sum()) for s in STAGES),
        "select_seconds": float(history["select_seconds"].sum()),
        "diverged": bool(last["diverged"]),
    }
