"""Max-pooling by shifted maxima is torch's, to the bit."""

from __future__ import annotations

import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from subsel_automl.spaces.max_pool import MaxPool3x3


@given(
    st.tuples(*[st.integers(1, 3)] * 2, *[st.integers(1, 9)] * 2),
    st.integers(1, 2),
    st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    st.booleans(),
)
def test_without_a_gradient_it_is_torchs_to_the_bit(shape, stride, kind, channels_last):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).to(kind)
    if channels_last:
        x = x.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        assert torch.equal(MaxPool3x3(stride)(x), nn.MaxPool2d(3, stride, 1)(x))


def test_what_is_no_number_or_infinite_goes_through():
    x = torch.zeros(1, 1, 6, 6)
    x[0, 0, 0, 0], x[0, 0, 5, 5] = float("nan"), float("-inf")
    x[0, 0, 4:, 4:] = float("-inf")
    with torch.no_grad():
        pair = MaxPool3x3()(x), nn.MaxPool2d(3, 1, 1)(x)
    torch.testing.assert_close(*pair, equal_nan=True, rtol=0, atol=0)


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_are_torchs_ties_too(stride):
    one = torch.tensor([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 2.0]])[None, None]
    grads = []
    for pool in (MaxPool3x3(stride), nn.MaxPool2d(3, stride, 1)):
        x = one.clone().requires_grad_()
        pool(x).square().sum().backward()
        grads.append(x.grad)
    assert torch.equal(*grads)


def test_the_input_is_left_alone():
    x = torch.randn(2, 2, 5, 5)
    before = x.clone()
    with torch.no_grad():
        MaxPool3x3()(x)
    assert torch.equal(x, before)


def test_it_is_traced_and_exported_as_torchs():
    x = torch.randn(1, 2, 6, 6)
    traced = torch.fx.symbolic_trace(nn.Sequential(MaxPool3x3(2)))
    exported = torch.export.export(nn.Sequential(MaxPool3x3(2)), (x,)).module()
    expected = nn.MaxPool2d(3, 2, 1)(x)
    assert torch.equal(traced(x), expected)
    assert torch.equal(exported(x), expected)


def test_without_a_gradient_it_is_faster():
    x = torch.randn(64, 16, 28, 28)
    spent = []
    with torch.no_grad():
        for pool in (MaxPool3x3(), nn.MaxPool2d(3, 1, 1)):
            began = time.process_time()
            for _ in range(10):
                pool(x)
            spent.append(time.process_time() - began)
    assert spent[0] < 0.6 * spent[1]
