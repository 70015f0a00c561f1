"""Claim: faults of a search, counted: 20 worker kills, 20 driver kills, 20 exceptions, 20 NaNs.

    python -m benchmarks.claims run search-faults [--quick]

Each kind is done to `benchmarks.faults.search`, beside an undisturbed run. Held: the configurations
of the trials that ended are the undisturbed run's; every epoch in Ray's result files is in the
ledger, no attempt at one twice; epochs in the ledger (all have as many steps) are within 5 % of
those in the trials' own log, where an epoch that is trained again after a kill stands again.
--quick: the undisturbed run and the exceptions.
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.faults.claim import ACTOR, end_ray, killed, marked_environment, own_processes
from benchmarks.faults.search import ENDED, FAULTS, SAMPLES
from subsel_automl.core.files import read_json

LATER = 1.5
Driver = subprocess.Popen[str]


def measure(quick: bool = False) -> dict[str, Any]:
    """Counts of each kind of fault."""
    with tempfile.TemporaryDirectory() as root:
        base = Path(root)
        calm = _undisturbed(base / "calm")
        found: dict[str, Any] = {"undisturbed": calm["shown"]}
        kinds: dict[str, Callable[[Path], int]] = {"exceptions": _exceptions, "nans": _nans}
        if quick:
            kinds = {"exceptions": _exceptions}
        else:
            kinds |= {"worker_kills": _worker_kills, "driver_kills": _driver_kills}
        for name, disturb in kinds.items():
            faults = disturb(base / name)
            found[name] = _held(base / name, faults, calm["configurations"])
            end_ray()
    return {**found, "holds": all(part["holds"] for part in found.values())}


def _undisturbed(folder: Path) -> dict[str, Any]:
    _start(folder).communicate(timeout=600)
    end_ray()
    configurations = _configurations(folder)
    shown = _held(folder, 0, configurations)
    return {"configurations": configurations, "shown": shown}


def _start(folder: Path, *fault: str) -> Driver:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.faults.search", str(folder), *fault],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env=marked_environment(),
    )


def _exceptions(folder: Path) -> int:
    _start(folder, "exceptions").communicate(timeout=900)
    return len(list((folder / "marks").iterdir()))


def _nans(folder: Path) -> int:
    _start(folder, "nans").communicate(timeout=900)
    return len(list((folder / "marks").iterdir()))


def _worker_kills(folder: Path) -> int:
    """Kill one of the search's actors after another, each once it has trained something."""
    driver, kills, seen = _start(folder), 0, 0
    rng, until = random.Random(0), time.monotonic() + 900
    while driver.poll() is None and kills < FAULTS and time.monotonic() < until:
        time.sleep(0.2)
        lines = len(_log(folder))
        actors = own_processes(ACTOR)
        if lines > seen and actors and killed(rng.choice(actors)):
            kills, seen = kills + 1, lines
    driver.communicate(timeout=900)
    return kills


def _driver_kills(folder: Path) -> int:
    """Kill the driver at any moment of the LATER seconds after it has got an epoch further, and
    restore, until all kills are done."""
    kills, rng = 0, random.Random(0)
    for _ in range(FAULTS):
        seen = len(_log(folder))
        driver = _start(folder)
        until = time.monotonic() + 120
        while driver.poll() is None and len(_log(folder)) <= seen and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(LATER * rng.random())
        if driver.poll() is not None:  # the search was over
            break
        driver.kill()
        driver.wait()
        kills += 1
        end_ray()
    _start(folder).communicate(timeout=900)
    return kills


def _held(folder: Path, faults: int, wanted: list[str]) -> dict[str, Any]:
    reports = _reports(folder)
    told = {(row["trial_id"], row["training_iteration"]) for row in reports}
    trained = [(trial, int(epoch)) for trial, epoch, _, _ in _log(folder)]  # again after a kill too
    events = _in_ledger(folder / "ledger.sqlite")
    counted = [(trial, epoch) for trial, epoch, _ in events]
    off = abs(len(counted) - len(trained)) / len(trained)  # all epochs have as many steps
    in_order = told <= set(counted) and len(set(events)) == len(events)
    same = _configurations(folder) == wanted
    return {
        "faults": faults,
        "trials_ended": len(_configurations(folder)),
        "same_as_undisturbed": same,
        "epochs_reported": len(told),
        "epochs_in_ledger": len(counted),
        "epochs_in_own_log": len(trained),
        "steps_off": round(off, 4),
        "none_lost_or_doubled": in_order,
        "holds": same and in_order and off <= 0.05 and faults in (0, FAULTS),
    }


def _in_ledger(file: Path) -> list[tuple[str, int, str]]:
    """(trial, epoch, attempt) of every training charge."""
    with closing(sqlite3.connect(file)) as ledger:
        events = ledger.execute("SELECT event FROM charges WHERE stage = 'TRAIN'").fetchall()
    parts = [event.split("/") for (event,) in events]
    return [(trial, int(epoch.split("-")[0]), epoch) for _, trial, epoch, _ in parts]


def _configurations(folder: Path) -> list[str]:
    """Of the trials that ended without an error, as text."""
    path = folder / ENDED
    if not path.exists():
        return []
    found = read_json(path)["configurations"]
    return sorted(json.dumps(one, sort_keys=True) for one in found)


def _log(folder: Path) -> list[tuple[str, str, str, str]]:
    path = folder / "steps.log"
    lines = path.read_text().splitlines() if path.exists() else []
    whole = [line.split(" ") for line in lines]
    return [(one[0], one[1], one[2], one[3]) for one in whole if len(one) == 4]


def _reports(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for path in (folder / "runs").rglob("result.json"):
        for line in path.read_text().splitlines():
            rows.append(json.loads(line))
    return rows


assert SAMPLES >= FAULTS  # a NaN each
