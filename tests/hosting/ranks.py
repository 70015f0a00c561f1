"""Run by test_ranks.py in two processes: what each rank reads in two epochs, as JSON lines.

python ranks.py RANK PORT NAME [NAME ...]
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import TensorDataset

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.selectors.el2n import El2n
from subsel_automl.selectors.grad_match import GradMatch
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
LABELS = torch.from_numpy(POOL.labels)
NUMBERED = TensorDataset(
    torch.cat([torch.from_numpy(POOL.features), torch.arange(150.0)[:, None]], 1), LABELS
)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.norm, self.layer = nn.BatchNorm1d(16), nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(self.norm(x[:, :16]))


def plan(name: str, model: nn.Module | None = None) -> tuple[SubsetFeed, dict[str, Any]]:
    if name == "grad-match":
        return SubsetFeed(GradMatch(1).fit(POOL), 41), {"model": model, "with_weights": True}
    if name == "el2n":
        return SubsetFeed(El2n(refresh_every=1, warm_epochs=1).fit(POOL), 40), {"model": model}
    return SubsetFeed(Random().fit(POOL), int(name), redraw_every=1), {}


def train(loader: SubsetLoader, model: nn.Module) -> list[list[int]]:
    optimizer, batches = torch.optim.SGD(model.parameters(), 0.1), []
    for batch in loader:
        batches.append(batch[0][:, 16].int().tolist())
        optimizer.zero_grad()
        F.cross_entropy(model(batch[0]), batch[1]).backward()
        optimizer.step()
    return batches


def main(rank: int, port: str, names: list[str]) -> None:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    dist.init_process_group("gloo", rank=rank, world_size=2)
    for name in names:
        three_passes(name)
    dist.destroy_process_group()


def three_passes(name: str) -> None:
    model = DistributedDataParallel(Net())
    feed, options = plan(name, model)
    loader = SubsetLoader(feed, None, NUMBERED, batch_size=8, **options)
    for _ in range(3):
        told = {"length": len(loader), "batches": train(loader, model)}
        held = range(150) if feed.subset is None else feed.subset.indices.tolist()
        print(json.dumps({**told, "subset": list(held), "name": name}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
