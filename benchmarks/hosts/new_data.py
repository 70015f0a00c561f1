"""Claim: `subsel tune` with its defaults on a new user's data: npz, folder of images, table.

    python -m benchmarks.claims run tune-new-data

Digits (1,797 images of 8 x 8) in three forms, each with a network in a file of one's own, 12
configurations, a full training of 12 passes; nothing else is said. Each run must end with a line
of advice, the summary, and the winner's weights, trained on all data; seconds are of the wall.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SECONDS = 180.0
PICTURES = """
from torch import nn


def build(classes=10, channels=1):
    return nn.Sequential(
        nn.LazyConv2d(16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.LazyLinear(classes),
    )
"""
NUMBERS = """
from torch import nn


def build():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
"""


def measure() -> dict[str, Any]:
    """Three runs, one after another."""
    forms: dict[str, tuple[str, Callable[[Path], str]]] = {
        "npz": (PICTURES, _npz),
        "folder of images": (PICTURES, _folder),
        "table": (NUMBERS, _table),
    }
    found = {name: _run(code, write) for name, (code, write) in forms.items()}
    return {
        "runs": found,
        "holds": all(one["whole"] and one["seconds"] <= SECONDS for one in found.values()),
    }


def _run(code: str, write: Callable[[Path], str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        (folder / "my_module.py").write_text(code)
        command = ["tune", "--model", "my_module.py:build", "--data", write(folder)]
        command += ["--epochs", "12", "--out", "run", "--json"]
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "subsel_automl.cli", *command],
            cwd=folder,
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=False,
        )
        seconds = round(time.perf_counter() - began, 1)
        if done.returncode:
            return {"whole": False, "seconds": seconds, "error": done.stderr[-500:]}
        shown = json.loads(done.stdout)
        weights = (folder / shown["weights"]).is_file()
    advice = [line for line in done.stderr.splitlines() if "advice:" in line]
    return {
        "whole": bool(weights and len(advice) == 1 and shown["summary"]),
        "seconds": seconds,
        "advice": advice[0].strip() if advice else "",
        "winner_accuracy": round(shown["winner_accuracy"], 4),
        "factor_cpu": shown["summary"].get("factor", {}),
        "command": "subsel " + " ".join(command),
    }


def _digits() -> tuple[Any, Any]:
    from sklearn.datasets import load_digits

    known = load_digits()
    return known.images, known.target


def _npz(folder: Path) -> str:
    images, labels = _digits()
    np.savez(folder / "my.npz", images=(images * 15.9).astype(np.uint8), labels=labels)
    return "my.npz"


def _folder(folder: Path) -> str:
    from PIL import Image

    images, labels = _digits()
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / "pictures" / f"digit-{label}" / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9).astype(np.uint8)).save(path)
    return "pictures"


def _table(folder: Path) -> str:
    images, labels = _digits()
    np.savez(folder / "table.npz", features=images.reshape(-1, 64) / 16, labels=labels)
    return "table.npz"
