"""No option is ignored: each changes what is trained or found."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
from smoke_search import searched

from subsel_automl.catalog import SEARCHES, search_class
from subsel_automl.core.errors import BadInput
from subsel_automl.nas import search

CHANGES = [
    ("darts", "rate", 0.2),
    ("darts", "least_rate", 0.02),
    ("darts", "momentum", 0.0),
    ("darts", "weight_decay", 0.5),
    ("darts", "clip", 0.01),
    ("darts", "batch", 4),
    ("darts", "weight_share", 0.7),
    ("darts", "channels", 3),
    ("darts", "cells", 2),
    ("darts", "stem_stride", 2),
    ("darts", "alpha_rate", 0.5),
    ("darts", "alpha_decay", 9.0),
    ("gdas", "alpha_rate", 5.0),
    ("gdas", "alpha_decay", 900.0),
    ("gdas", "heat", 0.1),
    ("gdas", "least_heat", 5.0),
    ("enas", "controller_rate", 3.5e-4),
    ("enas", "controller_steps", 3),
    ("enas", "drawn", 5),
    ("enas", "entropy", 9.0),
    ("enas", "baseline", 0.1),
    ("enas", "candidates", 20),
    ("spos", "candidates", 6),
    ("spos", "population", 8),
    ("spos", "generations", 4),
    ("spos", "judged", 3),
    ("hm-nas", "warm_epochs", 2),
    ("hm-nas", "mask_epochs", 2),
    ("hm-nas", "tune_epochs", 2),
    ("hm-nas", "order", 2),
    ("hm-nas", "with_beta", False),
    ("hm-nas", "alpha_rate", 0.5),
    ("hm-nas", "alpha_decay", 9.0),
    ("hm-nas", "mask_rate", 1.0),
    ("hm-nas", "weight_mask_rate", 1.0),
    ("hm-nas", "threshold", 0.02),
    ("hm-nas", "tune_rate", 0.5),
    ("random", "trial_epochs", 2),
    ("random", "judged", 3),
    ("random", "queries", 3),
    ("random", "clip", 0.01),
    ("random", "least_rate", 0.02),
    ("random", "channels", 3),
    ("random", "cells", 2),
]
MORE = {
    "darts": {"epochs": 3},
    "gdas": {"epochs": 4, "alpha_rate": 0.5},
    "enas": {"epochs": 3, "controller_rate": 0.5},
    "random": {"epochs": 6, "trial_epochs": 3, "steps_an_epoch": 3, "rate": 0.5},
}


def shown(name, **options):
    found = searched(name, **{**MORE.get(name, {}), **options})
    return found.curve, found.notes, found.costs["evaluations"]


def test_precision_changes_the_search():
    assert shown("gdas", precision="bf16") != shown("gdas", precision="fp32")


@pytest.mark.parametrize(("name", "option", "value"), CHANGES)
def test_an_option_changes_the_search(name, option, value):
    assert shown(name) != shown(name, **{option: value})


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_no_option_has_the_name_of_an_argument_of_the_door(name):
    taken = inspect.signature(search).parameters
    assert not {field.name for field in fields(search_class(name))} & set(taken)


@pytest.mark.parametrize("device", ["cuda:99", "no-such-device", 3])
def test_a_device_that_is_not_here_is_refused(device) -> None:
    with pytest.raises(BadInput, match="device is"):
        searched("darts", device=device)
