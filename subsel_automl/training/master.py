"""A master network: trained for a few epochs on the whole pool, so that its answers score it.

SGD 0.025 with momentum 0.9, weight decay 5e-4 and a constant rate (the rate: SubSelNet D.2,
Pruning; momentum and decay: D.2, Glister; batch and schedule are not given), five epochs (D.2).
What it says of an example is computed in float32, whatever it was trained in: bf16 scores tie.

Deviations: [1] resnet-8 stands for the ResNet-18 of D.2, which needs hours on a CPU; network=
"resnet-18" is the paper's. [2] A watched network is asked about all examples after every epoch,
not about a batch when it is trained on (Toneva et al. 2019, Algorithm 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from ..core.errors import BadInput, SubselError
from ..core.pool import Pool
from ..core.probe import Probe
from ..maths import scores
from ..spaces import networks
from .batches import steps_an_epoch, uniform_epoch
from .recipes import Recipe
from .seeded import seeded
from .trainer import Trainer

BATCH = 128
BLOCK = 4096  # rows whose gradient factors are in memory at once


@dataclass(frozen=True, eq=False)
class Master:
    """A trained network's view of a pool.

    Args:
        network: its name.
        probe: the network itself, to be asked more.
        log_probabilities: [n, c] after the last epoch.
        margins: [epochs, n] logit of the label minus the largest other, after every epoch; None
            when it was not watched.
    """

    network: str
    probe: Probe
    log_probabilities: npt.NDArray[np.float32]
    margins: npt.NDArray[np.float32] | None = None

    @property
    def correct(self) -> npt.NDArray[np.bool_] | None:
        """[epochs, n] whether the network was right after every epoch, when it was watched."""
        return None if self.margins is None else self.margins > 0

    def gradient_norms(self) -> npt.NDArray[np.float64]:
        """||p - y|| ||[h, 1]|| of the last layer, [n]."""
        return gradient_norms(self.probe, len(self.log_probabilities))


def gradient_norms(probe: Probe, n: int) -> npt.NDArray[np.float64]:
    """Norms of the last layer's gradients of a pool's n examples, from their factors. [n]"""
    starts = range(0, n, BLOCK)
    rows = (np.arange(start, min(n, start + BLOCK)) for start in starts)
    return np.concatenate([scores.grand(*probe.last_layer_factors(part)) for part in rows])


def master_recipe(n: int) -> Recipe:
    """The default: batch 128, less where the pool gives fewer than 20 batches an epoch."""
    sgd = {"name": "sgd", "lr": 0.025, "momentum": 0.9, "weight_decay": 5e-4}
    return Recipe(sgd, {"name": "constant"}, batch=min(BATCH, max(8, n // 20)))


def train_master(
    pool: Pool,
    *,
    epochs: int = 5,
    network: str | None = None,
    seed: int = 0,
    recipe: Recipe | None = None,
    device: str = "cpu",
    watch: bool = False,
) -> Master:
    """Train a network by name on all of a pool; its weights and order follow from the seed.

    Args:
        network: None takes resnet-8 for images, mlp for features alone.
        recipe: None takes `master_recipe`; a batch larger than the pool is cut to it.
        watch: keep the margin of every example after every epoch.

    Raises:
        UnknownName, BadInput: no such network, one that reads images where there are none, no
            labels, epochs below 1.
        SubselError: the training diverged.
    """
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise BadInput(f"epochs is {epochs!r}; a master network trains for a whole number from 1")
    if pool.labels is None:
        raise BadInput(f"pool {pool.name!r} has no labels; a master network learns from them")
    name = network or ("mlp" if pool.images is None else "resnet-8")  # [1]
    recipe = recipe or master_recipe(len(pool))
    recipe = replace(recipe, batch=min(recipe.batch, max(2, len(pool))))
    steps = epochs * steps_an_epoch(len(pool), recipe.batch)
    with seeded(seed):
        trainer = Trainer(_module(name, pool), pool, recipe, steps=steps, seed=seed, device=device)
        bf16, margins = trainer.bf16, []
        for _ in range(epochs):
            trainer.bf16 = bf16
            trainer.epoch(uniform_epoch(trainer.rng, len(pool), recipe.batch))
            trainer.bf16 = False
            if watch:
                margins.append(_margins(trainer, pool))  # [2]
        answers = trainer.predict(pool).numpy()
    if not np.isfinite(answers).all():
        raise SubselError(
            f"master network {name!r} diverged on pool {pool.name!r}: its loss is "
            f"{trainer.curve['train_loss'][-1]}. Give a recipe with a smaller learning rate"
        )
    return Master(name, trainer, answers, np.stack(margins) if watch else None)


def _module(name: str, pool: Pool) -> torch.nn.Module:
    if pool.images is None:
        if name in networks.NETWORKS and name != "mlp":
            raise BadInput(
                f"network {name!r} reads images; pool {pool.name!r} has none. Use 'mlp', or give "
                "Pool(images=...)"
            )
        return networks.network(name, classes=pool.classes, features=pool.features.shape[1])
    height, width, channels = pool.images.shape
    if name == "mlp":
        pixels = height * width * channels
        return networks.network(name, classes=pool.classes, features=pixels)
    return networks.network(name, classes=pool.classes, in_channels=channels)


def _margins(trainer: Trainer, pool: Pool) -> npt.NDArray[np.float32]:
    assert pool.labels is not None
    answers = trainer.predict(pool).numpy()
    return scores.label_margin(answers, pool.labels).astype(np.float32)
