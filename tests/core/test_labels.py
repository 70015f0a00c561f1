"""Labels of a Dataset: found, told, numbered."""

from __future__ import annotations

import numpy as np
import pytest
from dataset_items import SAME, Items, X, Y, tensors

from subsel_automl.core.errors import PoolError
from subsel_automl.core.pool import Pool


def test_names_are_numbered_in_sorted_order():
    pool = Pool.from_dataset(Items(lambda i: (X[i], ["owl", "cat", "dog"][i % 3])))
    assert pool.class_names == ("cat", "dog", "owl")
    assert pool.labels[:3].tolist() == [2, 0, 1]


def test_validation_names_are_numbered_as_the_training_names():
    train = Items(lambda i: (X[i], "abc"[i % 3]))
    held = Items(lambda i: (X[i], "c"))
    assert Pool.from_dataset(train, validation=held).validation.labels[0] == 2


def test_a_validation_name_that_training_lacks_is_refused():
    train, held = (Items(lambda i, c=c: (X[i], c)) for c in "ab")
    with pytest.raises(PoolError, match="no class is called 'b'"):
        Pool.from_dataset(train, validation=held)


def test_whole_numbers_stay_and_gaps_are_empty_classes():
    pool = Pool.from_dataset(Items(lambda i: (X[i], 100 * (i % 3))))
    assert pool.classes == 201
    assert set(pool.labels.tolist()) == {0, 100, 200}


def test_truth_values_are_two_classes():
    pool = Pool.from_dataset(Items(lambda i: (X[i], i % 2 == 1)))
    assert pool.labels[:3].tolist() == [0, 1, 0]


def test_a_told_place_is_read():
    triple = Items(lambda i: (X[i], i, int(Y[i])))
    keyed = Items(lambda i: {"pixels": X[i], "id": i, "fine": int(Y[i])})
    assert Pool.from_dataset(triple, label=2).fingerprint == SAME
    assert Pool.from_dataset(triple, label=-1).fingerprint == SAME
    assert Pool.from_dataset(keyed, label="fine", inputs="pixels").fingerprint == SAME


def test_told_labels_win_over_the_datasets_own_and_a_difference_is_said():
    data = Items(tensors)
    with pytest.warns(UserWarning, match=r"differ .* in 30 of 40 examples \(first: 1, 0 against 1"):
        pool = Pool.from_dataset(data, labels=np.zeros(40, int))
    assert pool.labels.tolist() == [0] * 40


def test_told_labels_stand_for_targets_that_are_no_classes():
    data = Items(lambda i: (X[i], 0.5 * i))
    assert Pool.from_dataset(data, labels=Y).fingerprint == SAME
