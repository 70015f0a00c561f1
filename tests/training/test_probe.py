"""A user's own network as a probe: its answers, its last layer's gradients, its modes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from subsel_automl.core.errors import BadInput
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.training.probe import ModelProbe
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
LABELS = torch.from_numpy(POOL.labels)


def small_net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 4))


def test_the_probe_agrees_with_automatic_differentiation():
    model, some = small_net(), np.array([3, 77])
    probe = ModelProbe(model, POOL, PoolDataset(POOL))
    x = torch.stack([PoolDataset(POOL)[i][0] for i in some])
    expected = []
    for image, label in zip(x, LABELS[some], strict=True):
        model.zero_grad()
        F.cross_entropy(model(image[None]), label[None]).backward()
        last = model[3]
        expected.append(torch.cat([last.weight.grad, last.bias.grad[:, None]], 1).ravel())
    np.testing.assert_allclose(
        probe.last_layer_gradients(some), torch.stack(expected).numpy(), atol=1e-5
    )
    np.testing.assert_allclose(np.exp(probe.logits(some)).sum(1), 1, atol=1e-5)


def test_the_probe_leaves_every_layers_mode_as_it_was():
    model = small_net().train()
    model[2].eval()
    ModelProbe(model, POOL, PoolDataset(POOL)).logits(np.arange(5))
    assert [part.training for part in model] == [True, True, False, True]


def test_a_network_without_a_last_linear_layer_is_refused_for_gradients():
    model = nn.Sequential(nn.Conv2d(1, 4, 4), nn.Flatten())
    with pytest.raises(BadInput, match=r"nn\.Linear"):
        ModelProbe(model, POOL, PoolDataset(POOL)).last_layer_factors(np.arange(5))


class SideHead(nn.Module):
    """A network with an auxiliary classifier, called before or after the main one."""

    def __init__(self, side_last: bool, answer=lambda main: main) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body, self.main = nn.Linear(16, 8), nn.Linear(8, 4)
        self.side, self.side_last, self.answer = nn.Linear(16, 4), side_last, answer

    def forward(self, x):
        x = x.flatten(1)
        if not self.side_last:
            self.aux = self.side(x)
        out = self.main(torch.relu(self.body(x)))
        if self.side_last:
            self.aux = self.side(x)
        return self.answer(out)


def gradients(model: nn.Module) -> np.ndarray:
    return ModelProbe(model, POOL, PoolDataset(POOL)).last_layer_gradients(np.arange(20))


def test_the_last_layer_is_the_one_that_gives_the_logits_not_the_one_that_is_called_last():
    np.testing.assert_array_equal(gradients(SideHead(True)), gradients(SideHead(False)))
    assert gradients(SideHead(True)).shape == (20, 4 * 9)


ANSWERS = {
    "dict": lambda out: {"loss": None, "logits": out},
    "tuple": lambda out: (out, None),
    "named": lambda out: SimpleNamespace(logits=out),
    "converted": lambda out: out.double().float(),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_logits_are_found_in_what_a_network_returns(name):
    found = gradients(SideHead(True, ANSWERS[name]))
    np.testing.assert_array_equal(found, gradients(SideHead(True)))


@pytest.mark.parametrize("answer", [lambda out: {"scores": out}, lambda out: out[:, :, None], str])
def test_an_answer_without_logits_says_what_to_return(answer):
    with pytest.raises(BadInput, match="return them as a tensor, under the name"):
        gradients(SideHead(True, answer))


def test_probabilities_are_no_logits():
    with pytest.raises(BadInput, match="return logits, not probabilities"):
        gradients(SideHead(True, lambda out: out.softmax(1)))


def test_fewer_outputs_than_classes_are_refused():
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 1))
    with pytest.raises(BadInput, match="1 outputs, and pool 'clumps' has 4 classes"):
        ModelProbe(model, POOL, PoolDataset(POOL)).losses(np.arange(5))


def test_a_compiled_network_is_heard():
    model = SideHead(True)
    compiled = torch.compile(model, backend="eager")
    compiled(torch.zeros(2, 16))
    np.testing.assert_allclose(gradients(compiled), gradients(model), atol=1e-6)
