"""The autoencoder of `autoencoder.py`: its network, its training, the loss of every image."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ..core.pool import ImageSource
from ..training.batches import uniform_epoch
from ..training.seeded import seeded

CHANNELS = (16, 32, 64, 64)
RATE, BATCH, SMALL, EVAL_BATCH = 1e-3, 128, 32, 500


class AutoencoderNetwork(nn.Module):
    """Images in 0..1 [n, c, h, w] -> logits of the pixels, same shape."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        widths = (in_channels, *CHANNELS)
        pairs = list(itertools.pairwise(widths))
        self.encoder = nn.ModuleList(nn.Conv2d(a, b, 3, 2, padding=1) for a, b in pairs)
        self.decoder = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in reversed(pairs))

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        sizes = []
        for layer in self.encoder:
            sizes.append(x.shape[2:])
            x = torch.relu(layer(x))
        for layer, size in zip(self.decoder, reversed(sizes), strict=True):
            x = layer(functional.interpolate(x, size=size))
            x = x if layer is self.decoder[-1] else torch.relu(x)
        return x


def reconstruction_losses(
    images: ImageSource, *, epochs: int, seed: int
) -> npt.NDArray[np.float64]:
    """Train on all images; the mean binary cross-entropy of each one's pixels, [n]."""
    n, rng = len(images), np.random.default_rng([seed, 0xAE])
    batch = min(BATCH, max(SMALL, n // 20))
    with seeded(seed):
        model = AutoencoderNetwork(images.shape[2]).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    for _ in range(epochs):
        for rows in uniform_epoch(rng, n, batch):
            x = _read(images, rows.indices)
            loss = functional.binary_cross_entropy_with_logits(model(x), x)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    losses = []
    with torch.no_grad():
        for start in range(0, n, EVAL_BATCH):
            x = _read(images, np.arange(start, min(n, start + EVAL_BATCH)))
            each = functional.binary_cross_entropy_with_logits(model(x), x, reduction="none")
            losses.append(each.double().mean((1, 2, 3)))
    return torch.cat(losses).numpy()


def _read(images: ImageSource, rows: npt.NDArray[np.int64]) -> Float[Tensor, "b c h w"]:
    x = torch.from_numpy(np.ascontiguousarray(images.batch(rows))).permute(0, 3, 1, 2)
    return x.float() / 255
