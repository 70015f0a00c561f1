"""Claim: the README's two commands work in a fresh clone with a fresh environment.

    python -m benchmarks.claims run fresh [--quick]

Clones the committed state into a temporary folder, runs `make install`, `make demo`, `make test`
and prints the seconds of each. --quick only checks that the clone builds its environment's plan
(`make -n demo test`) and that every file the two commands name is committed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.run import ROOT

DEMO_BAR, TEST_BAR = 360.0, 720.0  # seconds


def measure(quick: bool = False) -> dict[str, Any]:
    """Seconds and exit codes of the commands."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        if quick:
            plan = _make(clone, "-n", "demo", "test")
            named = ["pyproject.toml", "constraints.txt", "Makefile", "README.md", ".ci/run"]
            there = all((clone / name).exists() for name in named)
            return {"plan": plan, "files": there, "holds": there and plan["exit"] == 0}
        head = ["git", "rev-parse", "--short=10", "HEAD"]
        cloned = subprocess.run(head, cwd=clone, capture_output=True, text=True, check=True)
        install = _make(clone, "install")
        demo = _make(clone, "demo")
        report = clone / "demo-out" / "report.html"
        size = report.stat().st_size if report.exists() else 0
        test = _make(clone, "test")
    return {
        "cloned_commit": cloned.stdout.strip(),
        "install": install,
        "demo": demo,
        "report_bytes": size,
        "test": test,
        "holds": bool(
            install["exit"] == demo["exit"] == test["exit"] == 0
            and 0 < size < 2_000_000
            and demo["seconds"] <= DEMO_BAR
            and install["seconds"] + test["seconds"] <= TEST_BAR
        ),
    }


def _make(folder: Path, *words: str) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    began = time.perf_counter()
    done = subprocess.run(
        ["make", *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    lines = [line for line in done.stdout.strip().split("\n") if line]
    return {
        "exit": done.returncode,
        "seconds": round(time.perf_counter() - began, 1),
        "last_line": lines[-1][-200:] if lines else "",
        "failed": [line[:200] for line in lines if line.startswith(("FAILED", "ERROR"))],
    }
