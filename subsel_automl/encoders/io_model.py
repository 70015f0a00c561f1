"""The IO model: arch2vec that foretells what a network sees of an image, from its cell.

    (w_1 x_1, ..., w_10 x_10) = head([relu(v), c(image)]),  v as in `labelled_vae.py`

The targets are the weighted features of the image's own class (`maths/weighted_features.py`). c is
a 3 x 3 convolution to C channels, twice (3 x 3, 3 x 3 of stride 2 to twice as many), and the mean
over places: 4 C numbers. Only training and `features` look at images; an embedding is of the
architecture alone.

Source: Suchopárová and Neruda 2022 (info-NAS), section 4, Fig. 1.

Deviations:
    [1] "lite" has C = 16, and a first convolution of stride 2; the paper C = 128 and 1 ("paper").
    [2] Images are standardised a channel, convolutions have batch norm and ReLU: neither is said.
    (Others stand in `labelled_vae.py` and `joint_objective.py`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..maths.weighted_features import TOP
from .labelled_vae import LITE_HEAD, PAPER_HEAD, LabelledVae

PRESETS: dict[str, dict[str, Any]] = {  # [1]
    "lite": {"head": LITE_HEAD, "image_channels": 16, "image_stride": 2},
    "paper": {"head": PAPER_HEAD, "image_channels": 128, "image_stride": 1},
}
IMAGES = 256  # in one pass


class ImageBranch(nn.Module):
    """c: images [n, h, w, channels] to [n, 4 C]."""

    def __init__(self, inputs: int, channels: int, stride: int) -> None:
        super().__init__()
        sizes = [(inputs, channels, stride)]
        for wide in (channels, 2 * channels):
            sizes += [(wide, wide, 1), (wide, 2 * wide, 2)]
        parts = [part for size in sizes for part in _convolution(*size)]
        self.layers = nn.Sequential(nn.BatchNorm2d(inputs, affine=False), *parts)  # [2]

    def forward(self, images: Shaped[Tensor, "n h w c"]) -> Float[Tensor, "n d"]:
        x = images.permute(0, 3, 1, 2).float()
        found: Tensor = self.layers(x).mean((2, 3))
        return found


def _convolution(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU()


class IoModel(LabelledVae):
    """See `LabelledVae`.

    Args:
        top: weighted features that are foretold.
        image_inputs: channels of the images.
        image_channels, image_stride: C, and the first convolution's stride.  [1]
        others: of `LabelledVae`.

    Raises:
        BadInput: a size below 1.
    """

    kind = "io"

    def __init__(
        self,
        *,
        space: str,
        operations: Sequence[str],
        max_nodes: int,
        top: int = TOP,
        image_inputs: int = 3,
        image_channels: int = 16,
        image_stride: int = 2,
        **sizes: Any,
    ) -> None:
        images = {
            "image_inputs": image_inputs,
            "image_channels": image_channels,
            "image_stride": image_stride,
        }
        if min(images.values()) < 1:
            raise BadInput(f"an image branch of {images} cannot be; give sizes from 1")
        super().__init__(
            space=space,
            operations=operations,
            max_nodes=max_nodes,
            beside=4 * image_channels,
            outputs=top,
            **sizes,
        )
        self.images_config = images
        self.images = ImageBranch(image_inputs, image_channels, image_stride)

    def config(self) -> dict[str, Any]:
        return {**super().config(), "top": self.outputs, **self.images_config}

    def said(
        self, vectors: Float[Tensor, "b k"], images: Float[Tensor, "b e"]
    ) -> Float[Tensor, "b top"]:
        """The head's answer, scaled; images as the branch gives them."""
        answer: Tensor = self.head(torch.cat([torch.relu(vectors), images], 1))
        return answer

    def features(
        self, architectures: Sequence[Architecture], images: Shaped[Tensor, "n h w c"]
    ) -> Float[Tensor, "m n top"]:
        """Foretold weighted features of every pair; evaluation mode, no gradient.

        Raises:
            ArchitectureError: as `embed`.
            BadInput: images of other channels.
        """
        known = self.images_config["image_inputs"]
        if images.ndim != 4 or images.shape[3] != known:
            raise BadInput(f"images {tuple(images.shape)} are not [n, h, w, {known}], as learnt")
        vectors, was_training = self.latent_vectors(architectures), self.training
        self.eval()
        try:
            with torch.no_grad():
                seen = torch.cat([self.images(part) for part in images.split(IMAGES)])
                rows = [self.said(v.expand(len(seen), -1), seen) for v in vectors]
                return self.unscaled(torch.stack(rows))
        finally:
            self.train(was_training)
