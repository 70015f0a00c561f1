"""A subset that is chosen from the running trial must not cost more than it saves."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from subsel_automl import SubsetFeed, SubsetLoader, provider
from subsel_automl.worlds import clump_pool

EPOCHS = 20


def seconds(name: str, budget: float) -> float:
    """CPU seconds of a trial with its selections."""
    torch.manual_seed(0)
    pool = clump_pool(3000)
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 256), nn.ReLU(), nn.Linear(256, 4))
    optimizer = torch.optim.SGD(net.parameters(), 0.05)
    feed = SubsetFeed(provider(name).fit(pool), budget)
    loader = SubsetLoader(feed, model=net, batch_size=32, with_weights=True)
    began = time.process_time()
    for _ in range(EPOCHS):
        for x, y, w in loader:
            optimizer.zero_grad()
            (F.cross_entropy(net(x), y, reduction="none") * w).mean().backward()
            optimizer.step()
    return time.process_time() - began


@pytest.mark.parametrize("name", ["grad-match", "craig", "el2n"])
def test_choosing_from_the_trial_and_training_on_a_tenth_is_cheaper_than_all_data(name: str):
    assert seconds(name, 0.1) < 0.8 * seconds("full", 1.0)
