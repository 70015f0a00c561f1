"""Truths of the autoencoder's choice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mislabelled import differ

from subsel_automl.core.errors import MissingNeed
from subsel_automl.core.pool import ArrayImages, Pool
from subsel_automl.selectors.autoencoder import Autoencoder, AutoencoderNetwork
from subsel_automl.worlds import clump_pool

NOISE = np.arange(0, 160, 16)


def stripes() -> Pool:
    """160 black and white images of two stripes; rows NOISE are black and white at random."""
    rng = np.random.default_rng(0)
    images = np.zeros((160, 8, 8, 1), np.uint8)
    images[::2, :, :4] = 255
    images[1::2, :4] = 255
    images[NOISE] = 255 * rng.integers(0, 2, (len(NOISE), 8, 8, 1))
    return Pool("stripes", images.reshape(160, -1) / 255, images=ArrayImages(images))


def test_what_cannot_be_rebuilt_goes_first():
    rows = Autoencoder().fit(stripes()).subset_for(None, 150).indices
    assert not set(NOISE.tolist()) & set(rows.tolist())


@pytest.mark.parametrize("options", [{"epochs": 2}, {"master_seed": 1}])
def test_options_matter(options):
    assert differ(Autoencoder, clump_pool(64), 20, **options)


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 32, 32), (2, 7, 9)])
def test_images_come_back_at_their_size(shape):
    x = torch.rand(2, *shape)
    assert AutoencoderNetwork(shape[0])(x).shape == x.shape


def test_the_encoder_has_the_papers_channels():
    layers = AutoencoderNetwork(3).encoder
    assert [(layer.in_channels, layer.out_channels) for layer in layers] == [
        (3, 16),
        (16, 32),
        (32, 64),
        (64, 64),
    ]


def test_a_pool_without_images_is_refused():
    with pytest.raises(MissingNeed, match="'autoencoder' needs images"):
        Autoencoder().fit(Pool("bare", np.zeros((5, 2))))
