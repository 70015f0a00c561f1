"""Claim: the tests pass on the oldest versions that the ranges of pyproject.toml admit.

    python -m benchmarks.claims run oldest [--quick]

Runs `make test-oldest`: the fast tests of all and the slow ones of the hosts, in .venv-oldest.
--quick runs the tests of the ranges alone, on the versions that are here.
"""

from __future__ import annotations

import re
import subprocess
import time
from typing import Any

from benchmarks.hosting.tested import tested
from benchmarks.run import ROOT


def measure(quick: bool = False) -> dict[str, Any]:
    """Versions and counts."""
    if quick:
        return tested(("tests/test_ranges.py",))
    began = time.perf_counter()
    done = subprocess.run(["make", "test-oldest"], cwd=ROOT, capture_output=True, text=True)
    return {
        **told(done.stdout.splitlines()),
        "exit": done.returncode,
        "seconds": round(time.perf_counter() - began, 1),
        "holds": done.returncode == 0,
    }


def told(lines: list[str]) -> dict[str, Any]:
    """What the two runs of pytest say, added up."""
    ends = [
        line for line in lines if re.search(r"\d+ (passed|failed|errors?)\b.* in [\d.]+s", line)
    ]
    found = [re.findall(r"(\d+) (passed|failed|skipped|error)", line) for line in ends]
    counts = [(word, int(number)) for line in found for number, word in line]
    return {
        "versions": next((line for line in lines if line.startswith("versions: ")), "")[10:],
        **{
            word: sum(number for name, number in counts if name == word)
            for word in ("passed", "skipped", "failed", "error")
        },
        "runs": len(ends),
        "named": [line[:200] for line in lines if line.startswith(("FAILED", "ERROR"))],
    }
