"""What a space refuses: empty ranges, ambiguous names, and configs that are not of the space."""

from __future__ import annotations

import pytest
from subsel_automl.integrations.hpo_space.nodes import Categorical, Choice, Float
from subsel_automl.integrations.hpo_space.optimizer import OptimizerSpace

from subsel_automl.core.errors import BadInput, UnknownName

SPACE = OptimizerSpace()
ADAM = {"name": "adam", "lr": 0.01, "weight_decay": 0.001}
COSINE = {"name": "cosine"}


def test_a_reversed_range_is_refused_with_both_ends():
    with pytest.raises(BadInput, match=r"0\.01\.\.0\.0001"):
        Float(0.01, 0.0001)  # as D.4 prints weight_decay


@pytest.mark.parametrize(
    ("low", "high", "log"),
    [
        (1, 1, False),
        (0, 1, True),
        (-1, 1, True),
        (float("nan"), 1, False),
        (0, float("inf"), False),
    ],
)
def test_an_impossible_range_is_refused(low, high, log):
    with pytest.raises(BadInput, match="range"):
        Float(low, high, log)


@pytest.mark.parametrize("values", [(), (1, 1)])
def test_empty_or_repeated_values_are_refused(values):
    with pytest.raises(BadInput, match="list each once"):
        Categorical(values)


@pytest.mark.parametrize(
    "branches",
    [
        {},
        {"": {}},
        {"a/b": {}},
        {"a": {"name": Float(0, 1)}},
        {"a": {"b": Float(0, 1)}, "b": {}},
        {"a": {"x": (0, 1)}},
    ],
)
def test_an_ambiguous_choice_is_refused(branches):
    with pytest.raises(BadInput):
        Choice(branches)


@pytest.mark.parametrize(
    ("optimizer", "says"),
    [
        ({"name": "adam", "lr": 0.01}, "takes \\['lr', 'weight_decay'\\]"),
        (ADAM | {"momentum": 0.9}, "gives .*momentum"),
        (ADAM | {"lr": 5.0}, "optimizer/adam/lr is 5.0; the space allows 0.001..0.1"),
        (ADAM | {"lr": float("nan")}, "lr is nan"),
        (ADAM | {"lr": object()}, "not resolved"),
        (ADAM | {"lr": True}, "not a number"),
        ({"name": "adam", "adam": 3}, "gives \\[\\]"),
        ({"lr": 0.01}, "no resolved 'optimizer'"),
        (None, "no resolved 'optimizer'"),
    ],
)
def test_a_config_that_is_not_of_the_space_is_refused(optimizer, says):
    with pytest.raises(BadInput, match=says):
        SPACE.resolve({"optimizer": optimizer, "scheduler": COSINE})


@pytest.mark.parametrize("name", ["adm", {"adam": 1}, None])
def test_an_unknown_branch_offers_the_known_ones(name):
    with pytest.raises(UnknownName, match="adam"):
        SPACE.resolve({"optimizer": ADAM | {"name": name}, "scheduler": COSINE})


def test_a_step_size_that_d4_does_not_list_is_refused():
    step = {"name": "step", "step_size": 15, "gamma": 0.1}
    with pytest.raises(BadInput, match="10, 20, 30, 40"):
        SPACE.resolve({"optimizer": ADAM, "scheduler": step})


def test_a_grid_without_points_is_refused():
    with pytest.raises(BadInput, match="at least 1"):
        SPACE.grid(0)
