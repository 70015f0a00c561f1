"""Accelerate's `prepare` makes its own loader of ours: the same epochs, by one process and two."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("accelerate", reason="extra [hf] is not installed")

import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
NUMBERED = TensorDataset(torch.arange(150.0)[:, None], torch.from_numpy(POOL.labels))


def loader(budget: int = 40, **options: Any) -> SubsetLoader:
    feed = SubsetFeed(Random().fit(POOL), budget, redraw_every=1)
    return SubsetLoader(feed, None, NUMBERED, batch_size=8, **options)


def train(batches: Any) -> list[int]:
    model = nn.Linear(1, 4)
    optimizer, seen = torch.optim.SGD(model.parameters(), 0.1), []
    for x, y in batches:
        seen += x[:, 0].int().tolist()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return seen


@pytest.mark.parametrize("options", [{}, {"num_workers": 1, "persistent_workers": True}], ids=str)
def test_the_prepared_loader_reads_what_ours_reads(options: dict[str, Any]) -> None:
    prepared, ours = Accelerator(cpu=True).prepare(loader(**options)), loader()
    assert [train(prepared) for _ in range(3)] == [train(ours) for _ in range(3)]


def test_the_feed_counts_the_epochs_of_the_prepared_loader() -> None:
    ours = loader()
    prepared = Accelerator(cpu=True).prepare(ours)
    for _ in range(2):
        train(prepared)
    assert ours.epoch == 2
    assert ours.examples == 80


SCRIPT = """
import json, os, sys
os.environ |= dict(RANK=sys.argv[1], LOCAL_RANK=sys.argv[1], WORLD_SIZE="2",
                   MASTER_ADDR="127.0.0.1", MASTER_PORT=sys.argv[2])
sys.path.insert(0, sys.argv[3])
from test_accelerate import Accelerator, loader, train
prepared = Accelerator(cpu=True).prepare(loader())
for _ in range(2):
    print(json.dumps(train(prepared)), flush=True)
"""


@pytest.mark.slow
def test_two_processes_read_disjoint_parts_through_accelerate(tmp_path: Path) -> None:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    here = str(Path(__file__).parent)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(rank), port, here], stdout=subprocess.PIPE, text=True
        )
        for rank in (0, 1)
    ]
    told = [[json.loads(line) for line in one.communicate(timeout=120)[0].splitlines()
             if line.startswith("[")] for one in running]  # fmt: skip
    again = SubsetFeed(Random().fit(POOL), 40, redraw_every=1)
    for epoch in range(2):
        both = told[0][epoch] + told[1][epoch]
        subset = set(again.at(epoch, None).indices.tolist())
        assert set(both) == subset
        assert len(both) - len(set(both)) <= 8  # Accelerate fills the last batches up
