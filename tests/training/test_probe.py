"""A user's own network as a probe: its answers, its last layer's gradients, its modes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from subsel_automl.core.errors import BadInput
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.training.probe import ModelProbe
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
LABELS = torch.from_numpy(POOL.labels)


def small_net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 4))


def test_the_probe_agrees_with_automatic_differentiation():
    model, some = small_net(), np.array([3, 77])
    probe = ModelProbe(model, POOL, PoolDataset(POOL))
    x = torch.stack([PoolDataset(POOL)[i][0] for i in some])
    expected = []
    for image, label in zip(x, LABELS[some], strict=True):
        model.zero_grad()
        F.cross_entropy(model(image[None]), label[None]).backward()
        last = model[3]
        expected.append(torch.cat([last.weight.grad, last.bias.grad[:, None]], 1).ravel())
    np.testing.assert_allclose(
        probe.last_layer_gradients(some), torch.stack(expected).numpy(), atol=1e-5
    )
    np.testing.assert_allclose(np.exp(probe.logits(some)).sum(1), 1, atol=1e-5)


def test_the_probe_leaves_every_layers_mode_as_it_was():
    model = small_net().train()
    model[2].eval()
    ModelProbe(model, POOL, PoolDataset(POOL)).logits(np.arange(5))
    assert [part.training for part in model] == [True, True, False, True]


def test_a_network_without_a_last_linear_layer_is_refused_for_gradients():
    model = nn.Sequential(nn.Conv2d(1, 4, 4), nn.Flatten())
    with pytest.raises(BadInput, match=r"nn\.Linear"):
        ModelProbe(model, POOL, PoolDataset(POOL)).last_layer_factors(np.arange(5))
