"""The second-order gradient of DARTS is the gradient through one step of the weights."""

from __future__ import annotations

import pytest
import torch

from benchmarks.nas.hypergradient import measure
from subsel_automl.search.bilevel import first_order, second_order

W, A = torch.tensor([0.7], dtype=torch.float64), torch.tensor([1.3], dtype=torch.float64)


def train(at):
    return (A_LEAF * at["w"] ** 2 / 2).sum()


def held(at):
    return (at["w"] ** 2 / 2 + A_LEAF * at["w"]).sum()


A_LEAF = A.clone().requires_grad_()


def test_the_claim_holds():
    assert measure()["holds"]


def test_first_order_leaves_the_step_out():
    assert first_order(held, {"w": W}, [A_LEAF])[0].item() == pytest.approx(0.7)


@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.9, 0.0), (0.0, 0.3)])
def test_second_order_by_hand(momentum, decay):
    """w' = w - eta (m v + a w + d w); dL/da = w' - eta w (w' + a)."""
    eta, w, a, v = 0.1, 0.7, 1.3, 2.0
    stepped = w - eta * (momentum * v + a * w + decay * w)
    found = second_order(
        train,
        held,
        {"w": W},
        [A_LEAF],
        eta=eta,
        velocity={"w": torch.tensor([v], dtype=torch.float64)},
        momentum=momentum,
        decay=decay,
    )
    assert found[0].item() == pytest.approx(stepped - eta * w * (stepped + a), rel=1e-6)


def test_the_weights_are_left_as_they_were():
    second_order(train, held, {"w": W}, [A_LEAF], eta=0.1)
    assert W.item() == 0.7
    assert not W.requires_grad
