"""Truths of SubsetLoader: what stands in the place of a user's DataLoader."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import BadInput, MissingNeed
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.provider import Needs, Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.selectors.asp import AspLoss
from subsel_automl.selectors.full import Full
from subsel_automl.selectors.glister import Glister
from subsel_automl.selectors.grad_match import GradMatch
from subsel_automl.selectors.random import Random
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
LABELS = torch.from_numpy(POOL.labels)
NUMBERED = TensorDataset(torch.arange(150.0)[:, None], LABELS)  # x is the row's own number
CELL = Architecture("test", ("in", "out"), ((0, 1),))


class Sure(SubsetProvider):
    """Predicts 0.7 for the label and 0.1 for each other class."""

    name = "sure"
    source = "this test"

    def _select(self, request: Request) -> Subset:
        rows = request.rng().permutation(150)[: request.count]
        targets = np.full((len(rows), 4), 0.1, np.float32)
        targets[np.arange(len(rows)), POOL.labels[rows]] = 0.7
        return Subset(rows, targets=targets)


class ByCell(Random):
    name = "by-cell"
    needs = Needs.ARCHITECTURE


def feed(provider: SubsetProvider | None = None, budget=40, **options) -> SubsetFeed:
    return SubsetFeed((provider or Random()).fit(POOL), budget, **options)


def rows(loader: SubsetLoader) -> list[int]:
    return [int(value) for batch in loader for value in batch[0][:, 0]]


def small_net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 4))


def test_an_epoch_is_the_feeds_subset_once_each():
    loader = SubsetLoader(feed(), None, NUMBERED, batch_size=16)
    assert sorted(rows(loader)) == sorted(feed().at(0, None).indices)


def test_epochs_shuffle_the_subset_anew():
    loader = SubsetLoader(feed(redraw_every=0), None, NUMBERED, batch_size=16)
    first, second = rows(loader), rows(loader)
    assert first != second
    assert sorted(first) == sorted(second)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_follows_from_the_seed(seed):
    one, two = (rows(SubsetLoader(feed(), None, NUMBERED, seed=s)) for s in (0, seed))
    assert (one == two) == (seed == 0)


def test_redrawn_subsets_differ_by_epoch():
    loader = SubsetLoader(feed(redraw_every=1), None, NUMBERED)
    assert set(rows(loader)) != set(rows(loader))


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("budget", [1, 15, 16, 17, 32, 33, 40])
def test_len_is_the_number_of_batches(budget, drop_last):
    loader = SubsetLoader(feed(budget=budget), None, NUMBERED, batch_size=16, drop_last=drop_last)
    assert len(loader) == len(list(loader))


def test_a_last_batch_of_one_joins_the_one_before():
    loader = SubsetLoader(feed(budget=33), None, NUMBERED, batch_size=16)
    assert [len(x) for x, _ in loader] == [16, 17]


def test_drop_last_leaves_the_smaller_batch_out():
    loader = SubsetLoader(feed(budget=40), None, NUMBERED, batch_size=16, drop_last=True)
    assert [len(x) for x, _ in loader] == [16, 16]


def test_labels_are_the_datasets_own():
    loader = SubsetLoader(feed(), None, NUMBERED)
    for x, y in loader:
        assert y.dtype == torch.int64
        assert torch.equal(y, LABELS[x[:, 0].long()])


@pytest.mark.parametrize(("share", "own"), [(0.0, 0.7), (0.5, 0.85), (1.0, 1.0)])
def test_soft_targets_mix_the_prediction_with_the_label(share, own):
    soft = SoftTargets(temperature=2.0, label_share=share)
    loader = SubsetLoader(feed(Sure(), targets="soft", soft=soft), None, NUMBERED)
    x, y = next(iter(loader))
    labels = LABELS[x[:, 0].long()]
    assert torch.allclose(y.sum(1), torch.ones(len(y)))
    assert torch.allclose(y[torch.arange(len(y)), labels], torch.tensor(own))
    assert torch.isfinite(F.cross_entropy(torch.zeros(len(y), 4), y))


def test_without_a_dataset_the_pools_images_are_normalised():
    x, y = next(iter(SubsetLoader(feed(Full(), 1.0), batch_size=150)))
    assert x.shape == (150, 1, 4, 4)
    assert abs(float(x.mean())) < 1e-4
    assert y.dtype == torch.int64


def test_worker_processes_change_nothing():
    alone = SubsetLoader(feed(), None, NUMBERED, batch_size=16)
    helped = SubsetLoader(feed(), None, NUMBERED, batch_size=16, num_workers=1)
    assert rows(alone) == rows(helped)


def test_torchs_global_generator_is_left_alone():
    before = torch.random.get_rng_state()
    list(SubsetLoader(feed(), None, NUMBERED))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_dataset_of_another_length_is_refused():
    short = TensorDataset(torch.zeros(149, 1), LABELS[:149])
    with pytest.raises(BadInput, match="149 examples, pool 'clumps' 150"):
        SubsetLoader(feed(), None, short)


def test_a_dataset_in_another_order_is_refused():
    turned = TensorDataset(torch.zeros(150, 1), LABELS.flip(0))
    with pytest.raises(BadInput, match="pool's own order"):
        list(SubsetLoader(feed(), None, turned))


def test_soft_targets_for_items_whose_label_is_not_known_are_refused():
    triples = TensorDataset(LABELS, LABELS, LABELS)
    with pytest.raises(BadInput, match="label='key' or label=place"):
        list(SubsetLoader(feed(Sure(), targets="soft"), None, triples))


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_an_unusable_batch_size_is_refused(size):
    with pytest.raises(BadInput, match="batch_size"):
        SubsetLoader(feed(), None, NUMBERED, batch_size=size)


def test_an_adaptive_provider_without_a_network_is_refused_at_once():
    with pytest.raises(MissingNeed, match=r"'grad-match'.*model=model"):
        SubsetLoader(feed(GradMatch(2)))


def test_a_provider_that_reads_the_architecture_says_how_to_give_it():
    with pytest.raises(MissingNeed, match="architecture="):
        SubsetLoader(feed(ByCell()))


def test_a_given_architecture_is_asked_for():
    loader = SubsetLoader(feed(ByCell()), CELL, NUMBERED)
    rows(loader)
    assert loader.feed.subset.provenance.architecture_key == CELL.key


def test_the_architecture_is_traced_from_the_network():
    traced = pytest.importorskip("subsel_automl.spaces.traced")
    model = small_net()
    loader = SubsetLoader(feed(ByCell()), model=model)
    assert loader.architecture.key == traced.trace(model, torch.zeros(2, 1, 4, 4)).key


def test_weights_are_not_lost_in_silence():
    loader = SubsetLoader(feed(GradMatch(10)), model=small_net())
    with pytest.raises(BadInput, match="with_weights=True"):
        next(iter(loader))  # at once, though the first ten epochs have no weights
    assert loader.epoch == 0


def test_weights_are_handed_out_with_a_mean_of_one():
    loader = SubsetLoader(feed(GradMatch(1)), model=small_net(), with_weights=True, batch_size=40)
    ((_, _, even),) = loader
    ((_, _, uneven),) = loader
    assert torch.equal(even, torch.ones(40))
    assert float(uneven.mean()) == pytest.approx(1)
    assert float(uneven.std()) > 0


def test_an_adaptive_provider_sees_the_network_of_now():
    model = small_net()
    one, two = (SubsetLoader(feed(GradMatch(1)), model=model, with_weights=True) for _ in range(2))
    list(one), list(two)
    list(one)
    with torch.no_grad():
        model[3].weight.mul_(-5)
    list(two)
    assert not np.array_equal(one.feed.subset.indices, two.feed.subset.indices)


def test_an_adaptive_provider_asks_about_the_users_validation_set():
    held = PoolDataset(POOL.validation, scaled_by=POOL)
    options = {"model": small_net(), "with_weights": True}
    images = list(PoolDataset(POOL))
    loader = SubsetLoader(feed(Glister(1)), None, images, validation=held, **options)
    list(loader), list(loader)
    assert loader.feed.refresh_seconds > 0
    blind = SubsetLoader(feed(Glister(1)), None, images, **options)
    list(blind)
    with pytest.raises(MissingNeed, match="validation="):
        list(blind)


def test_a_validation_set_of_another_length_is_refused():
    with pytest.raises(BadInput, match="validation has 150 examples"):
        SubsetLoader(feed(), None, NUMBERED, validation=NUMBERED)


def test_a_validation_set_needs_the_pools():
    bare = SubsetFeed(Random().fit(replace(POOL, validation=None)), 40)
    with pytest.raises(BadInput, match="no validation pool"):
        SubsetLoader(bare, None, NUMBERED, validation=NUMBERED)


def test_a_loader_goes_on_where_it_was_saved():
    whole = SubsetLoader(feed(redraw_every=1), None, NUMBERED)
    rows(whole)
    state = whole.state_dict()
    again = SubsetLoader(feed(redraw_every=1), None, NUMBERED)
    again.load_state_dict(state)
    assert rows(again) == rows(whole)
    assert again.examples == whole.examples


def test_recorded_logits_reach_the_probe_by_example():
    loader = SubsetLoader(feed(), None, NUMBERED, model=small_net(), batch_size=16)
    for x, _ in loader:
        loader.record(F.one_hot(LABELS[x[:, 0].long()], 4) * 50.0)  # sure, and right
    seen = loader.probe.recorded()
    assert sorted(seen.indices) == sorted(loader.feed.subset.indices)
    assert seen.whole
    assert seen.correct.all()
    assert max(seen.losses.max(), seen.entropies.max(), seen.errors.max()) < 1e-3


def test_what_was_recorded_spares_the_provider_its_own_forward_pass():
    loader = SubsetLoader(feed(AspLoss(warm_epochs=0)), model=small_net())
    asked = []
    for _ in range(2):
        for x, _y in loader:
            loader.record(loader.model(x))
        asked.append(loader.feed.subset.provenance.notes.get("asked"))
    assert asked[1] == 0


def test_logits_without_a_batch_are_refused():
    with pytest.raises(BadInput, match="record"):
        SubsetLoader(feed(), None, NUMBERED, model=small_net()).record(torch.zeros(3, 4))


def test_len_follows_a_provider_that_hands_out_fewer_and_fewer():
    provider = AspLoss(warm_epochs=0, ratio="dynamic", trial_epochs=4)
    loader = SubsetLoader(feed(provider), model=small_net(), batch_size=8)
    sizes = set()
    for _ in range(4):
        known, seen = 0, 0
        for _batch in loader:
            known, seen = len(loader), seen + 1
            sizes.add(loader.size)
        assert known == seen
    assert len(sizes) > 1
