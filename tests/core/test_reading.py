"""Datasets that are no pool are refused, and reading leaves no trace."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from dataset_items import Items, X, Y, tensors
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from subsel_automl.core.errors import BadInput, PoolError
from subsel_automl.core.pool import Pool
from subsel_automl.testing.process import global_state


class Stream(IterableDataset):
    def __len__(self):
        return 40

    def __iter__(self):
        return iter(())


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Stream(), "is no map-style Dataset"),
        (iter([]), "is no map-style Dataset"),
        (DataLoader(Items(tensors)), "DataLoader's .dataset"),
        ({"train": Items(tensors), "test": Items(tensors)}, "mapping of train, test"),
        ([], "is empty"),
        (Items(lambda i: ("word " * i, 0)), "input of item 0 .* is str.*give features="),
        (Items(lambda i: (torch.zeros(3, i + 1), 0)), r"item 1 .*\(3, 2\).*give features="),
        (TensorDataset(torch.zeros(4, 2), torch.eye(4)), r"labels=rows.argmax\(1\)"),
        (Items(lambda i: (X[i], None)), "no single class"),
        (Items(lambda i: (X[i], "a" if i else 1)), "no single class"),
        (Items(lambda i: (X[i] + np.nan, 0)), "NaN or infinity in 40 of 40"),
    ],
    ids=[
        "stream",
        "iterator",
        "loader",
        "mapping",
        "empty",
        "text",
        "shapes",
        "one-hot",
        "none",
        "mixed",
        "nan",
    ],
)
def test_what_is_no_pool_is_refused_as_a_pool_error(dataset, message):
    with pytest.raises(PoolError, match=message):
        Pool.from_dataset(dataset)


@pytest.mark.parametrize(
    ("make", "told", "message"),
    [
        (lambda i: (X[i], i, int(Y[i])), {}, r"tuple of 0, 1, 2: .*label=2"),
        (lambda i: {"pixels": X[i], "kind": 1}, {}, r"dict of pixels, kind: .*label='kind'"),
        (lambda i: {"a": X[i], "b": X[i], "y": 1}, {}, "dict of a, b, y; tell its place, inputs="),
        (lambda i: (X[i], 1), {"label": "klass"}, "tuple of 0, 1, have no 'klass'"),
        (lambda i: X[i], {"label": 1}, "have no parts"),
        (lambda i: {"x": X[i], "y": 1} if i < 5 else {"x": X[i]}, {}, "one of the items 0..39"),
    ],
    ids=["triple", "keys", "two-inputs", "no-such", "no-parts", "changing"],
)
def test_a_label_that_is_not_found_says_how_to_tell(make, told, message):
    with pytest.raises(BadInput, match=message):
        Pool.from_dataset(Items(make), **told)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"labels": Y[:39]}, "labels= has 39 entries for the 40 examples"),
        ({"features": X[:39]}, r"features= has shape \(39, 6\) for the 40 examples"),
        ({"features": lambda batch: batch[:, 0]}, r"gave shape \(40,\).*give \[40, d\]"),
        ({"validation": Items(tensors), "features": X}, "validation=Pool"),
        ({"validation": Pool("held", X[:, :2])}, "validation examples have 2 features"),
        ({"class_names": "ab"}, "labels must be in 0..1"),
    ],
    ids=["labels", "features", "function", "validation", "width", "names"],
)
def test_lengths_that_do_not_fit_are_refused(told, message):
    with pytest.raises(PoolError, match=message):
        Pool.from_dataset(Items(tensors), **told)


def test_global_randomness_is_put_back_though_items_draw_from_it():
    def augmented(i):
        return torch.randn(3) + np.random.rand() + random.random(), 0  # noqa: NPY002

    random.seed(1), np.random.seed(1), torch.manual_seed(1)  # noqa: NPY002
    before = global_state()
    Pool.from_dataset(Items(augmented))
    after = global_state()
    assert before == after


def test_global_randomness_is_put_back_though_an_item_fails():
    def broken(i):
        torch.rand(1)
        raise RuntimeError("broken item")

    before = torch.get_rng_state().tolist()
    with pytest.raises(RuntimeError, match="broken item"):
        Pool.from_dataset(Items(broken))
    assert torch.get_rng_state().tolist() == before


def test_a_list_of_pairs_needs_no_torch():
    code = (
        "import sys, numpy as np; from subsel_automl import Pool; "
        "p = Pool.from_dataset([(np.ones(600) * i, i % 2) for i in range(9)]); "
        "print(p.features.shape, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(9, 9) False"
