"""Every search with every subset that needs no zoo, at smoke size on digits; searches that die.

measure_matrix   counts searches that end in a valid cell, and names those that do not
measure_resume   kill -9 of real `subsel nas` processes, then --resume: the same cell
"""

from __future__ import annotations

import copy
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from subsel_automl.catalog import (
    SEARCHES,
    dataset,
    provider,
    provider_class,
    provider_names,
    search_class,
    search_space,
)
from subsel_automl.core.errors import SubselError
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.files import read_json
from subsel_automl.core.provider import Needs, SubsetProvider
from subsel_automl.search.by_trials import ByTrials
from subsel_automl.search.queries import QUERIES

SMALL = {"epochs": 2, "steps_an_epoch": 1, "batch": 16, "channels": 2}
CELLS = {"nasbench201": 1, "darts": 3}
TRIAL = {"trial_epochs": 1, "judged": 50}
MODEL = {"initial": 4, "candidates": 30, "fit_epochs": 5, "chosen": 2}
OWN: dict[str, dict[str, Any]] = {
    "enas": {"controller_steps": 1, "drawn": 2, "candidates": 2},
    "spos": {"candidates": 1, "population": 4, "generations": 2},
    "hm-nas": {"warm_epochs": 0, "mask_epochs": 1, "tune_epochs": 1, "weight_share": 0.5},
    "evolution": {**TRIAL, "population": 2, "tournament": 1},
    "random": TRIAL,
    "local": {**TRIAL, "initial": 1},
    "bo": {**TRIAL, **MODEL},
    "bo-local": {**TRIAL, **MODEL},
    "rl": {**TRIAL, "candidates": 30, "steps": 4},
}
BY_TRIALS = tuple(name for name in OWN if issubclass(search_class(name), ByTrials))
QUICK = ("gdas", "random")
BUDGET = 100  # of 1,257 digits
FAST = {"autoencoder": {"epochs": 2}}  # 50 epochs say no more about whether it runs
LONG = {"epochs": 40, "channels": 4, "cells": 1, "steps_an_epoch": 2}
ALIVE = 10  # epochs that a search has done when it is killed


def applicable() -> list[str]:
    """Subsets that serve any search: those that need no zoo."""
    return [name for name in provider_names() if Needs.ZOO not in provider_class(name).needs]


def measure_matrix(quick: bool = False) -> dict[str, Any]:
    """Searches by subsets by spaces; quick: two searches on NAS-Bench-201."""
    pool, failed, done = dataset("digits").train, [], 0
    spaces = ("nasbench201",) if quick else tuple(CELLS)
    searches, subsets = (QUICK if quick else tuple(SEARCHES)), applicable()
    for subset in subsets:
        fitted = provider(subset, **FAST.get(subset, {})).fit(pool)
        for search in searches:
            for space in spaces:
                try:
                    _found(search, space, copy.deepcopy(fitted, {id(pool): pool}))
                    done += 1
                except SubselError as error:
                    failed.append(f"{search} {space} {subset}: {error}")
    return {
        "searches": len(searches),
        "subsets": len(subsets),
        "spaces": list(spaces),
        "ended": done,
        "failed": failed,
        "need_a_zoo": sorted(set(provider_names()) - set(subsets)),
        "holds": not failed and done == len(searches) * len(subsets) * len(spaces),
    }


def _found(search: str, space: str, chooser: SubsetProvider) -> None:
    options = {**SMALL, "cells": CELLS[space], **OWN.get(search, {})}
    feed = SubsetFeed(chooser, 1.0 if chooser.name == "full" else BUDGET)
    found = search_class(search)(**options).run(space, feed)
    search_space(space).validate(found.architecture)


def measure_resume(quick: bool = False) -> dict[str, Any]:
    """Killed and resumed searches against undisturbed ones; quick: GDAS alone."""
    names = ("gdas",) if quick else tuple(SEARCHES)
    told = {name: _killed(name) for name in names}
    return {"searches": told, "holds": all(one["same_cell"] for one in told.values())}


def _killed(name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder) / "killed", Path(folder) / "whole"
        running = subprocess.Popen(_command(name, one), **_quiet())
        end = time.monotonic() + 240
        while _epoch(one) < ALIVE and running.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(running.pid, signal.SIGKILL)
        code, at = running.wait(), _epoch(one)
        for words in ([*_command(name, one), "--resume"], _command(name, other)):
            subprocess.run(words, check=True, **_quiet())
        found, whole = read_json(one / "result.json"), read_json(other / "result.json")
    same = ("key", "genotype", "curve")  # of a search by queries all of them are in its curve
    return {
        "killed_by_9": code == -signal.SIGKILL,
        "killed_after_epochs": at,
        "of_epochs": len(whole["curve"]),
        "same_cell": code == -signal.SIGKILL and all(found[part] == whole[part] for part in same),
    }


def _command(name: str, out: Path) -> list[str]:
    longer = {"trial_epochs": 2} if name in BY_TRIALS else {}
    own = {"mask_epochs": 4, "tune_epochs": 4, "warm_epochs": 2} if name == "hm-nas" else {}
    options = {**LONG, **OWN.get(name, {}), **own, **longer}
    words = [f"--option={key}={value}" for key, value in options.items()]
    about = ["--data", "digits", "--budget", str(BUDGET), "--seed", "3", "--out", str(out)]
    return [sys.executable, "-m", "subsel_automl.cli", "nas", name, *about, *words]


def _quiet() -> dict[str, Any]:
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    return {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _epoch(folder: Path) -> int:
    """Epochs that are on disk; 0 when there are none."""
    if (folder / QUERIES).exists():
        return sum(len(one["curve"]) for one in read_json(folder / QUERIES)["queries"])
    kept = sorted(folder.glob("epoch-[0-9]*[0-9]"))
    return int(kept[-1].name.removeprefix("epoch-")) if kept else 0
