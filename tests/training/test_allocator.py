"""A user's process keeps its allocator as it is; ours does not."""

from __future__ import annotations

import subprocess
import sys

import pytest

USERS = """
import torch
from torch import nn
from subsel_automl.training import allocator
calls = []
allocator.keep_freed_memory = lambda: calls.append(1)
from subsel_automl import SubsetFeed, SubsetLoader, provider
from subsel_automl.worlds import clump_pool
from subsel_automl.training.trainer import Trainer
from subsel_automl.training.recipes import Recipe
pool = clump_pool(60)
for name in ("random", "el2n-once"):
    chosen = provider(name, **({"epochs": 1} if "once" in name else {})).fit(pool)
    list(SubsetLoader(SubsetFeed(chosen, 10)))
Trainer(nn.Sequential(nn.Flatten(), nn.Linear(16, 4)), pool, Recipe(), steps=1, seed=0)
print(len(calls))
"""


def test_nothing_that_users_call_changes_their_allocator():
    done = subprocess.run(
        [sys.executable, "-c", USERS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1500:]
    assert done.stdout.strip() == "0"


def test_the_command_line_owns_its_process(monkeypatch):
    from subsel_automl import cli
    from subsel_automl.cli import app
    from subsel_automl.training import allocator

    calls = []
    monkeypatch.setattr(allocator, "keep_freed_memory", lambda: calls.append(1))
    monkeypatch.setattr(app, "run", lambda: None)
    cli.main()
    assert calls == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's thresholds")
def test_the_thresholds_are_raised_where_there_is_a_glibc():
    from subsel_automl.training.allocator import keep_freed_memory

    assert keep_freed_memory() in (True, False)
