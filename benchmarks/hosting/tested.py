"""Claims that tests hold: the files are run, and their counts are the number.

python -m benchmarks.claims run house | loader-hosts | ddp
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import Any

from benchmarks.run import ROOT

HOUSE = ("tests/test_circles.py", "tests/test_layers.py", "tests/test_packaging.py")
HOSTS = (
    "tests/hosting/test_dataloader.py",
    "tests/hosting/test_loader.py",
    "tests/hosting/test_session.py",
    "tests/integrations/test_lightning.py",
    "tests/integrations/test_lightning_ranks.py",
    "tests/integrations/test_hf.py",
    "tests/integrations/test_accelerate.py",
    "tests/integrations/test_skorch.py",
    "tests/integrations/test_ray_function.py",
    "tests/integrations/test_ray_pbt.py",
)
RANKS = (
    "tests/hosting/test_ranks.py",
    "tests/integrations/test_lightning_ranks.py",
    "tests/integrations/test_ray_train.py",
    "tests/integrations/test_accelerate.py",
)


def house(quick: bool = False) -> dict[str, Any]:
    """No circle, no arrow up, the wheel holds what the disk does."""
    return tested(HOUSE[:2] if quick else HOUSE)


def loader_hosts(quick: bool = False) -> dict[str, Any]:
    """Subsets and orders under every host equal the undisturbed run's."""
    return tested(HOSTS, *(("-m", "not slow") if quick else ()))


def ddp(quick: bool = False) -> dict[str, Any]:
    """Ranks read disjoint parts that make up the subset."""
    return tested(RANKS[:1] if quick else RANKS)


def tested(paths: tuple[str, ...], *options: str) -> dict[str, Any]:
    """Counts of a run of tests; it holds when some passed and none failed or was left out."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--no-header", "-v",
         "-o", "addopts=", *options, *paths],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", lines[-1])}
    failed = [line.split(" ")[1] for line in lines if line.startswith(("FAILED", "ERROR"))]
    return {
        "files": list(paths),
        "passed": counts.get("passed", 0),
        "skipped": counts.get("skipped", 0),
        "failed": failed,
        "seconds": round(time.perf_counter() - began, 1),
        "holds": bool(done.returncode == 0 and counts.get("passed") and not counts.get("skipped")),
    }
