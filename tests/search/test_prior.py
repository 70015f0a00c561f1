"""A prior of `bo`: what was foretold, where it is the truth, or the truth turned round."""

from __future__ import annotations

import functools
import time

import numpy as np
import pytest
from bit_space import Bits, Weighted, bits_encoder

from subsel_automl.catalog import search_class
from subsel_automl.core.errors import BadInput, RefusedArtefact, UnknownName
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.search.bayes import Bayes
from subsel_automl.search.bayes_local import BayesLocal
from subsel_automl.search.candidates import Candidates
from subsel_automl.search.prior import Metered, Prior
from subsel_automl.search.reach import Reach

INITIAL, POOL, SEED = 8, 150, 4


class Lottery(Weighted):
    """A value that no vector tells."""

    def value(self, one):
        return int(one.key[:8], 16) / 16**8


OBJECTIVE = Lottery()


def foretold(architectures):
    return np.array([OBJECTIVE.value(one) for one in architectures])


class Knowing(Bayes):
    def foretelling(self, space):
        return foretold


class KnowingLocal(BayesLocal):
    def foretelling(self, space):
        return foretold


class Mistaken(Bayes):
    def foretelling(self, space):
        return lambda architectures: -foretold(architectures)


def asked(kind, queries=INITIAL, **options):
    return [one.architecture.key for one in asked_by(kind, queries, **options).asked]


def asked_by(kind, queries=INITIAL, **options):
    usual = {"encoder": bits_encoder(), "pooling": "flat", "initial": INITIAL, "candidates": POOL}
    made = kind(queries=queries, **{**usual, "predictor": "gp", "fit_epochs": 0, **options})
    return made.query(OBJECTIVE, seed=SEED)


def drawn(count):
    reach = Reach(Bits(), np.random.default_rng([SEED, 0x3EA7]))
    return [reach.sample().key for _ in range(count)]


@functools.cache
def pool():
    """The candidates that the seed draws."""
    reach, rng = Reach(Bits(), np.random.default_rng(0)), np.random.default_rng([SEED, 0x3A1C])
    return Candidates(reach, bits_encoder(), "flat", POOL, rng).pool


def best(count):
    order = np.argsort(-foretold(pool()), kind="stable")
    return [pool()[place].key for place in order[:count]]


@pytest.mark.parametrize("kind", [Knowing, KnowingLocal])
def test_half_of_the_initial_ones_are_the_best_of_the_pool_by_the_prior(kind):
    found = asked(kind)
    assert found[: INITIAL // 2] == best(INITIAL // 2)
    assert found[INITIAL // 2 :] == drawn(INITIAL // 2)


@pytest.mark.parametrize("name", ["bo", "bo-local"])
def test_without_a_prior_all_of_them_are_drawn(name):
    assert asked(search_class(name)) == drawn(INITIAL)


def test_a_column_that_tells_the_truth_is_learned_from():
    """The next that are asked about are the next best; without it they are not."""

    def share(kind, **options):
        found = asked(kind, 2 * INITIAL, chosen=INITIAL, near=0, **options)
        return len(set(found[INITIAL:]) & set(best(20))) / INITIAL

    assert share(Knowing, predictor="subselnet", prior="any") > 0.6
    assert share(Knowing) > 0.6 > 2 * share(Bayes)


def test_a_prior_that_is_wrong_is_asked_first_and_then_left():
    worst = {pool()[place].key for place in np.argsort(foretold(pool()))[:4]}
    found = asked(Mistaken, 24, chosen=8)
    assert set(found[:4]) == worst
    later = [OBJECTIVE.value(one) for one in pool() if one.key in found[INITIAL:]]
    assert np.mean(later) > np.quantile(foretold(pool()), 0.8)


def test_the_column_weighs_as_much_as_the_others_together():
    vectors = np.random.default_rng(0).normal(size=(POOL, 5)).astype(np.float32)
    prior = Prior(lambda some: 1e-3 * foretold(some), pool(), vectors)
    column = prior.column(pool())
    assert column.shape == (POOL, 1)
    assert column.mean() == pytest.approx(0, abs=1e-4)
    assert np.square(column).mean() == pytest.approx(vectors.var(0).sum(), rel=1e-3)
    assert np.corrcoef(column[:, 0], foretold(pool()))[0, 1] > 0.999


def test_equal_values_and_equal_vectors_are_no_column():
    prior = Prior(lambda some: np.full(len(some), 0.9), pool(), np.ones((POOL, 2), np.float32))
    assert np.abs(prior.column(pool()[:3])).max() < 1e-6


def test_a_predictor_of_what_was_foretold_needs_a_prior():
    with pytest.raises(BadInput, match=r"'subselnet' of search 'bo' reads .* give prior=BUNDLE"):
        Bayes(predictor="subselnet")


WRONG = {
    "nowhere": (UnknownName, "no bundle is called 'nowhere'"),
    "fashion-mnist/nasbench201": (
        RefusedArtefact,
        "bundle 'fashion-mnist/nasbench201' foretells of space 'nasbench201', not of 'bits'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", [Bayes, BayesLocal])
def test_a_wrong_bundle_is_refused_before_anything_is_asked_or_written(tmp_path, name, kind):
    objective, (error, said) = Lottery(), WRONG[name]
    search = kind(queries=4, encoder=bits_encoder(), pooling="flat", prior=name)
    with pytest.raises(error, match=said):
        search.query(objective, folder=tmp_path / "search")
    assert objective.asked == []
    assert not (tmp_path / "search").exists()


class Slow:
    """Foretells in a tenth of a second, and cost nine before."""

    def __call__(self, architectures):
        time.sleep(0.1)
        return foretold(architectures)

    def charge_preparation(self, ledger):
        ledger.record("FIT_APPROXIMATOR", 9.0, cpu_seconds=9.0, event="bundle/slow")


class Patient(Bayes):
    def foretelling(self, space):
        return Slow()


def of_slow(ledger=None):
    usual = {"encoder": bits_encoder(), "pooling": "flat", "initial": INITIAL, "candidates": 50}
    made = Patient(queries=INITIAL, predictor="gp", fit_epochs=0, **usual)
    return made.query(OBJECTIVE, seed=SEED, ledger=ledger)


def test_what_was_foretold_is_charged_as_selection_and_its_bundle_as_preparation():
    found = of_slow()
    assert 0.1 <= found.summary.spent["selection"].wall < 1
    assert found.foretold["select_seconds"] == found.summary.spent["selection"].wall
    assert found.summary.spent["preparation"].cpu == 9


def test_no_architecture_is_foretold_of_twice():
    told = []
    prior = Metered(lambda some: told.extend(one.key for one in some) or foretold(some))
    np.testing.assert_array_equal(prior(pool()[:5]), foretold(pool()[:5]))
    np.testing.assert_array_equal(prior(pool()[6:2:-1]), foretold(pool()[6:2:-1]))
    assert sorted(told) == sorted(one.key for one in pool()[:7])


def test_without_a_prior_nothing_is_charged_as_selection():
    found = asked_by(Bayes)
    assert found.summary.spent["selection"].wall == 0
    assert found.foretold == {}


def test_the_same_search_is_charged_once_in_a_ledger(tmp_path):
    path = tmp_path / "ledger.sqlite"
    once, twice = (of_slow(path).summary.spent for _ in range(2))
    assert once["selection"] == twice["selection"]
    assert AmortizationLedger(path).totals()["FIT_APPROXIMATOR"]["wall"] == 9
