"""What a running trial leaves behind of its last pass, free: losses, entropies, errors, hits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.maths import scores
from subsel_automl.selectors.asp import AspLoss
from subsel_automl.selectors.automata import Automata
from subsel_automl.selectors.random import Random
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.stream import feed_batches
from subsel_automl.training.trainer import Batch, Trainer
from subsel_automl.worlds import clump_pool

POOL = clump_pool(64)


class Plain(nn.Module):
    """A reader's own network: no `features`, a dense layer at its end."""

    def __init__(self, *after):
        super().__init__()
        self.inner, self.last = nn.Linear(16, 8), nn.Linear(8, 4)
        self.after = nn.Sequential(*after)

    def forward(self, x):
        return self.after(self.last(self.inner(x.flatten(1)).relu()))


def trainer(model=None, steps=20):
    torch.manual_seed(0)
    return Trainer(model or Plain(), POOL, Recipe(batch=16), steps=steps, seed=0, precision="fp32")


def test_what_is_recorded_is_what_the_network_said_before_the_step():
    training, rows = trainer(), np.arange(16)
    logits = training.logits(rows)
    training.epoch([Batch(rows)])
    seen = training.recorded()
    log_p = scores.log_softmax(logits)
    assert seen.whole
    assert np.array_equal(seen.indices, rows)
    assert np.allclose(seen.losses, scores.loss(log_p, POOL.labels[:16]), atol=1e-5)
    assert np.allclose(seen.entropies, scores.entropy(log_p), atol=1e-5)
    assert np.allclose(seen.errors, scores.el2n(log_p, POOL.labels[:16]), atol=1e-5)
    assert np.array_equal(seen.correct, log_p.argmax(1) == POOL.labels[:16])


def test_before_the_next_step_the_last_epoch_is_still_there():
    training = trainer()
    training.epoch([Batch(np.arange(16)), Batch(np.arange(16, 32))])
    training.begin_pass()
    assert len(training.recorded().indices) == 32
    training.step(Batch(np.arange(16)))
    assert len(training.recorded().indices) == 16


def test_a_refresh_in_a_host_of_short_epochs_sees_the_epoch_before():
    """As in Ray: every epoch is a call of its own, and the feed is asked at its beginning."""
    feed, training = SubsetFeed(AspLoss().fit(POOL), 32), trainer()
    for epoch in range(3):
        training.epoch(feed_batches(feed, None, training, 2, first_epoch=epoch))
    assert feed.at(3, None, training).provenance.notes["asked"] == 0
    assert feed.at(3, None, training).memory["seen"].sum() >= 32


def test_in_one_long_call_a_record_is_of_the_last_pass_alone():
    feed, training = SubsetFeed(Random().fit(POOL), 32), trainer()
    training.epoch(feed_batches(feed, None, training, 6))
    assert len(training.recorded().indices) == 32


def test_a_network_without_features_shows_what_its_last_linear_layer_reads():
    training, rows = trainer(), np.arange(5)
    error, inner = training.last_layer_factors(rows)
    x = training.inputs(POOL, rows).flatten(1)
    with torch.no_grad():
        read = training.model.inner(x).relu()
    assert np.allclose(inner[:, :-1], read.numpy(), atol=1e-5)
    assert error.shape == (5, 4)
    assert not training.model._forward_hooks
    assert not training.model.last._forward_hooks


def test_so_an_own_network_can_be_asked_by_grad_match():
    feed = SubsetFeed(Automata(kappa=0.0).fit(POOL), 32)
    feed.at(0, None)
    assert feed.at(1, None, trainer()).weights is not None


def test_a_network_that_ends_otherwise_is_refused():
    with pytest.raises(BadInput, match=r"not the output of an nn\.Linear"):
        trainer(Plain(nn.Tanh())).last_layer_factors(np.arange(3))
