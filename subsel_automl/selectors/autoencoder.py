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
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import SubselError
from ..core.pool import Pool
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..core.zoo import Zoo
from ..maths import draws
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
        from .autoencoder_network import reconstruction_losses  # torch takes seconds to import

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
