"""Operations of cells: sizes, parameters, what they compute."""

from __future__ import annotations

import pytest
import torch

from subsel_automl.core.errors import ArchitectureError, BadInput
from subsel_automl.spaces.cell_operations import (
    DARTS_OPERATIONS,
    NB201_OPERATIONS,
    FactorizedReduce,
    operation,
)

ALL = tuple(dict.fromkeys((*NB201_OPERATIONS, *DARTS_OPERATIONS)))
C = 4
IMAGES = torch.randn(2, C, 7, 7, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("name", ALL)
def test_the_image_is_kept_or_halved_upwards(name, stride):
    side = 7 if stride == 1 else 4
    assert operation(name, C, stride)(IMAGES).shape == (2, C, side, side)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("nor_conv_1x1", C * C + 2 * C),
        ("nor_conv_3x3", 9 * C * C + 2 * C),
        ("sep_conv_3x3", 2 * (9 * C + C * C + 2 * C)),
        ("sep_conv_5x5", 2 * (25 * C + C * C + 2 * C)),
        ("dil_conv_3x3", 9 * C + C * C + 2 * C),
        ("dil_conv_5x5", 25 * C + C * C + 2 * C),
        ("skip_connect", 0),
        ("avg_pool_3x3", 0),
        ("max_pool_3x3", 0),
        ("none", 0),
    ],
)
def test_an_operation_has_the_parameters_of_its_formula(name, count):
    assert sum(p.numel() for p in operation(name, C, 1).parameters()) == count


@pytest.mark.parametrize("name", ALL)
def test_a_supernets_batch_norms_have_no_weights(name):
    made = operation(name, C, 2, affine=False, pool_norm=True)
    assert all(p.ndim > 1 for p in made.parameters())


def test_none_is_zero():
    assert not operation("none", C, 2)(IMAGES).any()


def test_a_skip_is_its_input():
    assert operation("skip_connect", C, 1)(IMAGES) is IMAGES


def test_an_average_does_not_count_the_padding():
    ones = torch.ones(1, C, 5, 5)
    assert torch.equal(operation("avg_pool_3x3", C, 1)(ones), ones)


def test_a_pool_is_normalised_only_when_asked():
    plain = operation("max_pool_3x3", C, 1)(IMAGES)
    normed = operation("max_pool_3x3", C, 1, pool_norm=True)(IMAGES)
    assert plain.mean() > 0.5
    assert abs(normed.mean().item()) < 1e-5


def test_a_dilated_convolution_sees_five_pixels():
    layer = operation("dil_conv_3x3", 1, 1)
    point = torch.zeros(2, 1, 9, 9)
    point[0, 0, 4, 4] = 1.0
    depthwise = layer[1](point)[0, 0]
    assert sorted({int(i) for i in depthwise.nonzero()[:, 0]}) == [2, 4, 6]


def test_a_factorized_reduction_reads_every_pixel():
    made = FactorizedReduce(1, 2).eval()
    x = torch.rand(1, 1, 4, 4, requires_grad=True)
    made(x).square().sum().backward()
    assert (x.grad[0, 0, ::2, ::2] != 0).all()
    assert (x.grad[0, 0, 1::2, 1::2] != 0).all()


def test_an_unknown_operation_offers_the_nearest():
    with pytest.raises(ArchitectureError, match="did you mean 'sep_conv_3x3'"):
        operation("sep_conv3x3", C, 1)


@pytest.mark.parametrize(("channels", "stride"), [(0, 1), (C, 3)])
def test_sizes_out_of_range_are_refused(channels, stride):
    with pytest.raises(BadInput):
        operation("none", channels, stride)
