"""TL: the examples that a classifier on frozen, pre-trained features finds easiest.

    phi = a head d-256-c trained on fixed features;  the b smallest -log phi_y(x)

Source: Moser et al. 2024 (Less is More), Eq. 7: a ResNet-18 trained on ImageNet, frozen, and a head
512-256-100. Deviations:
    [1] The features are the pool's own, for the caller to take from a pre-trained network, or
        `features="efficientnet-128"`: EfficientNet-Lite0 at 128 pixels (extra [features]). So d is
        theirs, 1,280, not ResNet-18's 512.
    [2] The head's training is not given: 20 epochs of Adam 1e-3 in batches of 128 (less where the
        pool gives fewer than 20 batches an epoch), inputs normalised by batch norm, ReLU between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

from ..core.errors import BadInput, SubselError, UnknownName
from ..core.pool import Pool
from ..core.provider import Needs
from ..spaces.networks import Network
from ..training.batches import steps_an_epoch, uniform_epoch
from ..training.recipes import Recipe
from ..training.seeded import seeded
from ..training.trainer import Trainer
from .scored import ScoredByMaster, Scores, whole

FEATURES = ("pool", "efficientnet-<pixels>")


class Transfer(ScoredByMaster):
    """Lowest loss of a head on frozen features.

    Args:
        features: "pool", or "efficientnet-<pixels>", computed from the pool's images. [1]
        hidden: width of the head's hidden layer.
        epochs, master_seed, per_class: as in ScoredByMaster.

    Raises:
        UnknownName, BadInput: unusable options.
    """

    name = "transfer"
    source = "Moser et al. 2024, Eq. 7 (TL)"
    needs = Needs.LABELS

    def __init__(
        self,
        features: str = "pool",
        hidden: int = 256,
        epochs: int = 20,
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__(None, epochs, master_seed, per_class)
        found = re.fullmatch(r"efficientnet-(\d+)", str(features))
        if features != "pool" and found is None:
            raise UnknownName(f"features of provider {self.name!r}", features, FEATURES)
        self.features = features
        self.pixels = int(found[1]) if found else 0
        if found and self.pixels < 32:
            raise BadInput(f"features {features!r} of provider {self.name!r}: give 32 pixels up")
        self.hidden = whole(self.name, "hidden", hidden, least=1)
        if found:
            self.needs = Needs.LABELS | Needs.IMAGES  # type: ignore[misc]

    def options(self) -> Mapping[str, Any]:
        inherited = {name: value for name, value in super().options().items() if name != "network"}
        return {"features": self.features, "hidden": self.hidden, **inherited}

    def _score(self, pool: Pool) -> Scores:
        from .transfer import head_losses  # torch takes seconds to import

        losses = head_losses(
            self._frozen(pool), hidden=self.hidden, epochs=self.epochs, seed=self.master_seed
        )
        if not np.isfinite(losses).all():
            raise SubselError(
                f"the head of provider {self.name!r} diverged on pool {pool.name!r}; give another "
                "master_seed or fewer epochs"
            )
        return -losses

    def _frozen(self, pool: Pool) -> Pool:
        """The labels and the features that the head reads; no images."""
        features = pool.features
        if self.pixels:
            from ..data.features import efficientnet_features

            features = efficientnet_features(pool, self.pixels)
        return Pool(pool.name, features, pool.labels, classes=pool.classes)


RATE, BATCH = 1e-3, 128


def head_losses(pool: Pool, *, hidden: int, epochs: int, seed: int) -> npt.NDArray[np.float64]:
    """Train the head on a pool of features; the cross-entropy of every example, [n]."""
    n, d = pool.features.shape
    batch = min(BATCH, max(8, n // 20))
    recipe = Recipe({"name": "adam", "lr": RATE}, {"name": "constant"}, batch=batch)
    with seeded(seed):
        body = nn.Sequential(nn.BatchNorm1d(d), nn.Linear(d, hidden), nn.ReLU())
        head = Network(body, hidden, pool.classes)
        steps = epochs * steps_an_epoch(n, batch)
        trainer = Trainer(head, pool, recipe, steps=steps, seed=seed, precision="fp32")
        for _ in range(epochs):
            trainer.epoch(uniform_epoch(trainer.rng, n, batch))
    return trainer.losses(np.arange(n)).astype(np.float64)
