"""An architecture far from what g_beta has seen is answered by the zoo's mean, in the open."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from subsel_automl.core.architecture import Architecture
from subsel_automl.spaces.networks import network
from subsel_automl.spaces.tracing import trace
from subsel_automl.subselnet.hybrid import HybridSubSelNet
from subsel_automl.subselnet.inductive import InductiveSubSelNet
from subsel_automl.subselnet.policy import train_policy
from subsel_automl.subselnet.rules import ZooMean
from subsel_automl.subselnet.transductive import SubSelNet

OWN = trace(network("lenet", classes=4, in_channels=1), torch.zeros(2, 1, 4, 4))


@pytest.fixture(scope="session")
def policy(model, pool, folds):
    return train_policy(model, pool, folds["training"], steps=20, budget=0.2)


def test_a_foreign_space_gets_the_zoo_s_mean_and_the_notes_say_so(model, pool):
    provider = SubSelNet.from_model(model, pool)
    with pytest.warns(UserWarning, match=rf"'subselnet' does not know architecture {OWN.key[:8]}"):
        subset = provider.subset_for(OWN, 20)
    mean = ZooMean.from_model(model, pool).subset_for(None, 20)
    assert subset.provenance.notes["prediction"].startswith("zoo-mean: ")
    assert "'traced'" in subset.provenance.notes["prediction"]
    assert np.array_equal(subset.indices, mean.indices)
    assert np.array_equal(subset.targets, mean.targets)


def test_the_warning_comes_once_an_architecture(model, pool):
    provider = SubSelNet.from_model(model, pool)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for size in (10, 20, 30):
            provider.subset_for(OWN, size)
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("ops", "edges", "says"),
    [
        (("input", "conv7x7", "output"), ((0, 1), (1, 2)), "no operation 'conv7x7'"),
        (
            ("input", *["maxpool3x3"] * 7, "output"),
            tuple((u, u + 1) for u in range(8)),
            "has 9 nodes",
        ),
    ],
)
def test_unknown_operations_and_large_cells_of_the_own_space_are_named(
    model, pool, ops, edges, says
):
    with pytest.warns(UserWarning, match=says):
        subset = SubSelNet.from_model(model, pool).subset_for(
            Architecture("nasbench101", ops, edges), 20
        )
    assert says in subset.provenance.notes["prediction"]


def test_known_and_unknown_in_one_question_keep_their_places(model, pool, folds):
    one, two = folds["test"][:2]
    provider = SubSelNet.from_model(model, pool)
    with pytest.warns(UserWarning, match="takes the mean of the zoo"):
        mixed = provider.subsets_for([one, OWN, two], 20)
    alone = SubSelNet.from_model(model, pool).subsets_for([one, two], 20)
    assert all(np.array_equal(a.indices, b.indices) for a, b in zip(mixed[::2], alone, strict=True))
    assert ["prediction" in s.provenance.notes for s in mixed] == [False, True, False]


@pytest.mark.parametrize("kind", [InductiveSubSelNet, HybridSubSelNet])
def test_a_policy_that_has_no_vector_for_it_draws_from_the_mean(model, pool, policy, kind):
    provider = kind.from_model(model, pool, policy=policy)
    with pytest.warns(UserWarning, match="takes the mean of the zoo"):
        subset = provider.subset_for(OWN, 20)
    assert len(subset) == 20
    assert subset.provenance.notes["prediction"].startswith("zoo-mean: ")


def test_a_known_architecture_is_no_cause_for_a_warning(model, pool, folds):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        subset = SubSelNet.from_model(model, pool).subset_for(folds["test"][0], 20)
    assert "prediction" not in subset.provenance.notes
