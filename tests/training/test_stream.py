"""Truths of what a step reads: augmentations, and batches cut from a feed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.selectors.random import Random
from subsel_automl.training.augment import augmented
from subsel_automl.training.batches import uniform_epoch
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.stream import feed_batches
from subsel_automl.training.trainer import Trainer
from subsel_automl.worlds import clump_pool

POOL = clump_pool(900)


def trainer(batch: int) -> Trainer:
    """Batches are cut to its recipe; nothing is trained."""
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 4))
    return Trainer(model, POOL, Recipe(batch=batch), steps=1, seed=0)


def test_no_augmentation_changes_nothing():
    x = torch.rand(4, 3, 8, 8)
    assert augmented(x, "none", np.random.default_rng(0)) is x


def test_augmented_images_are_flipped_and_cropped_pieces_of_the_padded_ones():
    x = torch.arange(1.0, 65).reshape(1, 1, 8, 8).expand(64, 1, 8, 8)
    out = augmented(x, "flip-crop", np.random.default_rng(0))
    assert out.shape == x.shape
    pieces = {
        tuple(F.pad(image, (4,) * 4)[0, 0, i : i + 8, j : j + 8].flatten().tolist())
        for image in (x[:1], x[:1].flip(3))
        for i in range(9)
        for j in range(9)
    }
    found = {tuple(piece.flatten().tolist()) for piece in out}
    assert found <= pieces
    assert len(found) > 30  # each image at its own place


def test_augmentation_follows_the_generator_alone():
    x = torch.rand(8, 1, 8, 8)
    one, two, other = (augmented(x, "flip-crop", np.random.default_rng(s)) for s in (0, 0, 1))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


@given(size=st.integers(2, 60), batch=st.integers(2, 40), passes=st.integers(1, 4))
def test_the_stream_shows_every_example_equally_often(size, batch, passes):
    trial = trainer(batch)
    feed = SubsetFeed(Random().fit(POOL), size, redraw_every=0)
    steps = -(-size * passes // batch)
    seen = [row for b in feed_batches(feed, None, trial, steps) for row in b.indices]
    assert len(seen) == steps * batch
    counts = Counter(seen[: size * passes])
    assert set(counts.values()) == {passes}
    assert set(counts) == set(feed.at(0, None).indices.tolist())


def test_the_stream_redraws_for_every_pass():
    trial = trainer(10)
    feed = SubsetFeed(Random().fit(POOL), 20, redraw_every=1)
    seen = [row for b in feed_batches(feed, None, trial, 20) for row in b.indices]
    assert len(set(seen)) > 150


class Weighted(SubsetProvider):
    """Weight and target of an example follow from its row."""

    name = "weighted"
    source = "test"

    def _select(self, request):
        rows = np.arange(0, 2 * request.count, 2)
        return Subset(rows, rows.astype(np.float32), np.eye(10)[rows % 10])


@pytest.mark.parametrize("targets", ["labels", "soft"])
def test_weights_and_targets_stay_with_their_examples(targets):
    trial = trainer(7)
    feed = SubsetFeed(Weighted().fit(POOL), 20, targets=targets, soft=SoftTargets(3.0))
    for batch in feed_batches(feed, None, trial, 9):
        assert np.allclose(batch.weights, batch.indices / 19)  # in proportion, mean of one
        if targets == "soft":
            assert np.array_equal(batch.targets.argmax(1), batch.indices % 10)
        else:
            assert batch.targets is None
    assert trial.soft == SoftTargets(3.0)


class LaterWeighted(Weighted):
    """No weights at first; weights and other examples from the first refresh on."""

    name = "later-weighted"
    refresh_every = 1

    def _select(self, request):
        return Subset(np.arange(1, 2 * request.count, 2))

    def _refresh(self, request, probe):
        rows = np.arange(0, 2 * request.count, 2)
        return Subset(rows, 100 + rows.astype(np.float32))


def test_weights_may_begin_with_the_first_refresh():
    trial = trainer(8)
    feed = SubsetFeed(LaterWeighted().fit(POOL), 20)
    batches = list(feed_batches(feed, None, trial, 5))  # the third joins both passes
    assert all(b.weights is None for b in batches[:2])
    first, later = batches[2].indices % 2 == 1, batches[2].indices % 2 == 0
    assert np.all(batches[2].weights[first] == 1)
    assert np.allclose(batches[2].weights[later], (100 + batches[2].indices[later]) / 119)


@given(n=st.integers(1, 200), batch=st.integers(2, 64))
def test_a_uniform_epoch_shows_no_example_twice_when_there_are_enough(n, batch):
    rows = [b.indices for b in uniform_epoch(np.random.default_rng(0), n, batch)]
    assert all(len(r) == batch for r in rows)
    assert n < batch or len(set(np.concatenate(rows).tolist())) == n // batch * batch
