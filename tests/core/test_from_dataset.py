"""A pool of the reader's own Dataset: row i is item i, whatever the Dataset is."""

from __future__ import annotations

from collections import namedtuple
from types import ModuleType

import numpy as np
import pytest
import torch
from dataset_items import RNG, SAME, Collated, Items, Many, X, Y, tensors
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import Subset, TensorDataset, random_split

from subsel_automl.core import examples
from subsel_automl.core.pool import Pool

Named = namedtuple("Named", "target image weight")
Plain = namedtuple("Plain", "left right")


MAKERS = {
    "pair-of-tensors": tensors,
    "pair-of-numpy": lambda i: (X[i], Y[i]),
    "list": lambda i: [X[i].tolist(), int(Y[i])],
    "dict": lambda i: {"image": X[i], "label": Y[i]},
    "dict-of-more": lambda i: {"id": i, "x": X[i], "y": int(Y[i])},
    "named-tuple": lambda i: Named(int(Y[i]), X[i], 1.0),
    "named-pair": lambda i: Plain(X[i], int(Y[i])),
    "one-element-label": lambda i: (X[i], Y[i : i + 1]),
    "matrix": lambda i: (X[i].reshape(2, 3), Y[i]),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("kind", [Items, Many])
def test_items_of_any_kind_give_the_same_pool(kind, make):
    assert Pool.from_dataset(kind(make)).fingerprint == SAME


@pytest.mark.parametrize(
    "dataset",
    [
        TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)),
        TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)[:, None]),
        [(x, y) for x, y in zip(X, Y, strict=True)],
        Collated(tensors),
        Subset(Items(lambda i: tensors(i - 10), 60), range(10, 50)),
    ],
    ids=["tensors", "label-column", "pairs", "collated", "subset"],
)
def test_datasets_of_any_kind_give_the_same_pool(dataset):
    assert Pool.from_dataset(dataset).fingerprint == SAME


def test_an_array_with_labels_is_a_dataset():
    assert Pool.from_dataset(X, labels=Y).fingerprint == SAME
    assert Pool.from_dataset(torch.from_numpy(X)).labels is None


@given(rows=st.lists(st.integers(0, 39), min_size=1, max_size=50))
@pytest.mark.parametrize(
    "base", [TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), Items(tensors)]
)
def test_row_i_is_item_i_of_a_subset_of_a_subset(base, rows):
    whole = Subset(base, list(range(39, -1, -1)))
    pool = Pool.from_dataset(Subset(whole, rows))
    wanted = 39 - np.array(rows)
    assert np.array_equal(pool.features, X[wanted])
    assert np.array_equal(pool.labels, Y[wanted])


def test_the_parts_of_a_random_split_are_a_pool_and_its_validation_pool():
    parts = random_split(Items(tensors), [30, 10], generator=torch.Generator().manual_seed(0))
    pool = Pool.from_dataset(parts[0], validation=parts[1])
    assert np.array_equal(pool.features, X[parts[0].indices])
    assert np.array_equal(pool.validation.features, X[parts[1].indices])
    assert np.array_equal(pool.validation.labels, Y[parts[1].indices])


def test_every_item_is_read_once_and_in_order():
    data = Items(tensors, 40)
    Pool.from_dataset(data)
    assert data.read == list(range(40))


def test_columns_are_read_without_making_an_item(monkeypatch):
    monkeypatch.setattr(TensorDataset, "__getitem__", None)
    data = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    assert Pool.from_dataset(Subset(data, range(40))).fingerprint == SAME


def vision(transform=None):
    """torchvision's FashionMNIST, as far as a reader sees it."""
    module = ModuleType("torchvision.datasets.mnist")

    class FashionMNIST(Items):
        __module__ = module.__name__

    made = FashionMNIST(lambda i: (made.data[i] if transform is None else X[i], int(Y[i])))
    made.data = torch.from_numpy(RNG.integers(0, 256, (40, 3, 2), dtype=np.uint8))
    made.targets, made.transform = Y.tolist(), transform
    made.classes = list("abcd")
    return made


def test_torchvision_without_transforms_is_read_by_column():
    data = vision()
    pool = Pool.from_dataset(data)
    assert not data.read
    assert np.allclose(pool.features, data.data.numpy().reshape(40, -1) / 255)
    assert (pool.name, pool.class_names) == ("fashionmnist", ("a", "b", "c", "d"))


def test_torchvision_with_a_transform_is_read_item_by_item():
    assert Pool.from_dataset(vision(lambda x: x)).fingerprint == SAME


@pytest.fixture
def hub():
    return pytest.importorskip("datasets", reason="extra [hf] is not installed")


def test_a_hugging_face_dataset_tells_its_class_names(hub):
    kinds = hub.Features(
        {"x": hub.Sequence(hub.Value("float32")), "label": hub.ClassLabel(names=list("wxyz"))}
    )
    data = hub.Dataset.from_dict({"x": X.tolist(), "label": Y.tolist()}, features=kinds)
    pool = Pool.from_dataset(data)
    assert pool.fingerprint == SAME
    assert pool.class_names == ("w", "x", "y", "z")


def test_text_of_a_hugging_face_dataset_is_not_looked_at_when_there_are_features(hub, monkeypatch):
    seen, items = set(), examples._items
    monkeypatch.setattr(
        examples, "_items", lambda *told: [seen.update(item) or item for item in items(*told)]
    )
    data = hub.Dataset.from_dict({"text": ["a", "bb"] * 20, "label": Y.tolist()})
    assert Pool.from_dataset(data, features=X).fingerprint == SAME
    assert seen == {"label"}
