"""Truths of the base of every provider."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl import catalog
from subsel_automl.core import provider as module
from subsel_automl.core.budget import Budget
from subsel_automl.core.errors import BadInput, MissingNeed, RefusedArtefact, UnknownName
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Mode, Needs, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool, linear_probe, some_cells, synthetic_zoo

POOL = clump_pool(30, classes=3)
CELLS = some_cells(3)


class Wrong(SubsetProvider):
    """Hands out what it was made with."""

    name = "wrong"
    source = "test"

    def __init__(self, rows) -> None:
        super().__init__()
        self.rows = rows

    def _select(self, request):
        return Subset(np.array(self.rows))


class Adaptive(Random):
    name = "adaptive"
    refresh_every = 1

    def _refresh(self, request, probe):
        losses = probe.losses(np.arange(len(request.pool)))
        return Subset(np.argsort(-losses)[: request.count])


def test_the_same_question_gets_the_same_object():
    provider = Random().fit(POOL)
    assert provider.subset_for(CELLS[0], 5) is provider.subset_for(CELLS[0], Budget(5))
    assert provider.subset_for(CELLS[0], 5) is not provider.subset_for(CELLS[1], 5)


def test_many_at_once_are_the_same_as_one_by_one():
    together = Random().fit(POOL).subsets_for(CELLS, 5, seed=2)
    alone = Random().fit(POOL)
    assert [s.indices.tolist() for s in together] == [
        alone.subset_for(cell, 5, seed=2).indices.tolist() for cell in CELLS
    ]


def test_an_architecture_named_twice_is_selected_once_and_asked_twice():
    provider = Random().fit(POOL)
    provider.ledger = AmortizationLedger()
    one, two, three = provider.subsets_for([CELLS[0], CELLS[1], CELLS[0]], 5)
    assert one is three
    assert one is not two
    assert provider.ledger.totals()["SELECT"]["count"] == 2
    assert provider.ledger.test_architectures == 3


def test_a_redraw_is_another_subset_but_no_new_query():
    provider = Random().fit(POOL)
    provider.ledger = AmortizationLedger()
    subsets = [provider.subset_for(CELLS[0], 5, draw=draw) for draw in range(3)]
    assert len({tuple(s.indices.tolist()) for s in subsets}) == 3
    assert provider.ledger.test_architectures == 1


def test_fitting_anew_forgets_the_old_answers():
    provider = Random().fit(POOL)
    before = provider.subset_for(None, 5)
    after = provider.fit(clump_pool(30, classes=3, seed=1)).subset_for(None, 5)
    assert after.provenance.pool_fingerprint != before.provenance.pool_fingerprint


def test_answers_that_are_kept_are_limited(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 4)
    provider = Random().fit(POOL)
    for seed in range(9):
        provider.subset_for(None, 5, seed=seed)
    assert len(provider._cache) == 4


@pytest.mark.parametrize(
    ("rows", "message"),
    [([0, 1], "chose 2 examples, not 3"), ([0, 1, 30], "outside the pool")],
)
def test_a_provider_that_breaks_the_budget_or_leaves_the_pool_is_stopped(rows, message):
    with pytest.raises(AssertionError, match=message):
        Wrong(rows).fit(POOL).subset_for(None, 3)


def test_asking_before_fitting_is_refused_by_name():
    with pytest.raises(BadInput, match=r"'random' has no pool yet; call fit"):
        Random().subset_for(None, 3)


@pytest.mark.parametrize("seed", [-1, 1.5, True, None, "1"])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(BadInput, match="give a whole number from 0"):
        Random().fit(POOL).subset_for(None, 3, seed=seed)


def test_an_unknown_kind_of_target_offers_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'labels'"):
        Mode(targets="label")


class Demanding(Random):
    name = "demanding"


@pytest.mark.parametrize(
    ("need", "pool", "what"),
    [
        (Needs.LABELS, Pool("poor", POOL.features), "labels"),
        (Needs.IMAGES, Pool("poor", POOL.features, POOL.labels), "images"),
        (Needs.VALIDATION, Pool("poor", POOL.features, POOL.labels), r"Pool\.split"),
        (Needs.ZOO, Pool("poor", POOL.features, POOL.labels), "subsel zoo build"),
    ],
    ids=lambda value: str(value.name) if isinstance(value, Needs) else "",
)
def test_a_missing_need_is_refused_in_both_names_with_the_remedy(monkeypatch, need, pool, what):
    monkeypatch.setattr(Demanding, "needs", need)
    with pytest.raises(MissingNeed, match=f"'demanding'.*'poor'.*{what}"):
        Demanding().fit(pool)


def test_a_zoo_of_another_pool_is_refused_naming_both_fingerprints():
    zoo = synthetic_zoo(clump_pool(30, classes=3, seed=1), CELLS)
    with pytest.raises(RefusedArtefact) as caught:
        catalog.provider("subselnet").fit(POOL, zoo)
    assert zoo.pool_fingerprint[:16] in str(caught.value)
    assert POOL.fingerprint[:16] in str(caught.value)


def test_a_refresh_without_a_probe_is_refused():
    provider = Adaptive().fit(POOL)
    with pytest.raises(MissingNeed, match="'adaptive' needs a probe"):
        provider.refresh(provider.subset_for(None, 4), None, 1, None)


def test_a_refresh_is_charged_and_keeps_the_size():
    provider, probe = Adaptive().fit(POOL), linear_probe(POOL)
    provider.ledger = AmortizationLedger()
    fresh = provider.refresh(provider.subset_for(CELLS[0], 4), CELLS[0], 1, probe)
    assert provider.ledger.totals()["REFRESH"]["count"] == 1
    losses = probe.losses(np.arange(30))
    assert set(fresh.indices) == set(np.argsort(-losses)[:4])


def test_an_unknown_provider_offers_the_nearest_name():
    with pytest.raises(UnknownName, match="Did you mean 'random'"):
        catalog.provider("randon")


def test_an_option_that_a_provider_lacks_is_refused():
    with pytest.raises(BadInput, match="'random' refused options"):
        catalog.provider("random", temperature=1)


@pytest.mark.parametrize("name", sorted(catalog.PROVIDERS))
def test_every_name_leads_to_the_class_of_that_name(name):
    assert catalog.provider_class(name).name == name


def test_the_cache_keeps_what_is_in_use(monkeypatch):
    monkeypatch.setattr("subsel_automl.core.provider.KEPT", 3)
    provider = Random().fit(POOL)
    used = provider.subset_for(None, 5)
    for draw in range(1, 10):
        provider.subset_for(None, 5, draw=draw)
        assert provider.subset_for(None, 5) is used


def test_another_length_of_a_trial_is_another_question():
    provider = Random().fit(POOL)
    assert provider.subset_for(None, 5, epochs=3) is not provider.subset_for(None, 5, epochs=4)


def test_a_dataset_is_fitted_as_the_pool_that_it_makes():
    rows = list(zip(POOL.features, POOL.labels.tolist(), strict=True))
    made = Random().fit(rows)
    assert made.pool.fingerprint == Pool.from_dataset(rows).fingerprint
    assert len(made.subset_for(None, 5)) == 5
