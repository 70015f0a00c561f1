"""Claim: NNI's own DARTS strategy trains on our subset, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from benchmarks.run import ROOT

BUDGET = 0.1


def measure(quick: bool = False) -> dict[str, Any]:
    """The tests and a real search in `.venv-nni`; quick: the tests alone."""
    tests = _in_its_own()
    found: dict[str, Any] = {"tests": tests.stdout.strip().split("\n")[-1]}
    passed = tests.returncode == 0
    if quick:
        return {**found, "holds": passed}
    search = _in_its_own("-m", "benchmarks.nni.run")
    if search.returncode:
        return {**found, "error": search.stderr[-2000:], "holds": False}
    shown = json.loads(search.stdout.strip().split("\n")[-1])
    every = [one for seeds in shown["subsets"].values() for one in seeds]
    right = all(one["examples"] == every[0]["examples"] > 0 for one in every)
    return {**found, **shown, "holds": passed and right and all(one["steps"] for one in every)}


def _in_its_own(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(ROOT / ".ci" / "nni"), *arguments], cwd=ROOT, capture_output=True, text=True
    )
