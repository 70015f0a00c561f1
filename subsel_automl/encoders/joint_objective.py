"""Joint training of a graph VAE and a head, on cells and on networks that were trained.

    unlabelled step: -ELBO of some cells
    labelled step:   -ELBO of some networks' cells + mean of (y - head)^2

Labelled and unlabelled steps come 300 : 200, as in the text. Networks outside the training fold are
in neither kind of step, and cells that the head has learnt from measure no reconstruction.

Source: Suchopárová and Neruda 2022 (info-NAS), section 4, appendix F.

Deviations:
    [1] Three labelled steps, then two unlabelled ones; there 300, then 200.
    [2] A labelled step takes some networks and some images, and all pairs of these: an image passes
        its branch once for many networks. There 32 pairs, drawn; ELBO counts a network for each of
        its pairs there, once here.
    [3] The squared error of Table 3, not the absolute one of the text. Of scaled values
        (`labelled_vae.py` [2]).
    [4] Batches, rate and length of `graph_vae.py`.
    [5] The baseline's mean vector is that of the training networks' values. Beside it stand the
        mean vector of the very values that are tested (what the paper may mean), the mean of each
        class, and the mean of the training networks for each image (`zoo-mean`): it has asked them
        about the unseen images too. `io_of_any_cell` is our model blind to the cell: the mean of
        what it says of the training networks.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from ..core.errors import BadInput, UnknownName
from . import accuracy_model, io_model
from .accuracy_model import AccuracyModel
from .base import ArchitectureEncoder
from .graph_vae import Arch2vecObjective, latent_and_loss
from .io_model import IoModel
from .labelled_vae import LabelledVae, listed_order
from .zoo_labels import accuracies_of, images_of, networks_of

LABELLED, UNLABELLED = 3, 2  # [1]
SIZES = ("width", "hidden", "layers", "dropout", "vector", "head", "head_dropout")


class JointObjective(Arch2vecObjective):
    """What both kinds share.

    Options: samples (of cells, for the report), networks (a labelled step), preset ("lite",
    "paper"), and the encoder's sizes.
    """

    needs_zoo: ClassVar[bool] = True
    presets: ClassVar[dict[str, dict[str, Any]]]
    defaults: ClassVar[dict[str, Any]] = {"samples": 2_000, "networks": 16, "preset": "lite"}
    encoder_options = SIZES

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        preset = self.options["preset"]
        if preset not in self.presets:
            raise UnknownName(f"preset of {self.kind}", preset, self.presets)
        self.options = {**self.presets[preset], **self.options}
        if self.options["networks"] < 2:
            raise BadInput("batch norm needs two networks a labelled step; give networks=2 or more")
        assert self.zoo is not None
        self.networks = networks_of(self.zoo, self.space)
        self.zoo_digest = self.networks.digest
        keys = self.cells.keys() if hasattr(self.cells, "keys") else [c.key for c in self.cells]
        places = [self.networks.keys(part) for part in (self.networks.seen, self.networks.unseen)]
        self.learnt, self.never = (
            torch.tensor([row for row, key in enumerate(keys) if key in place], dtype=torch.long)
            for place in places
        )
        self.order: Int[Tensor, "m v"] | None = None

    def batches(
        self, rows: Int[Tensor, " n"], epochs: int, batch: int, generator: torch.Generator
    ) -> list[Tensor]:
        """Numbers of cells [b], or of networks and images [b, 2]."""
        cells = super().batches(rows[~torch.isin(rows, self.never)], epochs, batch, generator)
        mixed: list[Tensor] = []
        for first in range(0, len(cells), UNLABELLED):
            mixed += [self._pairs(generator) for _ in range(LABELLED)]  # [1]
            mixed += cells[first : first + UNLABELLED]
        return mixed

    def _pairs(self, generator: torch.Generator) -> Int[Tensor, "b 2"]:
        networks = drawn(self.networks.seen, self.options["networks"], generator)
        return torch.cartesian_prod(networks, self._images(generator))  # [2]

    def _images(self, generator: torch.Generator) -> Int[Tensor, " i"]:
        return torch.zeros(1, dtype=torch.long)

    def loss(
        self, model: ArchitectureEncoder, batch: Tensor, generator: torch.Generator
    ) -> Float[Tensor, ""]:
        if batch.ndim == 1:
            return super().loss(model, batch, generator)
        assert isinstance(model, LabelledVae)
        if self.order is None:
            self.order = listed_order(model, self.networks.graphs)
        numbers, of = batch[:, 0].unique(return_inverse=True)
        device = model.mean.weight.device
        graphs = self.networks.graphs.batch(numbers, device)
        noise = torch.randn(len(graphs.ops), model.width, generator=generator).to(device)
        z, loss = latent_and_loss(model, graphs, noise)
        vectors = model.network_vectors(z, self.order[numbers].to(device))[of.to(device)]
        said, target = self._answers(model, vectors, batch)
        return loss + functional.mse_loss(said, model.scaled(target.to(device)))  # [3]

    @abstractmethod
    def _answers(
        self, model: Any, vectors: Float[Tensor, "b k"], pairs: Int[Tensor, "b 2"]
    ) -> tuple[Float[Tensor, "b out"], Float[Tensor, "b out"]]:
        """What the head says, scaled, and what is true, as it is."""

    def measures(
        self,
        model: ArchitectureEncoder,
        seen: Int[Tensor, " a"],
        unseen: Int[Tensor, " b"],
        generator: torch.Generator,
    ) -> dict[str, Any]:
        unseen = unseen[~torch.isin(unseen, self.learnt)]
        return {
            **super().measures(model, seen, unseen, generator),
            "networks_learnt": len(self.networks.seen),
            "networks_unseen": len(self.networks.unseen),
            "foretold": self.foretold(model),
        }

    @abstractmethod
    def foretold(self, model: Any) -> dict[str, Any]:
        """How well the head foretells; JSON values."""


class AccuracyObjective(JointObjective):
    """Of the Accuracy model: the zoo's accuracies."""

    presets: ClassVar[dict[str, dict[str, Any]]] = accuracy_model.PRESETS

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        assert self.zoo is not None
        self.accuracies = accuracies_of(self.zoo, self.networks)

    def encoder(self) -> ArchitectureEncoder:
        made = super().encoder()
        assert isinstance(made, AccuracyModel)
        made.learn_scale(self.accuracies[self.networks.seen])
        return made

    def _answers(self, model: Any, vectors: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
        return model.said(vectors), self.accuracies[pairs[:, 0]]

    def foretold(self, model: Any) -> dict[str, Any]:
        """Pearson's r and RMSE, of networks that were learnt from and of unseen ones."""
        said = model.accuracies(self.networks.architectures).cpu()
        mean = self.accuracies[self.networks.seen].mean()
        found = {}
        for name, rows in (("learnt", self.networks.seen), ("unseen", self.networks.unseen)):
            true = self.accuracies[rows, 0]
            found[name] = {
                "r": correlation(said[rows], true),
                "rmse": _root(said[rows] - true),
                "rmse_of_the_mean": _root(mean - true),
            }
        return found


class IoObjective(JointObjective):
    """Of the IO model: the zoo's weighted features; `images` of a labelled step, and `top`."""

    presets: ClassVar[dict[str, dict[str, Any]]] = io_model.PRESETS
    defaults: ClassVar[dict[str, Any]] = {**JointObjective.defaults, "images": 32}
    encoder_options = (*SIZES, "top", "image_channels", "image_stride")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        if self.options["images"] < 1:
            raise BadInput("a labelled step without images learns nothing; give images=1 or more")
        assert self.zoo is not None
        top = self.options.get("top", io_model.TOP)
        self.seen_images = images_of(self.zoo, self.networks, top)

    def encoder(self) -> ArchitectureEncoder:
        made = super().encoder()
        assert isinstance(made, IoModel)
        kept = self.seen_images
        made.learn_scale(kept.targets[self.networks.seen][:, kept.seen])
        return made

    def shape(self) -> dict[str, Any]:
        return {**super().shape(), "image_inputs": self.seen_images.images.shape[3]}

    def _images(self, generator: torch.Generator) -> Int[Tensor, " i"]:
        return drawn(self.seen_images.seen, self.options["images"], generator)

    def _answers(self, model: Any, vectors: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
        kept = self.seen_images
        numbers, of = pairs[:, 1].unique(return_inverse=True)
        images = model.images(kept.images[numbers].to(vectors.device))[of.to(vectors.device)]
        return model.said(vectors, images), kept.targets[pairs[:, 0], pairs[:, 1]]

    def foretold(self, model: Any) -> dict[str, Any]:
        """Mean squared errors, ours and of the baselines, by networks and images.  [5]"""
        kept, found = self.seen_images, {}
        device = model.mean.weight.device
        said = model.features(self.networks.architectures, kept.images.to(device)).cpu()
        known = kept.targets[self.networks.seen]
        for of, networks in (("learnt", self.networks.seen), ("unseen", self.networks.unseen)):
            for where, images in (("learnt", kept.seen), ("unseen", kept.unseen)):
                true = kept.targets[networks][:, images]
                by_class = class_means(known[:, kept.seen], kept.labels[kept.seen])
                guesses = {
                    "io": said[networks][:, images],
                    "io_of_any_cell": said[self.networks.seen][:, images].mean(0),
                    "mean_vector": known[:, kept.seen].mean((0, 1)),
                    "own_mean_vector": true.mean((0, 1)),
                    "class_mean": by_class[kept.labels[images]],
                    "zoo_mean": known[:, images].mean(0),
                }
                found[f"{of} networks, {where} images"] = {
                    name: _mean_square(guess - true) for name, guess in guesses.items()
                }
        return found


def class_means(values: Float[Tensor, "m n k"], labels: Int[Tensor, " n"]) -> Float[Tensor, "c k"]:
    """The mean of each class over all networks, 0 where it has no image."""
    member = functional.one_hot(labels).to(values.dtype)
    return member.T @ values.mean(0) / member.sum(0).clamp_min(1)[:, None]


def drawn(rows: Int[Tensor, " n"], count: int, generator: torch.Generator) -> Int[Tensor, " k"]:
    """Different ones, `count` at most."""
    return rows[torch.randperm(len(rows), generator=generator)[:count]]


def correlation(one: Float[Tensor, " n"], two: Float[Tensor, " n"]) -> float | None:
    """Pearson's r; None where it is not defined."""
    if len(one) < 2 or float(one.std()) == 0 or float(two.std()) == 0:
        return None
    return float(np.corrcoef(one.numpy(), two.numpy())[0, 1])


def _mean_square(off: Tensor) -> float | None:
    return float(off.square().mean()) if off.numel() else None


def _root(off: Tensor) -> float | None:
    return float(off.square().mean().sqrt()) if off.numel() else None
