"""A small search that faults are done to.

    python -m benchmarks.faults.search FOLDER [exceptions | nans]

Digits, 24 trials of at most 3 epochs, random configurations, ASHA. Every epoch that a trial ends is
written to FOLDER/steps.log by the trial itself, before Ray hears of it: what was really trained.
`exceptions` raises in 20 epochs, `nans` spoils the weights of 20 trials.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ray import tune
from subsel_automl.integrations.ray.ledger import LedgerCallback
from subsel_automl.integrations.ray.presets import METRIC, MODE, asha, start_ray, tpe
from subsel_automl.integrations.ray.restore import StateKeeper, checkpoints, mend_for_restore
from subsel_automl.integrations.ray.search import SubsetTrainable, TrialTask

from subsel_automl import dataset, provider, search_space
from subsel_automl.core.files import write_json

SAMPLES, EPOCHS, FAULTS, SECONDS = 24, 3, 20, 0.4
NAME, ENDED = "faults", "ended.json"


class Logged(SubsetTrainable):
    """Writes what it trains to a file of its own, and fails where it is told to."""

    def setup(
        self, config: dict[str, Any], task: Any = None, folder: str = "", fault: str = ""
    ) -> None:
        self.folder, self.fault = Path(folder), fault
        super().setup(config, task=task)

    def step(self) -> dict[str, Any]:
        time.sleep(SECONDS)  # so that a kill finds something running
        self._fail()
        result = super().step()
        row = f"{self.trial_id} {self.epoch} {self.trainer.steps_done} {result['done']}\n"
        with open(self.folder / "steps.log", "a") as out:
            out.write(row)
        return result

    def _fail(self) -> None:
        if self.fault == "exceptions" and self._first(f"{self.trial_id}-{self.epoch}"):
            raise RuntimeError("a fault of the claim")
        if self.fault == "nans" and self.epoch == 0 and self._first(str(self.trial_id)):
            with torch.no_grad():
                for value in self.trainer.model.parameters():
                    value.fill_(float("nan"))

    def _first(self, name: str) -> bool:
        """Whether this fault is still to be done (at most FAULTS in all)."""
        marks = self.folder / "marks"
        marks.mkdir(exist_ok=True)
        if len(list(marks.iterdir())) >= FAULTS:
            return False
        try:
            (marks / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def run(folder: Path, fault: str = "") -> int:
    """Begin or go on; the number of trials that ended."""
    folder.mkdir(parents=True, exist_ok=True)
    start_ray(2)
    space = search_space("nasbench101")
    chooser = provider("random-per-class").fit(dataset("digits").train)
    cell = space.sample(np.random.default_rng(0))
    sizes = {"channels": 8, "stacks": 2, "cells": 1}
    ledger = folder / "ledger.sqlite"
    task = TrialTask(chooser, space, [cell], 0.5, EPOCHS, sizes=sizes, ledger=ledger, search=NAME)
    trainable = tune.with_parameters(Logged, task=task, folder=str(folder.resolve()), fault=fault)
    where = folder.resolve() / "runs"
    if mend_for_restore(where / NAME):
        tuner = tune.Tuner.restore(str(where / NAME), trainable, restart_errored=True)
    else:
        tuner = tune.Tuner(
            trainable,
            tune_config=tune.TuneConfig(
                metric=METRIC,
                mode=MODE,
                search_alg=tpe("random", task.optimizer_space, 0),
                scheduler=asha(EPOCHS),
                num_samples=SAMPLES,
                max_concurrent_trials=2,
                reuse_actors=fault == "",
            ),
            run_config=tune.RunConfig(
                name=NAME,
                storage_path=str(where),
                callbacks=[LedgerCallback(ledger, NAME), StateKeeper()],
                checkpoint_config=checkpoints(),
                failure_config=tune.FailureConfig(max_failures=-1),
                verbose=0,
            ),
        )
    results = tuner.fit()
    every = [results[place] for place in range(len(results))]
    ended = [one.config for one in every if (one.metrics or {}).get("done")]  # its last report
    write_json(folder / ENDED, {"configurations": ended})
    return len(ended)


if __name__ == "__main__":
    print("ended", run(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
