"""What the zoo's networks tell, and which of them are never learnt from."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from kept_zoo import IMAGES, POOL, kept_zoo, zoo_cells

from subsel_automl.core.errors import BadInput, MissingNeed
from subsel_automl.data.splits import architecture_role
from subsel_automl.encoders.zoo_labels import accuracies_of, images_of, networks_of
from subsel_automl.maths.weighted_features import weighted_features
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.spaces.nasbench201 import NASBench201
from subsel_automl.worlds import strength
from subsel_automl.zoo.store import DiskZoo, create, save_network

SPACE = NASBench101()


def test_learnt_networks_are_those_of_the_training_fold(tmp_path):
    found = networks_of(kept_zoo(tmp_path), SPACE)
    assert (len(found.seen), len(found.unseen)) == (6, 3)
    assert all(architecture_role(key) == "training" for key in found.keys(found.seen))
    assert all(architecture_role(key) != "training" for key in found.keys(found.unseen))


def test_accuracies_stand_with_their_networks(tmp_path):
    zoo = kept_zoo(tmp_path)
    found = networks_of(zoo, SPACE)
    expected = [strength(cell) for cell in found.architectures]
    assert accuracies_of(zoo, found)[:, 0].tolist() == pytest.approx(expected)


def test_targets_are_weighted_features_of_the_true_class(tmp_path):
    zoo = kept_zoo(tmp_path)
    found = networks_of(zoo, SPACE)
    told = images_of(zoo, found, top=4)
    layer, labels = zoo.last_layer(found.architectures[2].key), told.labels.numpy()
    expected = weighted_features(layer.features, layer.weight, labels, 4)
    np.testing.assert_array_equal(told.targets[2].numpy(), expected)
    rows = zoo.kept_examples().rows
    assert np.array_equal(told.images.numpy(), POOL.validation.images.batch(rows))


def test_a_fifth_of_the_images_is_unseen_and_none_is_both(tmp_path):
    zoo = kept_zoo(tmp_path)
    told = images_of(zoo, networks_of(zoo, SPACE), top=4)
    assert len(told.unseen) == 2
    assert sorted([*told.seen.tolist(), *told.unseen.tolist()]) == list(range(IMAGES))


def test_another_zoo_has_another_digest(tmp_path):
    cells = zoo_cells()
    one, two, fewer = (
        networks_of(kept_zoo(tmp_path / name, some), SPACE).digest
        for name, some in (("a", cells), ("b", cells), ("c", cells[1:]))
    )
    assert one == two != fewer


def test_a_zoo_without_features_gives_accuracies_and_says_what_it_lacks(tmp_path):
    create(tmp_path, POOL, {})
    record = {"seconds": 1.0, "validation_accuracy": 0.5}
    for cell in zoo_cells():
        save_network(tmp_path, cell, 0, np.zeros((2, 2)), record)
    zoo = DiskZoo(tmp_path, POOL)
    found = networks_of(zoo, SPACE)
    assert accuracies_of(zoo, found).shape == (9, 1)
    with pytest.raises(MissingNeed, match="--keep-features"):
        images_of(zoo, found, top=4)


def test_a_zoo_of_another_space_is_refused(tmp_path):
    with pytest.raises(BadInput, match="networks of space 'nasbench101', not of 'nasbench201'"):
        networks_of(kept_zoo(tmp_path), NASBench201())


def test_too_few_networks_to_learn_from_are_refused(tmp_path):
    with pytest.raises(BadInput, match="1 networks of the training fold"):
        networks_of(kept_zoo(tmp_path, zoo_cells(1, 3)), SPACE)


def test_features_that_are_no_number_are_refused(tmp_path, monkeypatch):
    zoo = kept_zoo(tmp_path)
    monkeypatch.setattr(
        "subsel_automl.encoders.zoo_labels.weighted_features",
        lambda features, *_: np.full((len(features), 4), np.nan),
    )
    with pytest.raises(BadInput, match="no number"):
        images_of(zoo, networks_of(zoo, SPACE), top=4)


def test_more_features_than_there_are_are_refused(tmp_path):
    zoo = kept_zoo(tmp_path)
    with pytest.raises(BadInput, match=r"give 1\.\.12"):
        images_of(zoo, networks_of(zoo, SPACE), top=13)


def test_images_keep_their_type(tmp_path):
    zoo = kept_zoo(tmp_path)
    assert images_of(zoo, networks_of(zoo, SPACE), top=4).images.dtype == torch.uint8
