"""What raw outputs say in each task, and where the logits are in what a network returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import Pool
from subsel_automl.training.outputs import answer, answers_of, as_written, logits_of, moved

X = np.ones((4, 2))
TWO = Pool("two", X, [0, 1, 1, 0])
FOUR = Pool("four", X, [0, 1, 2, 3])
MANY = Pool("many", X, np.array([[1, 1, 0], [0, 0, 0], [1, 0, 1], [0, 1, 0]]))
REAL = Pool("real", X, [0.5, 1.5, 2.5, 3.5])
RAW = torch.tensor([[0.5, -1.0, 2.0, 0.0], [3.0, 0.0, 0.0, -2.0]])
NET = nn.Linear(2, 1)


def test_classes_have_log_probabilities():
    assert torch.allclose(answers_of(RAW, FOUR, NET), RAW.log_softmax(1))


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_one_logit_speaks_for_two_classes(shape):
    logit = torch.tensor([2.0, -3.0])
    found = answers_of(logit.reshape(shape), TWO, NET).exp()
    assert torch.allclose(found[:, 1], logit.sigmoid())
    assert torch.allclose(found.sum(1), torch.ones(2))


def test_labels_have_the_log_probability_of_yes():
    assert torch.allclose(answers_of(RAW[:, :3], MANY, NET), RAW[:, :3].sigmoid().log())


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_regression_has_the_values_as_they_are(shape):
    assert answers_of(RAW[0].reshape(shape), REAL, NET)[:, 0].tolist() == RAW[0].tolist()


def test_outputs_of_half_precision_become_single():
    said = answers_of(RAW.half().requires_grad_(), FOUR, NET)
    assert (said.dtype, said.requires_grad) == (torch.float32, False)


@pytest.mark.parametrize(
    ("pool", "outputs", "message"),
    [
        (FOUR, 1, "gives 1 outputs, and pool 'four' has 4 classes"),
        (FOUR, 3, "gives 3 outputs, and pool 'four' has 4 classes"),
        (MANY, 4, "gives 4 outputs, and pool 'many' has 3 labels an example"),
        (MANY, 1, "gives 1 outputs, and pool 'many' has 3 labels an example"),
        (REAL, 2, "gives 2 outputs, and pool 'real' has 1 targets"),
    ],
)
def test_another_number_of_outputs_is_refused_in_both_names(pool, outputs, message):
    with pytest.raises(BadInput, match=message):
        answers_of(RAW[:, :outputs], pool, NET)


def test_more_outputs_than_classes_may_be_there():
    assert answers_of(RAW, TWO, NET).shape == (2, 4)


@dataclass
class Out:
    logits: torch.Tensor


@pytest.mark.parametrize(
    "said", [RAW, {"logits": RAW, "loss": 1}, Out(RAW), (RAW, None), [RAW]], ids=type
)
def test_logits_are_found(said):
    assert logits_of(said, NET) is RAW


@pytest.mark.parametrize("said", [None, {}, (), "x", RAW[None], {"scores": RAW}], ids=str)
def test_what_holds_no_logits_says_what_to_return(said):
    with pytest.raises(BadInput, match="return them as a tensor"):
        logits_of(said, NET)


def test_inputs_of_any_structure_move_to_the_networks_device():
    meta = torch.device("meta")
    given = {"a": [RAW, (RAW, 3)], "b": "text"}
    found = moved(given, meta)
    assert found["a"][0].device == found["a"][1][0].device == meta
    assert (found["a"][1][1], found["b"]) == (3, "text")


def test_a_mapping_is_given_by_name():
    class Named(nn.Module):
        def forward(self, one, two):
            return one - two

    assert answer(Named(), {"two": 1, "one": 5}) == 4


def test_the_users_module_is_found_in_its_wrappers():
    net = nn.Linear(2, 2)
    wrapped = torch.compile(nn.DataParallel(net), backend="eager")
    assert as_written(wrapped, True) is net
    assert as_written(nn.DataParallel(net), False) is net
