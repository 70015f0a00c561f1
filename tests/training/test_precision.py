"""bf16 only where its gradients are right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.training import precision
from subsel_automl.training.precision import native_bf16, takes_bf16
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trainer import Trainer
from subsel_automl.worlds import clump_pool

CPU = torch.device("cpu")
POOL = clump_pool()


class Strided(nn.Module):
    """Flat maps of `width`, one strided convolution, dropout and batch norm."""

    def __init__(self, width: int, stride: int = 2, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, kernel, stride, kernel // 2)
        self.norm, self.drop = nn.BatchNorm2d(4), nn.Dropout(0.5)
        self.dense = nn.Linear(4, 3)
        self.width = width

    def forward(self, x):
        x = x.flatten(1)[:, : 4 * self.width].reshape(len(x), 1, 4, self.width)
        return self.dense(self.drop(self.norm(self.conv(x))).mean((2, 3)))


@pytest.fixture
def native(monkeypatch):
    monkeypatch.setattr(precision, "native_bf16", lambda device: True)


def taken(model, asked="auto"):
    return takes_bf16(asked, CPU, model, lambda: model(torch.zeros(2, 16)))


@pytest.mark.parametrize(
    ("width", "stride", "kernel", "right"),
    [(1, 2, 3, False), (2, 3, 3, False), (2, 2, 3, True), (1, 1, 3, True), (1, 2, 1, True)],
)
def test_bf16_is_left_where_a_map_is_narrower_than_its_stride(native, width, stride, kernel, right):
    assert taken(Strided(width, stride, kernel)) is right


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda x, w: F.conv1d(x, w, None, 2, 1), (1,)),
        (lambda x, w: F.conv2d(x, w, stride=(1, 2), padding=1), (4, 1)),
        (lambda x, w: F.conv3d(x, w, stride=2, padding=1), (1, 1, 1)),
    ],
)
def test_a_convolution_is_seen_however_it_is_called(native, call, shape):
    x, weights = torch.zeros(2, 1, *shape), torch.zeros(1, 1, *[3] * len(shape))
    assert not takes_bf16("auto", CPU, nn.Identity(), lambda: call(x, weights))


def test_looking_changes_nothing(native):
    model = Strided(2)
    model.norm.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    assert taken(model)
    assert (model.training, model.norm.training, model.drop.training) == (True, False, True)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


def test_bf16_that_would_train_wrongly_is_refused():
    with pytest.raises(BadInput, match=r"1 wide with stride 2.*fp32"):
        taken(Strided(1), "bf16")
    assert taken(Strided(2), "bf16")


def test_fp32_is_fp32_and_an_unknown_precision_is_refused(native):
    assert not taken(Strided(2), "fp32")
    with pytest.raises(UnknownName, match="fp64"):
        taken(Strided(2), "fp64")


def test_bf16_is_native_where_torch_says_so(monkeypatch):
    for here in (True, False):
        monkeypatch.setattr(
            torch.cpu, "_is_avx512_bf16_supported", lambda here=here: here, raising=False
        )
        assert native_bf16(CPU) is here


@pytest.mark.parametrize(("width", "bf16"), [(1, False), (2, True)])
def test_a_trainer_looks_at_its_network(native, width, bf16):
    pool = Pool("flat", np.zeros((8, 16), np.float32), np.arange(8) % 3)
    assert Trainer(Strided(width), pool, Recipe(), steps=1, seed=0).bf16 is bf16


@pytest.mark.slow
def test_networks_that_come_to_maps_of_one_pixel_train_in_finite_numbers(native):
    """As found: resnet-8 on images of 4 x 4, with memory that holds NaN."""
    from subsel_automl.training.master import train_master

    for _ in range(3):
        for size in (1_000, 10_000, 100_000):
            torch.full((size,), float("nan"))
        train_master(POOL, epochs=1, seed=0)  # raises when it diverged


@pytest.mark.skipif(not native_bf16(CPU), reason="this CPU has no AVX-512 bf16")
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 7])
def test_where_bf16_is_taken_its_gradient_is_that_of_fp32(width, stride):
    """Memory that was in use before holds NaN: what is not written shows."""
    torch.manual_seed(0)
    for kernel in (1, 2, 3, 5):
        for channels in (4, 16):
            x = torch.randn(16, channels, width, width).to(memory_format=torch.channels_last)
            weights = torch.randn(channels, channels, kernel, kernel)

            def run(x, w, pad=kernel // 2):
                return F.conv2d(x, w, None, stride, pad)

            if not takes_bf16("auto", CPU, nn.Identity(), lambda: run(x, weights)):  # noqa: B023
                assert kernel > 1
                assert width < stride
                continue
            found = []
            for kind in (torch.float32, torch.bfloat16):
                for size in (1_000, 5_000, 100_000):
                    torch.full((size,), float("nan"))
                w = weights.to(kind).requires_grad_()
                out = run(x.to(kind), w)
                found.append(torch.autograd.grad(out.sum(), w)[0].float())
            one, other = found
            assert torch.allclose(one, other, atol=0.05 * float(one.abs().max()))
