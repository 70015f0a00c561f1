"""Truths of g_beta and of its fit (Eqs. 5 to 7)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.subselnet.approximator import Approximator, Attention, Shape, in_chunks
from subsel_automl.subselnet.fitting import (
    _left_out,
    fit_approximator,
    kl_to,
    read_predictions,
    zoo_mean,
)
from subsel_automl.subselnet.pipeline import fold, train_pipeline
from subsel_automl.training.seeded import seeded
from subsel_automl.worlds import MemoryZoo, clump_pool, synthetic_zoo


def by_hand(attention: Attention, h: torch.Tensor, u: int) -> torch.Tensor:
    """Eq. 5 and D.3 for node u of one graph, node by node."""
    score = torch.stack([attention.query(h[u]) @ attention.key(v) / math.sqrt(8) for v in h])
    weights = score.exp() / score.exp().sum()
    mixed = sum(w * attention.value(v) for w, v in zip(weights, h, strict=True))
    zeta_1 = attention.norm_1(attention.w_c(mixed) + h[u])
    zeta_2 = attention.w_2(torch.relu(attention.w_1(zeta_1)))
    return attention.norm_2(zeta_1 + zeta_2)


@pytest.mark.parametrize("pool", ["last", "mean"])
@pytest.mark.parametrize("nodes", [2, 3, 5])
def test_attention_of_a_known_graph_agrees_with_the_equation_node_by_node(nodes, pool):
    with seeded(0):
        attention = Attention(16, pool)
        h = torch.randn(1, 5, 16)
    mask = torch.arange(5)[None] < nodes
    graph = h[0, :nodes]
    each = torch.stack([by_hand(attention, graph, u) for u in range(nodes)])
    expected = each[-1] if pool == "last" else each.mean(0)
    assert torch.allclose(attention(h, mask)[0], expected, atol=1e-6)


@pytest.mark.parametrize("pool", ["last", "mean"])
def test_attention_reads_the_last_node_and_never_the_padding(pool):
    with seeded(0):
        attention = Attention(16, pool)
        h = torch.randn(1, 5, 16)
    mask = torch.arange(5)[None] < 3
    other = h.clone()
    other[0, 3:] = 99.0
    assert torch.equal(attention(h, mask), attention(other, mask))
    other[0, 2] = 0.0
    assert not torch.allclose(attention(h, mask), attention(other, mask))


@pytest.mark.parametrize("anchor", [True, False])
def test_the_factorised_prediction_is_the_direct_one(encoder, folds, anchor):
    with seeded(1):
        model = Approximator(Shape(16, 6, 4, anchor)).eval()
        torch.nn.init.normal_(model.out.weight)
        x, mean = torch.randn(50, 6), torch.log_softmax(torch.randn(50, 4), 1)
    h, mask = encoder.embed(folds["test"])
    given = mean if anchor else None
    with torch.no_grad():
        stacked = None if given is None else given[None].expand(len(h), -1, -1)
        direct = torch.log_softmax(model(h, mask, x, stacked), 2)
        kept, parts = model.example_part(x, given), model.architecture_part(h, mask)
    columns = None if given is None else given.T
    factorised = model.log_probabilities(in_chunks(kept.T), columns, parts)
    assert torch.allclose(direct, factorised, atol=1e-5)


def test_before_learning_the_anchored_answer_is_the_zoos_mean(encoder, folds):
    model = Approximator(Shape(16, 6, 4)).eval()
    x, mean = torch.randn(50, 6), torch.log_softmax(torch.randn(50, 4), 1)
    parts = model.architecture_part(*encoder.embed(folds["test"][:1]))
    examples = in_chunks(model.example_part(x, mean).T)
    predicted = model.log_probabilities(examples, mean.T, parts)
    assert torch.allclose(predicted[0], mean, atol=1e-5)


def test_an_unknown_pooling_of_nodes_is_refused():
    with pytest.raises(UnknownName, match="pooling of nodes"):
        Shape(16, 6, 4, pool="first")


def test_the_left_out_mean_is_the_mean_of_the_others(zoo, folds):
    truth = read_predictions(zoo, folds["training"]).float()
    mean = zoo_mean(truth)
    others = [torch.cat([truth[:m], truth[m + 1 :]]).exp().mean(0).log() for m in range(len(truth))]
    assert torch.allclose(_left_out(mean, truth), torch.stack(others), atol=1e-4)


def test_g_beta_learns_what_the_architecture_changes(model):
    """Held-out networks are predicted better than by the mean that ignores the architecture."""
    report = model.report
    assert report.training[-1] < report.training[0]
    assert min(report.validation) < 0.7 * report.zoo_mean_validation


def test_the_best_epoch_is_kept(model, pool, zoo, folds):
    report = model.report
    predicted = model.log_probabilities(pool, folds["validation"])
    truth = read_predictions(zoo, folds["validation"])
    each = [kl_to(t, torch.from_numpy(p)) for t, p in zip(truth, predicted, strict=True)]
    assert np.mean(each) == pytest.approx(min(report.validation), abs=1e-5)
    assert report.validation[report.best_epoch] == min(report.validation)


def test_predictions_are_log_probabilities_one_for_each_architecture(model, pool, folds):
    one, two, _ = model.log_probabilities(pool, folds["test"])
    assert np.allclose(np.exp(one).sum(1), 1, atol=1e-5)
    assert not np.allclose(one, two, atol=1e-3)


def test_test_architectures_of_a_zoo_are_never_learned_from(pool, folds, encoder):
    cells = [*folds["training"], *folds["validation"], *folds["test"]]
    clean = synthetic_zoo(pool, cells)
    spoilt = {
        a: np.full((120, 4), np.nan) if a in folds["test"] else clean.predictions(a.key)
        for a in cells
    }
    one, two = (
        train_pipeline(pool, z, encoder=encoder, epochs=2, policy=False)[0]
        for z in (clean, MemoryZoo(pool, spoilt))
    )
    assert set(one.training_keys) == {a.key for a in folds["training"]}
    first, second = (m.log_probabilities(pool, folds["test"])[0] for m in (one, two))
    assert np.array_equal(first, second)


def test_folds_are_disjoint_and_cover_the_zoo(zoo):
    roles = [{a.key for a in fold(zoo, r)} for r in ("training", "validation", "test")]
    assert sum(map(len, roles)) == len(set.union(*roles)) == len(zoo.architectures)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_networks_are_refused(pool, folds, encoder, count):
    zoo = synthetic_zoo(pool, folds["training"][:count] + folds["test"])
    with pytest.raises(BadInput, match="at least 2 networks"):
        train_pipeline(pool, zoo, encoder=encoder)


def test_a_pool_smaller_than_a_batch_is_still_learned_from(encoder, folds):
    small = clump_pool(20)
    zoo = synthetic_zoo(small, folds["training"])
    _, report = fit_approximator(encoder, small, zoo, folds["training"], [], epochs=30)
    assert report.training[-1] < report.training[0]


def test_the_fit_is_the_same_for_the_same_seed_and_leaves_torch_alone(pool, zoo, encoder):
    before = torch.get_rng_state()
    fits = [
        train_pipeline(pool, zoo, encoder=encoder, epochs=1, policy=False, seed=seed)[0]
        for seed in (0, 0, 1)
    ]
    one, two, other = (fit.approximator.w_x.weight for fit in fits)
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("reader", ["lstm", "feed-forward"])
def test_rival_readers_see_the_order_and_ignore_the_padding(reader, encoder, folds):
    h, mask = encoder.embed(folds["training"][:4])
    with seeded(0):
        model = Approximator(Shape(h.shape[2], 5, 3, reader=reader, nodes=h.shape[1])).eval()
    zeta = model.reader(h, mask)
    assert zeta.shape == (4, h.shape[2])
    noisy = h + 9 * (~mask)[..., None]
    assert torch.allclose(model.reader(noisy, mask), zeta, atol=1e-6)
    turned = torch.where(mask[..., None], h.flip(1).roll(int(mask[0].sum()) - h.shape[1], 1), h)
    assert not torch.allclose(model.reader(turned, mask)[0], zeta[0], atol=1e-3)


def test_the_head_is_the_same_for_all_readers():
    heads = [
        {
            name: value.shape
            for name, value in Approximator(Shape(16, 5, 3, reader=reader)).state_dict().items()
            if not name.startswith("reader.")
        }
        for reader in ("attention", "lstm", "feed-forward")
    ]
    assert heads[0] == heads[1] == heads[2]


def test_pooling_is_refused_where_it_would_be_ignored():
    with pytest.raises(BadInput, match="'lstm' has none"):
        Shape(16, 5, 3, pool="last", reader="lstm")
