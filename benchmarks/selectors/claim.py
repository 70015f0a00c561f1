"""Claims about the selectors as a whole: every one is described, keeps the contract, plugs in.

python -m benchmarks.claims run selectors | plug-in  [--quick]
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.run import ROOT


def measure_selectors(quick: bool = False) -> dict[str, Any]:
    """`subsel list` says all of every provider; the contract passes over all of them."""
    words = [sys.executable, "-m", "subsel_automl.cli", "list", "providers", "--json"]
    listed = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    said = ("name", "source", "needs", "adaptive", "cost", "drawn")
    rows = listed["providers"]
    whole = all(row.get(key) not in (None, "") for row in rows for key in said)
    few = ["-k", "TestRandom or TestFacilityLocation"] if quick else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_contract.py", *few],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return {
        "providers": len(rows),
        "names": [row["name"] for row in rows],
        "every_row_complete": whole,
        "contract": done.stdout.strip().split("\n")[-1],
        "holds": whole and done.returncode == 0,
    }


def measure_plug_in(quick: bool = False) -> dict[str, Any]:
    """The selector of CONTRIBUTING, planted from outside, is in CLI, contract and benchmarks."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_plugin.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return {"pytest": done.stdout.strip().split("\n")[-1], "holds": done.returncode == 0}
