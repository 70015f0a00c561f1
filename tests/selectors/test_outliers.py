"""Truths of the outlier removals: the odd examples go first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mislabelled import WRONG, differ, mislabelled

from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import ArrayImages, Pool
from subsel_automl.selectors.outliers import OutliersKMeans, OutliersPerClass, standardised

ODD = np.arange(60, 66)


def two_clumps() -> Pool:
    """Rows 0..29 tight at -1, rows 30..59 wider at 1, rows ODD between and beside them."""
    rng = np.random.default_rng(0)
    tight = rng.normal(-1, 0.02, (30, 2))
    wide = rng.normal(1, 0.3, (30, 2))
    odd = np.array([[3, -3], [-3, 3], [0, 0], [0, 0.1], [3, -2.5], [-2.5, 3]])
    return Pool("two clumps", np.concatenate([tight, wide, odd]))


def test_k_means_drops_what_lies_far_from_every_centre():
    rows = OutliersKMeans(clusters=2).fit(two_clumps()).subset_for(None, 60).indices
    assert not set(ODD.tolist()) & set(rows.tolist())


def test_k_means_keeps_the_nearest_of_the_whole_pool_not_of_each_cluster():
    clumps = Pool("clean", two_clumps().features[:60])  # 0..29 tight, the others wide
    rows = OutliersKMeans(clusters=2).fit(clumps).subset_for(None, 30).indices
    assert set(rows.tolist()) == set(range(30))


@pytest.mark.parametrize("options", [{"clusters": 3}, {"kmeans_seed": 1}])
def test_options_of_k_means_matter(options):
    points = np.random.default_rng(0).normal(size=(200, 2))
    assert differ(OutliersKMeans, Pool("cloud", points), **options)


def test_as_many_clusters_as_examples_drop_none_for_distance():
    provider = OutliersKMeans(clusters=1_000).fit(two_clumps())
    assert np.allclose(provider._distance, 0, atol=1e-4)


def test_no_cluster_is_refused():
    with pytest.raises(BadInput, match="clusters of provider 'outliers-kmeans' is 0"):
        OutliersKMeans(clusters=0)


def test_the_mislabelled_lie_far_from_the_mean_of_their_class():
    pool = mislabelled()
    rows = OutliersPerClass().fit(pool).subset_for(None, 200 - len(WRONG)).indices
    assert not set(WRONG.tolist()) & set(rows.tolist())


def test_every_class_gives_the_same_number():
    pool = mislabelled()
    rows = OutliersPerClass().fit(pool).subset_for(None, 40).indices
    assert np.bincount(pool.labels[rows]).tolist() == [10] * 4


def test_pixels_are_standardised_each_and_preferred_to_features():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50, 3, 3, 1)).astype(np.uint8)
    images[:, 0, 0] = 7  # a pixel that never changes
    pool = Pool("pixels", rng.normal(size=(50, 2)), images=ArrayImages(images))
    x = standardised(pool)
    assert x.shape == (50, 9)
    assert np.allclose(x.mean(0), 0, atol=1e-5)
    assert np.allclose(x.std(0), [0] + [1] * 8, atol=1e-5)
    bare = replace(pool, images=None, fingerprint="")
    assert standardised(bare).shape == (50, 2)
    assert np.ptp(pool.features) != np.ptp(standardised(bare))  # the pool's own are left alone
