"""Zero-cost proxies: scores of a network at initialisation, from one batch.

    grad_norm   |grad of the batch's loss|_2 over convolutions and dense layers
    synflow     sum |theta * dR / dtheta|,   R the sum of the outputs for an input of ones, with
                |theta| for theta and batch norm left out

Source: Abdelfattah et al. 2021 (grad_norm, settings); Tanaka et al. 2020, Eq. 3 (synflow).

Deviations:
    [1] Batch norm is left out by evaluation mode: at initialisation it divides by sqrt(1 + 1e-5).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.pool import Pool
from subsel_automl.spaces.base import SearchSpace
from subsel_automl.training.inputs import Inputs
from subsel_automl.training.seeded import seeded

BATCH = 64


def proxies(
    space: SearchSpace, cell: Architecture, pool: Pool, sizes: dict[str, int], seed: int = 0
) -> dict[str, float]:
    """Of a cell's network on the first examples of a pool."""
    assert pool.images is not None
    assert pool.labels is not None
    with seeded(seed):
        network = space.module(
            cell, classes=pool.classes, in_channels=pool.images.shape[2], **sizes
        )
    images = Inputs(pool)(pool, np.arange(BATCH))
    labels = torch.from_numpy(pool.labels[:BATCH])
    return {"grad_norm": grad_norm(network, images, labels), "synflow": synflow(network, images)}


def grad_norm(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """In training mode; gradients are taken away again."""
    network.train()
    F.cross_entropy(network(images), labels).backward()
    total = sum(float(p.grad.square().sum()) for p in _weights(network) if p.grad is not None)
    network.zero_grad()
    return total**0.5


def synflow(network: nn.Module, images: Tensor) -> float:
    """In double precision; the network's weights are replaced by their absolute values."""
    network.double().eval()  # [1]
    with torch.no_grad():
        for value in network.parameters():
            value.abs_()
    network(torch.ones_like(images[:1], dtype=torch.float64)).sum().backward()
    flows = [(p.detach() * p.grad).abs().sum() for p in _weights(network) if p.grad is not None]
    network.zero_grad()
    return float(sum(flows))


def _weights(network: nn.Module) -> list[nn.Parameter]:
    kinds = (nn.Conv2d, nn.Linear)
    return [layer.weight for layer in network.modules() if isinstance(layer, kinds)]
