"""Figs. 2 to 4 of info-NAS in numbers, of networks whose kinship is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.io_model import features

RNG = np.random.default_rng(0)
KINDS = np.repeat([0, 1, 2], 4)  # four networks of each of three kinds
OWN = RNG.normal(size=(3, 50, 10))
SEEN = OWN[KINDS] + 0.01 * RNG.normal(size=(12, 50, 10))
ACCURACIES = 0.7 + 0.1 * KINDS + 0.001 * RNG.normal(size=12)


@pytest.fixture(scope="module")
def found():
    return features.told(SEEN, ACCURACIES)


def test_networks_of_a_kind_are_a_cluster(found):
    mine = found["clusters"]["at 0.4"]
    assert mine["count"] == 3
    assert [size for size, _, _ in mine["large"]] == [4, 4, 4]
    assert mine["large"][0][1] > 0.89  # the best kind first


def test_kinds_that_differ_in_accuracy_explain_it_and_chance_does_not(found):
    mine = found["clusters"]["at 0.4"]
    assert mine["eta_squared"] > 0.99
    assert mine["eta_squared_by_chance"] == pytest.approx(2 / 11, abs=0.03)


def test_distance_tells_of_accuracy_more_than_by_chance(found):
    assert found["distance_and_accuracy"]["spearman"] > 0.4
    assert found["distance_and_accuracy"]["as_high_by_chance"] < 0.01


def test_accuracy_that_has_nothing_to_do_with_features_is_no_finding():
    chance = features.told(SEEN, RNG.permutation(12) / 12)["distance_and_accuracy"]
    assert chance["as_high_by_chance"] > 0.05


def test_the_threshold_of_the_largest_distance_does_not_know_the_unit():
    scaled = features.told(100 * SEEN, ACCURACIES)["clusters"]
    assert scaled["at 0.4 of the largest"]["count"] == 3
    assert scaled["at 0.4"]["count"] > 3


def test_deviations_are_over_images_and_over_networks():
    seen = np.zeros((2, 4, 10))
    seen[:, :, 0] = [1, -1, 1, -1]  # the images differ, the networks do not
    seen[0, :, 1] = 3  # the networks differ, the images do not
    told = features.told(seen + 1e-9 * RNG.normal(size=seen.shape), np.array([0.5, 0.6]))
    assert told["deviation_over_images"][:2] == pytest.approx([1, 0], abs=1e-6)
    assert told["deviation_over_networks"][:2] == pytest.approx([0, 1.5], abs=1e-6)


def test_a_level_that_is_common_to_all_images_is_no_correlation():
    level = np.arange(10.0) * 100 + RNG.normal(size=(2, 50, 10))
    assert abs(features.told(level, np.array([0.5, 0.6]))["correlation"]["mean"]) < 0.2


def test_without_a_zoo_nothing_was_run(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "PATH", tmp_path / "none.jsonl")
    assert features.table().endswith("not run")
