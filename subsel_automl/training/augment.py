"""Augmentations of Table 7: normalising is the trainer's, flips and padded crops stand here."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

PADDING = 4  # RandomCrop(32, padding=4), the CIFAR standard


def augmented(
    images: Float[Tensor, "b c h w"], name: str, rng: np.random.Generator
) -> Float[Tensor, "b c h w"]:
    """Each image flipped with probability 1/2 and cropped at random; "none" changes nothing."""
    if name == "none":
        return images
    b, _, h, w = images.shape
    flip = torch.from_numpy(rng.random(b) < 0.5).to(images.device)
    images = torch.where(flip[:, None, None, None], images.flip(3), images)
    padded = F.pad(images, (PADDING,) * 4)
    top = torch.from_numpy(rng.integers(0, 2 * PADDING + 1, b)).to(images.device)
    left = torch.from_numpy(rng.integers(0, 2 * PADDING + 1, b)).to(images.device)
    rows = (top[:, None] + torch.arange(h, device=images.device))[:, None, :, None]
    columns = (left[:, None] + torch.arange(w, device=images.device))[:, None, None, :]
    example = torch.arange(b, device=images.device)[:, None, None, None]
    channel = torch.arange(images.shape[1], device=images.device)[None, :, None, None]
    return padded[example, channel, rows, columns].contiguous(memory_format=torch.channels_last)
