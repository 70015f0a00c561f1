"""Truths of a pool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.errors import PoolError
from subsel_automl.core.pool import ArrayImages, Pool
from subsel_automl.data.features import with_features

X = np.random.default_rng(0).random((12, 3)).astype(np.float32)
Y = np.arange(12) % 3
IMAGES = np.random.default_rng(1).integers(0, 256, (12, 2, 2, 1), dtype=np.uint8)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 7])
def test_features_that_are_not_finite_are_refused_naming_the_row(bad, row):
    x = X.copy()
    x[row, 1] = bad
    with pytest.raises(PoolError, match=f"in 1 of 12 rows \\(first: row {row}\\)"):
        Pool("p", x)


NODATA = -3.4028235e38  # float32's lowest: what rasters write where they know nothing


@pytest.mark.parametrize(
    ("value", "dtype"), [(NODATA, np.float32), (1e300, np.float64), (1e19, np.float32)]
)
def test_features_whose_squares_overflow_are_refused_by_row_column_and_value(value, dtype):
    x = X.astype(dtype)
    x[[4, 9], 2] = value
    message = "hold .*e[+][0-9]+ in row 4, column 2: .* in 2 of 12 rows.*NoData"
    with pytest.raises(PoolError, match=message) as refused:
        Pool("p", x)
    assert f"{dtype(value):.8g}" in str(refused.value)


def test_many_columns_that_overflow_together_are_refused():
    x = np.full((3, 1000), 1e18, np.float32)  # each square is allowed, their sum is not
    with pytest.raises(PoolError, match="row 0, column 0: squares overflow"):
        Pool("p", x)
    assert len(Pool("p", x[:, :10])) == 3


def test_rows_whose_distances_overflow_once_added_up_are_refused():
    x = np.full((1000, 1), 1e18, np.float32)
    with pytest.raises(PoolError, match="distances cannot be added up"):
        Pool("p", x)
    assert len(Pool("p", x[:50])) == 50


def test_other_features_of_a_pool_are_checked_as_its_own():
    with pytest.raises(PoolError, match="row 1, column 0"):
        with_features(Pool("p", X[:2]), [[1.0], [1e30]])


def test_a_nan_is_refused_naming_its_column():
    x = X.copy()
    x[5, 1] = np.nan
    with pytest.raises(PoolError, match="in column 1"):
        Pool("p", x)


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        (Y - 1, 0, "go down to -1"),
        (Y, 2, r"labels must be in 0\.\.1"),
        (Y[:11], 0, "give 12 whole numbers"),
        (Y.astype(str), 0, "whole numbers"),
    ],
    ids=["negative", "too-large", "too-few", "text"],
)
def test_labels_out_of_range_or_of_another_kind_are_refused(labels, classes, message):
    with pytest.raises(PoolError, match=message):
        Pool("p", X, labels, classes=classes)


@pytest.mark.parametrize(
    "features", [X[0], np.zeros((0, 3)), np.zeros((3, 0)), np.array([["a"]]), X[None]]
)
def test_features_of_another_shape_or_kind_are_refused(features):
    with pytest.raises(PoolError, match="features of pool 'p'"):
        Pool("p", features)


def test_images_that_are_too_few_are_refused():
    with pytest.raises(PoolError, match="12 feature rows but 11 images"):
        Pool("p", X, images=ArrayImages(IMAGES[:11]))


@pytest.mark.parametrize("array", [IMAGES / 255, IMAGES[0, 0], IMAGES[None]])
def test_images_of_another_kind_are_refused(array):
    with pytest.raises(PoolError, match="give uint8"):
        ArrayImages(array)


def test_equal_content_has_an_equal_fingerprint_whatever_the_name_or_type():
    one = Pool("one", X, Y, ArrayImages(IMAGES))
    two = Pool("two", X.astype(np.float64), Y.astype(np.int32), ArrayImages(IMAGES.copy()))
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        Pool("p", X[::-1], Y, ArrayImages(IMAGES)),
        Pool("p", X, Y[::-1], ArrayImages(IMAGES)),
        Pool("p", X, Y, ArrayImages(IMAGES[::-1])),
        Pool("p", X, None, ArrayImages(IMAGES)),
        Pool("p", X, Y),
        Pool("p", X.reshape(6, 6), Y[:6]),
    ],
    ids=["features", "labels", "images", "no-labels", "no-images", "shape"],
)
def test_other_content_has_another_fingerprint(other):
    assert other.fingerprint != Pool("p", X, Y, ArrayImages(IMAGES)).fingerprint


@given(rows=st.lists(st.integers(0, 11), min_size=1, max_size=20).map(np.array))
def test_taking_rows_takes_everything_of_them(rows):
    part = Pool("p", X, Y, ArrayImages(IMAGES)).take(rows, "part")
    assert np.array_equal(part.features, X[rows])
    assert np.array_equal(part.labels, Y[rows])
    assert np.array_equal(part.images.batch(np.arange(len(rows))), IMAGES[rows])
    assert part.classes == 3


@given(share=st.floats(0.05, 0.95), seed=st.integers(0, 9))
def test_a_split_holds_every_example_once(share, seed):
    pool = Pool("p", X, Y).split(share, seed)
    both = np.concatenate([pool.features, pool.validation.features])
    assert sorted(map(tuple, both)) == sorted(map(tuple, X))
    assert pool.validation.name == "p/validation"


@pytest.mark.parametrize("share", [0, 1, -0.5, 0.01, float("nan")])
def test_a_split_that_leaves_a_side_empty_is_refused(share):
    with pytest.raises(PoolError, match="leaves a side empty"):
        Pool("p", X, Y).split(share)


def test_the_number_of_classes_may_exceed_the_labels_that_are_there():
    assert Pool("p", X, np.zeros(12, int), classes=10).classes == 10
