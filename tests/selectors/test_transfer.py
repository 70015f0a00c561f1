"""Truths of transfer learning's choice."""

from __future__ import annotations

import numpy as np
import pytest
from mislabelled import WRONG, differ, mislabelled, restless

from subsel_automl.core.errors import BadInput, MissingNeed, UnknownName
from subsel_automl.data import features
from subsel_automl.selectors.transfer import Transfer
from subsel_automl.worlds import clump_pool


def test_the_mislabelled_are_dropped():
    rows = Transfer().fit(mislabelled()).subset_for(None, 200 - len(WRONG)).indices
    assert not set(WRONG.tolist()) & set(rows.tolist())


@pytest.mark.parametrize(
    "options", [{"hidden": 8}, {"epochs": 3}, {"master_seed": 1}, {"per_class": True}]
)
def test_options_matter(options):
    assert differ(Transfer, restless(), 21, **options)


def test_efficientnet_features_are_read_when_asked_for(monkeypatch):
    """The pool's features say nothing; those of its images tell right labels from wrong ones."""
    told, asked = mislabelled(), []

    def looked(pool, size):
        asked.append((pool.name, size))
        return told.features

    monkeypatch.setattr(features, "efficientnet_features", looked)
    images = clump_pool(200)
    pool = type(images)("blind", np.ones((200, 3)), told.labels, images.images)
    rows = Transfer(features="efficientnet-64").fit(pool).subset_for(None, 184).indices
    assert asked == [("blind", 64)]
    assert not set(WRONG.tolist()) & set(rows.tolist())


def test_efficientnet_needs_images():
    with pytest.raises(MissingNeed, match="'transfer' needs images"):
        Transfer(features="efficientnet-128").fit(mislabelled())


@pytest.mark.parametrize(
    ("kind", "error"), [("resnet-18", UnknownName), ("efficientnet-8", BadInput)]
)
def test_other_features_are_refused(kind, error):
    with pytest.raises(error, match="features"):
        Transfer(features=kind)
