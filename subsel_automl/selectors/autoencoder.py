"""AE: the images that an autoencoder rebuilds best.

    L(x) = mean over pixels of BCE(D(E(x)), x);  the b smallest

E has convolutions of 3-16-32-64-64 channels, D mirrors it; 50 epochs on the pool, without labels.

Source: Moser et al. 2024 (Less is More), Eq. 4; channels, loss, epochs of its supplement.
Deviations:
    [1] Kernels, strides and optimizer are not given: 3x3 of stride 2 and ReLU; nearest-neighbour
        upsampling and 3x3 in D, so that images of any size come back at their size; Adam 1e-3 in
        batches of 128, down to 32 where the pool gives fewer than 20 an epoch.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ..core.errors import SubselError
from ..core.pool import ImageSource, Pool
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..core.zoo import Zoo
from ..maths import draws
from ..training.batches import uniform_epoch
from ..training.seeded import seeded
from .scored import whole


class Autoencoder(SubsetProvider):
    """Lowest loss of reconstruction.

    Args:
        epochs: of the autoencoder's training.
        master_seed: of its weights and order; the subset's seed changes nothing.

    Raises:
        BadInput: unusable options.
    """

    name = "autoencoder"
    source = "Moser et al. 2024, Eq. 4 (AE)"
    needs = Needs.IMAGES
    cost = "training"
    drawn = False

    def __init__(self, epochs: int = 50, master_seed: int = 0) -> None:
        super().__init__()
        self.epochs = whole(self.name, "epochs", epochs, least=1)
        self.master_seed = whole(self.name, "master_seed", master_seed, least=0)
        self.losses: npt.NDArray[np.float64] = np.zeros(0)

    def options(self) -> Mapping[str, Any]:
        return {"epochs": self.epochs, "master_seed": self.master_seed}

    def learned(self) -> str:
        return hashlib.sha256(self.losses.tobytes()).hexdigest() if len(self.losses) else ""

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        from .autoencoder import reconstruction_losses  # torch takes seconds to import

        assert pool.images is not None
        losses = reconstruction_losses(pool.images, epochs=self.epochs, seed=self.master_seed)
        if not np.isfinite(losses).all():
            raise SubselError(
                f"the autoencoder of provider {self.name!r} diverged on pool {pool.name!r}; give "
                "another master_seed or fewer epochs"
            )
        self.losses = losses

    def _select(self, request: Request) -> Subset:
        return Subset(draws.top_b(-self.losses, request.count))


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
