"""Claim: kill -9 loses nothing that was finished and counts nothing twice.

    python -m benchmarks.claims run faults [--quick]

Real processes on scikit-learn's digits: a zoo build is killed and begun again; a worker of a search
is killed and Ray retries; the driver of a search is killed and the search restored. --quick kills
the zoo build only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from subsel_automl.core.ledger import AmortizationLedger

SAMPLES, EPOCHS = 6, 4
MARK = "SUBSEL_FAULTS_OF"  # in the environment of what a claim starts
ACTOR = "ray::_Inner"  # of a trainable with parameters
ZOO = """
import sys, torch, numpy as np
torch.set_num_threads(1)
from subsel_automl import dataset, search_space
from subsel_automl.zoo.build import build_zoo, diverse_architectures
from subsel_automl.zoo.reference import ReferenceTraining
space = search_space("nasbench101")
cells = diverse_architectures(space, 4, candidates=20)
training = ReferenceTraining({"channels": 8, "stacks": 2, "cells": 1}, epochs=4)
zoo = build_zoo(sys.argv[1], space, dataset("digits").train, [(c, 0) for c in cells], training,
                progress=lambda did, done, of: print(did, done, flush=True))
"""
SEARCH = """
import sys
from pathlib import Path
import numpy as np
from subsel_automl import dataset, provider, search_space
from subsel_automl.integrations.ray.search import search
space = search_space("nasbench101")
chooser = provider("random-per-class").fit(dataset("digits").train)
found = search(chooser, space, space.sample(np.random.default_rng(0)), budget=0.5, epochs=EPOCHS,
               samples=SAMPLES, seed=0, folder=Path(sys.argv[1]), resume=True, name="faults",
               sizes={"channels": 8, "stacks": 2, "cells": 1}, ledger=sys.argv[2])
print(len(found.trials))
""".replace("EPOCHS", str(EPOCHS)).replace("SAMPLES", str(SAMPLES))


def measure(quick: bool = False) -> dict[str, Any]:
    """Counts after each fault."""
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {"zoo_build": _zoo(Path(folder) / "zoo")}
        if not quick:
            found["worker"] = _search(Path(folder) / "worker", _kill_worker)
            found["driver"] = _search(Path(folder) / "driver", _kill_driver)
    return {**found, "holds": all(part["holds"] for part in found.values())}


def marked_environment() -> dict[str, str]:
    """Of a driver and of all that it starts."""
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "RAY_TMPDIR": tempfile.gettempdir(),
        MARK: str(os.getpid()),
    }


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=marked_environment(),
    )


def _zoo(folder: Path) -> dict[str, Any]:
    """Kill a builder after its second network, then build again."""
    first = _start(ZOO, str(folder))
    assert first.stdout is not None
    before = [first.stdout.readline().strip() for _ in range(2)]
    time.sleep(0.3)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = {p.name: p.stat().st_mtime_ns for p in (folder / "networks").glob("*.json")}
    second = _start(ZOO, str(folder))
    lines = second.communicate(timeout=240)[0].split("\n")
    after = {p.name: p.stat().st_mtime_ns for p in (folder / "networks").glob("*.json")}
    untouched = sum(after.get(name) == stamp for name, stamp in kept.items())
    trained = sum(line.startswith("trained") for line in lines)
    return {
        "before_kill": before,
        "finished_before_kill": len(kept),
        "untouched_after": untouched,
        "trained_after": trained,
        "networks": len(after),
        "holds": untouched == len(kept) and len(after) == 4 and trained == 4 - len(kept),
    }


def _search(folder: Path, fault: Callable[[subprocess.Popen[str], Path], str]) -> dict[str, Any]:
    folder.mkdir(parents=True)
    ledger = folder / "ledger.sqlite"
    driver = _start(SEARCH, str(folder / "runs"), str(ledger))
    did = fault(driver, ledger)
    output = driver.communicate(timeout=400)[0]
    if did == "driver":
        end_ray()
        output = _start(SEARCH, str(folder / "runs"), str(ledger)).communicate(timeout=400)[0]
    rows = [json.loads(line) for line in _reports(folder / "runs")]
    finished = int(output.strip().split("\n")[-1] or 0)
    told = {(row["trial_id"], row["training_iteration"]) for row in rows}
    counted = AmortizationLedger(ledger).totals()["TRAIN"]["count"]
    return {
        "killed": did,
        "trials_finished": finished,
        "epochs_reported": len(told),
        "epochs_in_ledger": counted,
        "holds": did in ("worker", "driver") and finished == SAMPLES and counted == len(told),
    }


def _reports(runs: Path) -> list[str]:
    lines: list[str] = []
    for path in runs.rglob("result.json"):
        lines += [line for line in path.read_text().splitlines() if line]
    return lines


def _first_report(ledger: Path) -> None:
    """Wait until two epochs stand in the ledger."""
    for _ in range(1200):
        if ledger.exists() and AmortizationLedger(ledger).totals()["TRAIN"]["count"] >= 2:
            return
        time.sleep(0.2)
    raise TimeoutError("no trial reported within four minutes")


def _kill_worker(driver: subprocess.Popen[str], ledger: Path) -> str:
    _first_report(ledger)
    for process in own_processes(ACTOR):
        if killed(process):
            return "worker"
    return "no worker found"


def _kill_driver(driver: subprocess.Popen[str], ledger: Path) -> str:
    _first_report(ledger)
    driver.send_signal(signal.SIGKILL)
    return "driver"


def own_processes(title: str = "") -> list[psutil.Process]:
    """Processes that descend from this claim's drivers, by their environment; another Ray on the
    machine is left alone.

    Args:
        title: what the command line begins with.
    """
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            if words.startswith(title) and process.environ().get(MARK) == str(os.getpid()):
                found.append(process)
        except psutil.Error:  # it ended, or is another user's
            continue
    return found


def end_ray() -> None:
    """Ray's daemons outlive a killed driver for a while; end those of this claim."""
    for process in own_processes():
        killed(process)
    time.sleep(2)


def killed(process: psutil.Process) -> bool:
    """Whether it was still there to be killed."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True
