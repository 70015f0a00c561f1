"""Truths of proxy data by entropy."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from mislabelled import differ, restless

from benchmarks.data import data_folder
from subsel_automl.core.errors import BadInput, DamagedArtefact, MissingData, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.data.images import cifar10_sprites
from subsel_automl.maths import scores
from subsel_automl.selectors.proxy_entropy import ProxyEntropy, entropies_of, log_weights
from subsel_automl.training.master import train_master

ENTROPIES = np.repeat([2.0, 0.02, 0.0002], [6, 3, 1])  # bins of heights 6, 3, 1
POOL = Pool("ten", np.arange(10.0)[:, None], np.arange(10) % 2)
FILE = "cifar10/cifar10_train_original_order.csv.gz"


def written(path: Path, entropies=ENTROPIES, labels=POOL.labels, name="entropy_small") -> Path:
    lines = [f"{i},{y},{e}" for i, (y, e) in enumerate(zip(labels, entropies, strict=True))]
    path.write_text("\n".join([f"index,label,{name}", *lines]))
    return path


@pytest.mark.parametrize(
    ("scheme", "shares"),
    [("P1", [1, 4, 6]), ("P2", [1, 1, 1]), ("P3", [1 / 6, 1 / 3, 1])],
)
def test_a_bin_is_drawn_by_its_height(scheme, shares):
    odds = np.exp(log_weights(ENTROPIES, scheme, 0.5))
    by_bin = [odds[:6].sum(), odds[6:9].sum(), odds[9:].sum()]
    assert np.allclose(np.array(by_bin) / by_bin[0], np.array(shares) / shares[0])


def test_the_width_says_what_is_one_bin():
    assert len(np.unique(log_weights(ENTROPIES, "P2", 0.5))) == 3
    assert len(np.unique(log_weights(ENTROPIES, "P2", 10.0))) == 2  # above and below 1


def test_no_entropy_at_all_is_a_bin_like_others():
    assert np.isfinite(log_weights(np.array([0.0, 0.0, 1.0]), "P1", 0.5)).all()


def test_draws_follow_the_weights(tmp_path):
    provider = ProxyEntropy("P2", entropies=written(tmp_path / "e.csv")).fit(POOL)
    first = [provider.subset_for(None, 1, seed=seed).indices[0] for seed in range(900)]
    shares = np.histogram(first, [0, 6, 9, 10])[0] / 900
    assert shares == pytest.approx([1 / 3] * 3, abs=0.06)


def test_the_lone_example_is_two_of_three_first_draws_by_p3(tmp_path):
    """Bins of 6, 3 and 1 examples have the shares 1/6, 1/3 and 1."""
    provider = ProxyEntropy("P3", entropies=written(tmp_path / "e.csv")).fit(POOL)
    first = [provider.subset_for(None, 1, seed=seed).indices[0] for seed in range(600)]
    assert np.mean(np.array(first) == 9) == pytest.approx(1 / 1.5, abs=0.06)


def test_entropies_are_the_trained_networks():
    pool = restless()
    expected = scores.entropy(train_master(pool).log_probabilities)
    fitted = ProxyEntropy("P1").fit(pool)
    assert np.array_equal(fitted.scores, log_weights(expected, "P1", 0.5))


@pytest.mark.parametrize(
    "options",
    [{"scheme": "P3"}, {"width": 0.1}, {"epochs": 1}, {"master_seed": 3}],
)
def test_options_matter(options):
    assert differ(ProxyEntropy, restless(), **options)


def test_a_file_needs_no_labels_and_trains_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(ProxyEntropy, "master", None)
    bare = Pool("bare", POOL.features)
    options = {"entropies": str(written(tmp_path / "e.csv"))}
    provider = ProxyEntropy(**options).fit(bare)
    assert provider.options()["entropies"] == options["entropies"]
    assert len(provider.subset_for(None, 4)) == 4


def test_rows_say_which_examples_of_the_file_the_pool_has(tmp_path):
    path = tmp_path / "e.csv.gz"
    path.write_bytes(gzip.compress(written(tmp_path / "e.csv").read_bytes()))
    part = POOL.take(np.array([9, 0, 7]), "part")
    assert entropies_of(path, part, [9, 0, 7]).tolist() == [0.0002, 2.0, 0.02]


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"entropies": ENTROPIES[:9], "labels": POOL.labels[:9]}, BadInput, "9 entropies of"),
        ({"labels": 1 - POOL.labels}, BadInput, "10 labels of .* are not those of pool 'ten'"),
        ({"name": "loss"}, DamagedArtefact, "0 columns 'entropy...'"),
        ({"entropies": -ENTROPIES}, DamagedArtefact, "negative"),
        ({"entropies": ["x"] * 10}, DamagedArtefact, "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, change, error, reason):
    provider = ProxyEntropy(entropies=written(tmp_path / "e.csv", **change))
    with pytest.raises(error, match=reason):
        provider.fit(POOL)


def test_rows_outside_the_file_are_refused(tmp_path):
    provider = ProxyEntropy(entropies=written(tmp_path / "e.csv"), rows=[*range(9), 10])
    with pytest.raises(BadInput, match=r"rows reach 0\.\.10"):
        provider.fit(POOL)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"scheme": "P4"}, UnknownName, "scheme of provider 'proxy-entropy'"),
        ({"width": 0.0}, BadInput, "above 0"),
        ({"rows": [1]}, BadInput, "give entropies too"),
    ],
)
def test_unusable_options_are_refused(options, error, reason):
    with pytest.raises(error, match=reason):
        ProxyEntropy(**options)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingData, match=r"nowhere\.csv is not there"):
        ProxyEntropy(entropies=tmp_path / "nowhere.csv").fit(POOL)


@pytest.mark.shared
def test_the_published_entropies_fit_the_training_pool_of_the_sprites():
    """Labels are compared, so rows that were shifted by one would be refused."""
    folder = data_folder()
    try:
        pool = cifar10_sprites(folder=folder).train
    except MissingData as error:
        pytest.skip(str(error))
    order = np.random.default_rng(0).permutation(10_000)
    rows = np.sort(order[10_000 - len(pool) :]).tolist()
    provider = ProxyEntropy(entropies=folder / FILE, rows=rows).fit(pool)
    assert len(provider.subset_for(None, 0.1)) == 875
    with pytest.raises(BadInput, match="are not those of pool"):
        ProxyEntropy(entropies=folder / FILE, rows=[row + 1 for row in rows]).fit(pool)
