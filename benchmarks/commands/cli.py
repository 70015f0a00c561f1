"""Claims about the command line and about bad input.

python -m benchmarks.claims run cli | bad-input
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.run import ROOT

HELP_BAR = 0.3  # seconds


def measure_cli(quick: bool = False) -> dict[str, Any]:
    """Median seconds of `subsel --help`; whether `select --json` prints JSON and nothing else."""
    seconds = []
    for _ in range(5 if quick else 15):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "subsel_automl.cli", "--help"], capture_output=True)
        seconds.append(time.perf_counter() - began)
    cell = json.dumps({"ops": ["input", "conv3x3-bn-relu", "output"], "edges": [[0, 1], [1, 2]]})
    asked = ["select", "--json", "--architecture", cell, "--budget", "0.02"]
    done = subprocess.run(
        [sys.executable, "-m", "subsel_automl.cli", *asked], capture_output=True, text=True
    )
    document = json.loads(done.stdout)
    return {
        "help_seconds_median": round(statistics.median(seconds), 3),
        "help_seconds_best": round(min(seconds), 3),
        "select_exit": done.returncode,
        "select_keys": sorted(document),
        "holds": bool(statistics.median(seconds) < HELP_BAR and done.returncode == 0),
    }


def measure_bad_input(quick: bool = False) -> dict[str, Any]:
    """Runs the tests of bad input: each a typed error that says what came and what to do."""
    words = "refused or refuses or flipped or truncated or cut or noticed"
    folders = [f"tests/{name}" for name in ("core", "spaces", "training", "subselnet")]
    folders = folders[:1] if quick else folders
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "not slow", "-k", words, *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    last = done.stdout.strip().split("\n")[-1]
    return {"pytest": last, "exit": done.returncode, "holds": done.returncode == 0}
