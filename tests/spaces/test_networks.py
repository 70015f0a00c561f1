"""Truths of the fixed networks."""

from __future__ import annotations

import pytest
import torch

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.spaces.networks import NETWORKS, network

CONVOLUTIONAL = [name for name in NETWORKS if name != "mlp"]


def parameters(name: str, **sizes: int) -> int:
    return sum(p.numel() for p in network(name, classes=10, **sizes).parameters())


@pytest.mark.parametrize("side", [1, 4, 28, 33])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["lenet", "resnet-8", "resnet-20"])
def test_images_of_any_size_become_logits(name, channels, side):
    model = network(name, classes=7, in_channels=channels).eval()
    assert model(torch.zeros(2, channels, side, side)).shape == (2, 7)


@pytest.mark.parametrize("shape", [(5, 12), (5, 3, 2, 2)])
def test_mlp_reads_vectors_and_flattens_images(shape):
    assert network("mlp", classes=4, features=12)(torch.randn(shape)).shape == (5, 4)


@pytest.mark.parametrize("name", NETWORKS)
def test_features_are_what_the_last_layer_reads(name):
    size = {"features": 48} if name == "mlp" else {"in_channels": 3}
    model, x = network(name, classes=5, **size).eval(), torch.randn(2, 3, 4, 4)
    assert torch.allclose(model.dense(model.features(x)), model(x))


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_every_parameter_gets_a_gradient(name):
    model = network(name, classes=5, in_channels=1)
    model(torch.randn(4, 1, 8, 8)).square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_resnet_18_has_the_known_number_of_parameters():
    """The CIFAR form of torchvision's 11,689,512: stem 3x3x3, ten classes."""
    assert parameters("resnet-18", in_channels=3) == 11_173_962


def test_resnet_20_has_the_papers_parameters_and_two_projections():
    """He et al. 2016, Table 6: 0.27M without projections; batch norm's two vectors each."""
    projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    assert parameters("resnet-20", in_channels=3) == 269_722 + projections


def test_networks_grow_from_the_proxy_to_the_master():
    sizes = [parameters(name, in_channels=1) for name in ("lenet", "resnet-20", "resnet-18")]
    assert sizes == sorted(sizes)


def test_an_unknown_network_offers_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'resnet-18'"):
        network("resnet18", classes=10, in_channels=3)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("mlp", {"in_channels": 1}),
        ("mlp", {}),
        ("lenet", {"features": 12}),
        ("lenet", {"in_channels": 1, "features": 12}),
        ("resnet-8", {"in_channels": 0}),
    ],
)
def test_a_size_that_is_not_read_or_missing_is_refused(name, sizes):
    with pytest.raises(BadInput, match=f"network '{name}' needs classes and"):
        network(name, classes=10, **sizes)
