"""Hosts: reports of the example scripts and a model of one's own, the claim of shared studies.

    python -m benchmarks.claims run examples [--quick]
    python -m benchmarks.claims run own-model | shared-study

The scripts run as a user would run them, in processes of their own, on Fashion-MNIST (--quick: on
digits). Changed lines are counted without imports, as the tests do.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hosts.lines import changed_lines
from benchmarks.run import ROOT
from subsel_automl.catalog import dataset
from subsel_automl.core.pool import Pool

EXAMPLES = ROOT / "examples"
SCRIPTS = ("ray_function", "ray_class", "optuna_study")
MODEL = '''
from torch import nn


def build(classes, in_channels):
    """A network that is in no search space."""
    return nn.Sequential(
        nn.Conv2d(in_channels, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(96, 48), nn.GELU(), nn.Linear(48, classes),
    )
'''
TESTS = {
    "two_processes": "tests/integrations/test_optuna.py::"
    "test_two_processes_on_one_study_count_each_trial_once_and_select_once",
    "reused_actors": "tests/integrations/test_ray_tune.py::"
    "test_a_reused_actor_trains_on_the_new_architectures_subset",
    "reused_actors_in_ray": "tests/integrations/test_ray_reuse.py",
}


def measure(quick: bool = False) -> dict[str, Any]:
    """Both versions of each script: changed lines, what they printed."""
    found: dict[str, Any] = {}
    for script in SCRIPTS:
        plain, twin = (_run(name, quick) for name in (script, f"{script}_subset"))
        lines = changed_lines(EXAMPLES / f"{script}.py", EXAMPLES / f"{script}_subset.py")
        found[script] = {"changed_lines": lines, "plain": plain, "subset": twin}
        if plain["cpu_seconds"] and twin["cpu_seconds"]:
            found[script]["times_cheaper"] = round(plain["cpu_seconds"] / twin["cpu_seconds"], 2)
    return found


def _run(script: str, quick: bool) -> dict[str, Any]:
    size = ["--data", "digits", "--trials", "3", "--epochs", "2"] if quick else []
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, f"{script}.py", *size, "--out", folder],
            cwd=EXAMPLES,
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=False,
        )
    cost = re.search(r"cost: ([\d.]+) CPU seconds, (\d+) trials", done.stdout)
    winner = re.search(r"winner: (.*)", done.stdout)
    return {
        "cpu_seconds": float(cost.group(1)) if cost else None,
        "trials": int(cost.group(2)) if cost else None,
        "winner": winner.group(1) if winner else None,
        **({} if winner else {"error": done.stderr[-300:]}),
    }


def measure_own_model() -> dict[str, Any]:
    """`subsel tune --model` on a module in a file and a data set in an .npz."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        (folder / "my_module.py").write_text(MODEL)
        _write(folder / "my.npz", dataset("fashion-mnist").train)
        command = ["tune", "--model", "my_module.py:build", "--data", "my.npz", "--budget", "0.1"]
        command += ["--samples", "6", "--epochs", "3", "--out", "run", "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "subsel_automl.cli", *command],
            cwd=folder,
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=False,
        )
        shown = json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr[-500:]}
    shown.pop("out", None)
    return {**shown, "command": "subsel " + " ".join(command)}


def _write(path: Path, pool: Pool) -> None:
    """6,000 images as a user keeps them: arrays `images` and `labels`."""
    assert pool.images is not None
    assert pool.labels is not None
    rows = np.arange(6000)
    np.savez(path, images=pool.images.batch(rows), labels=pool.labels[rows])


def measure_shared() -> dict[str, Any]:
    """The tests that count trials and selections with real processes."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", *TESTS.values()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = [
        line for line in done.stdout.strip().splitlines() if "passed" in line or "failed" in line
    ]
    return {
        "tests": TESTS,
        "pytest": told[-1:] or done.stdout[-200:],
        "holds": done.returncode == 0,
    }
