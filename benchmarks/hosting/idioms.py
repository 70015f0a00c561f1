"""Claim: in every idiom that people have, three lines make a script subset-aware, it learns, and it
says at its end what was saved.

    python -m benchmarks.claims run idioms [--quick]

The scripts are `tests/scripts/NAME/{plain,subset}.py`. They run as a user would run them, each in a
process and an empty folder of its own; SUBSEL_SMOKE=1 makes them small.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.hosts.lines import changed_lines
from benchmarks.run import ROOT

SCRIPTS = ROOT / "tests" / "scripts"
NAMES = tuple(sorted(path.parent.name for path in SCRIPTS.glob("*/plain.py")))
LINES, SPLIT_LINES = 3, 6
SPLITS = ("imbalanced",)  # every trial splits the data itself
QUICK = ("binary", "optuna_pruner", "reshape")
MOST_SECONDS, SMOKE_SECONDS = 900, 400


def measure(quick: bool = False) -> dict[str, Any]:
    """Both versions of every script."""
    found = {name: compared(name, smoke=quick) for name in (QUICK if quick else NAMES)}
    wrong = {name: why for name, script in found.items() if (why := _wrong(name, script))}
    return {
        "scripts": found,
        "holding": len(found) - len(wrong),
        "of": len(found),
        "wrong": wrong,
        "holds": not wrong,
    }


def compared(name: str, smoke: bool) -> dict[str, Any]:
    plain, subset = (ran(name, version, smoke) for version in ("plain", "subset"))
    return {
        "changed_lines": lines(name),
        "lessons": subset["lessons"],
        "summary": subset["summary"],
        "factor": subset["factor"],
        "best_plain": plain["best"],
        "best_subset": subset["best"],
        "errors": [run["error"] for run in (plain, subset) if run["error"]],
    }


def lines(name: str) -> int:
    return changed_lines(SCRIPTS / name / "plain.py", SCRIPTS / name / "subset.py")


def allowed(name: str) -> int:
    return SPLIT_LINES if name in SPLITS else LINES


def ran(name: str, version: str, smoke: bool) -> dict[str, Any]:
    """What a script printed: its best value, and of the summary lessons and factor."""
    most = SMOKE_SECONDS if smoke else MOST_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        own = {"HOME": folder, "OMP_NUM_THREADS": "1", "SUBSEL_SMOKE": "1" if smoke else "0"}
        try:
            done = subprocess.run(
                [sys.executable, str(SCRIPTS / name / f"{version}.py")],
                cwd=folder, env={**os.environ, **own}, capture_output=True, text=True,
                timeout=most, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {**read(""), "error": f"{version}: no end within {most} s"}
    said = read(done.stdout)
    if done.returncode or said["best"] is None:
        return {**said, "error": f"{version}: {done.stderr.strip()[-400:] or 'no best value'}"}
    return {**said, "error": ""}


def read(printed: str) -> dict[str, Any]:
    best = _number(r"^best: (-?[\d.]+)", printed)
    lessons = _number(r"^ +lessons +([\d,]+) stored", printed)
    return {
        "best": best,
        "summary": re.search(r"^What was saved: ", printed, re.M) is not None,
        "lessons": None if lessons is None else int(lessons),
        "factor": _number(r"^ +factor +([\d.,]+) times the CPU seconds", printed),
    }


def _number(pattern: str, printed: str) -> float | None:
    found = re.findall(pattern, printed, re.M)
    return float(found[-1].replace(",", "")) if found else None


def _wrong(name: str, script: dict[str, Any]) -> str:
    """What a script lacks."""
    if script["errors"]:
        return "; ".join(script["errors"])
    if script["changed_lines"] > allowed(name):
        return f"{script['changed_lines']} changed lines, {allowed(name)} are allowed"
    if not script["summary"]:
        return "no summary"
    return "" if script["lessons"] else "no lesson"
