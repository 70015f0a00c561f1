"""The whole way from a zoo to the tables, on digits: seconds instead of hours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.slow
METHODS = "full,random,subselnet,el2n"


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A work folder with a zoo of three networks and a bundle."""
    folder = tmp_path_factory.mktemp("work")
    zoo = str(folder / "zoo")
    command(folder, "zoo.build", "digits", zoo, "--networks", "3", "--validation", "1")
    bundle = str(folder / "bundles" / "digits")
    command(folder, "zoo.bundle", zoo, bundle, "--data", "digits", "--networks", "3", "--validation", "1", "--epochs", "2")  # fmt: skip  # noqa: E501
    return folder


def command(work, module, *words):
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "SUBSEL_WORK": str(work),
            "SUBSEL_RESULTS": str(work / "results"),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_command_compares_selectors_on_real_networks(work):
    words = ("run", "digits", "--methods", METHODS, "--workers", "0", "--seeds", "1")
    shown = command(work, "tradeoff", *words)
    for name in METHODS.split(",")[1:]:
        assert f"| {name} | labels |" in shown
    assert "| subselnet | soft |" in shown
    lines = (work / "results" / "tradeoff_digits.jsonl").read_text().splitlines()
    again = command(work, "tradeoff", *words)
    assert again == shown
    assert (work / "results" / "tradeoff_digits.jsonl").read_text().splitlines() == lines


def test_an_unknown_method_is_refused_with_the_nearest(work):
    with pytest.raises(AssertionError, match="subselnet"):
        command(work, "tradeoff", "run", "digits", "--methods", "subselnt")
