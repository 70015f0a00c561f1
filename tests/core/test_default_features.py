"""Features of a Dataset when none are given, or a function is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from dataset_items import RNG, SAME, Items, X, Y
from torch.utils.data import TensorDataset

from subsel_automl.core.pool import Pool


def test_wide_rows_become_64_principal_components():
    wide = RNG.normal(size=(90, 600)) * np.linspace(1, 3, 600)
    pool = Pool.from_dataset([(row, i % 3) for i, row in enumerate(wide)])
    centred = wide - wide.mean(0)
    spread = np.linalg.svd(centred, compute_uv=False)[:64]
    assert pool.features.shape == (90, 64)
    assert np.allclose(np.linalg.norm(pool.features, axis=0), spread, rtol=1e-3)
    assert np.allclose(pool.features.mean(0), 0, atol=1e-3)


def test_more_rows_than_numbers_give_the_same_components():
    low = RNG.normal(size=(700, 5)) @ RNG.normal(size=(5, 600))  # rank 5: distances survive
    pool = Pool.from_dataset(low.astype(np.float32), labels=np.arange(700) % 3)
    far = np.linalg.norm(low[:50] - low[50:100], axis=1)
    kept = np.linalg.norm(pool.features[:50] - pool.features[50:100], axis=1)
    assert np.allclose(kept, far, rtol=1e-3)


def test_512_numbers_stay_as_they_are():
    assert Pool.from_dataset(np.ones((3, 512))).features.shape == (3, 512)
    assert Pool.from_dataset(RNG.random((3, 513))).features.shape == (3, 3)


def test_very_wide_rows_are_folded_and_keep_their_distances():
    wide = RNG.normal(size=(40, 20_000)).astype(np.float32) + 3 * Y[:, None]
    pool = Pool.from_dataset(wide, labels=Y)
    far = np.linalg.norm(wide[:20] - wide[20:], axis=1)
    kept = np.linalg.norm(pool.features[:20] - pool.features[20:], axis=1)
    assert np.allclose(kept, far, rtol=0.1)
    assert pool.fingerprint == Pool.from_dataset(wide, labels=Y).fingerprint


def test_validation_examples_get_the_components_of_the_training_examples():
    wide = RNG.normal(size=(90, 600))
    pool = Pool.from_dataset(wide, validation=wide[10:20])
    assert np.allclose(pool.validation.features, pool.features[10:20], atol=1e-4)


def test_features_of_ones_own_are_taken_as_they_are():
    assert Pool.from_dataset(Items(lambda i: ("text", int(Y[i]))), features=X).fingerprint == SAME


@pytest.mark.parametrize("n", [40, 300])
@pytest.mark.parametrize("columns", [True, False])
def test_a_function_of_batches_of_tensors_makes_features(n, columns):
    x, y = torch.randn(n, 3, 4, 4), torch.arange(n) % 3
    data = TensorDataset(x, y)
    data = data if columns else Items(data.__getitem__, n)
    pool = Pool.from_dataset(data, features=lambda batch: batch.mean((2, 3)), validation=data)
    assert np.allclose(pool.features, x.mean((2, 3)), atol=1e-6)
    assert np.array_equal(pool.validation.features, pool.features)


def test_a_function_of_text_gets_a_list():
    data = Items(lambda i: {"text": "a" * i, "label": int(Y[i])})
    pool = Pool.from_dataset(
        data, inputs="text", features=lambda texts: np.array([[len(t)] for t in texts])
    )
    assert pool.features[:, 0].tolist() == list(range(40))


def test_the_order_of_the_examples_does_not_turn_a_component_round():
    wide = RNG.normal(size=(30, 600)) * np.linspace(1, 3, 600)
    order = RNG.permutation(30)
    there, moved = (Pool.from_dataset(x).features for x in (wide, wide[order]))
    assert np.allclose(moved[:, :20], there[order, :20], atol=1e-3)
