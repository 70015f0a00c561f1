"""The trained networks that the IO and the Accuracy model learn from, and those they never see.

Networks of the training fold of the space (`data/splits.py`) are learnt from; those of the other
folds are unseen. Of the kept images the last fifth is unseen too.

Deviations:
    [1] info-NAS' unseen images are of the test set; here all are of the validation pool, which no
        network was trained on either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..data.splits import architecture_role
from ..maths.weighted_features import weighted_features
from ..spaces.base import SearchSpace
from ..zoo.store import DiskZoo
from .collate import GraphArrays, graph_arrays

UNSEEN_IMAGES = 0.2  # [1]
LEAST = 2  # networks to learn from: batch norm


@dataclass(frozen=True, eq=False)
class ZooNetworks:
    """Networks of a zoo, numbered.

    Attributes:
        architectures, graphs: of all.
        seen, unseen: numbers of those that are learnt from, and of those that are not.
        digest: of the zoo's content.
    """

    architectures: Sequence[Architecture]
    graphs: GraphArrays
    seen: Int[Tensor, " a"]
    unseen: Int[Tensor, " b"]
    digest: str

    def keys(self, numbers: Int[Tensor, " n"]) -> set[str]:
        return {self.architectures[number].key for number in numbers.tolist()}


@dataclass(frozen=True, eq=False)
class SeenImages:
    """What the networks see of the kept images.

    Attributes:
        images: as the pool has them.
        labels: classes.
        targets: weighted features of each network and image.
        seen, unseen: numbers of the images that are learnt from, and of those that are not.
    """

    images: Shaped[Tensor, "n h w c"]
    labels: Int[Tensor, " n"]
    targets: Float[Tensor, "m n top"]
    seen: Int[Tensor, " a"]
    unseen: Int[Tensor, " b"]


def networks_of(zoo: DiskZoo, space: SearchSpace) -> ZooNetworks:
    """The networks of a zoo, in the order of their keys.

    Raises:
        BadInput: another space, or too few of the training fold.
    """
    cells = sorted(zoo.architectures, key=lambda cell: cell.key)
    strange = next((cell.space for cell in cells if cell.space != space.name), None)
    if strange is not None:
        raise BadInput(
            f"zoo {zoo.folder} has networks of space {strange!r}, not of {space.name!r}; give a "
            f"zoo of that space (subsel zoo build --space {space.name} --keep-features N)"
        )
    learnt = torch.tensor([architecture_role(cell) == "training" for cell in cells], dtype=bool)
    if int(learnt.sum()) < LEAST:
        raise BadInput(
            f"zoo {zoo.folder} has {int(learnt.sum())} networks of the training fold; at least "
            f"{LEAST} are needed to learn from"
        )
    graphs = graph_arrays(cells, space.name, space.operations, space.max_nodes)
    seen, unseen = (part.nonzero()[:, 0] for part in (learnt, ~learnt))
    return ZooNetworks(cells, graphs, seen, unseen, _digest(zoo))


def accuracies_of(zoo: DiskZoo, networks: ZooNetworks) -> Float[Tensor, "m 1"]:
    """On the validation pool."""
    return torch.tensor([[zoo.accuracy(cell.key)] for cell in networks.architectures])


def images_of(zoo: DiskZoo, networks: ZooNetworks, top: int) -> SeenImages:
    """Kept images and weighted features.

    Raises:
        MissingNeed: the zoo keeps no features.
        BadInput: fewer features than `top`, a feature that is no number, images without channels,
            or too few to learn from.
    """
    kept = zoo.kept_examples()
    if kept.images.ndim != 4:
        raise BadInput(f"kept images have shape {kept.images.shape}, not [n, h, w, channels]")
    held = round(UNSEEN_IMAGES * len(kept))
    if len(kept) - held < LEAST:
        raise BadInput(f"the zoo keeps {len(kept)} images; at least {LEAST + 1} are needed")
    found = []
    for cell in networks.architectures:
        layer = zoo.last_layer(cell.key)
        found.append(weighted_features(layer.features, layer.weight, kept.labels, top))
        if not np.isfinite(found[-1]).all():
            raise BadInput(
                f"network {cell.key} of zoo {zoo.folder} has features that are no number"
            )
    # rows were drawn and sorted; the last of another order, always the same, are unseen
    order = torch.from_numpy(np.random.default_rng(len(kept)).permutation(len(kept)))
    cut = len(kept) - held
    targets = torch.from_numpy(np.stack(found))
    images, labels = torch.from_numpy(kept.images), torch.from_numpy(kept.labels)
    return SeenImages(images, labels, targets, order[:cut], order[cut:])


def _digest(zoo: DiskZoo) -> str:
    told = ("sha256", "features_sha256", "validation_accuracy")
    parts = [
        f"{name} {[record.get(what) for what in told]}"
        for name, record in sorted(zoo.records.items())
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
