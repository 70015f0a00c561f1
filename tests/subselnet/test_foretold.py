"""What g_beta foretells of networks that nobody trained; and as the prior of a search."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import ArchitectureError, BadInput, RefusedArtefact
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.maths import answers
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.foretold import (
    Foretelling,
    foresight,
    foretelling,
    foretold_accuracies,
)
from subsel_automl.subselnet.rules import ZooMean
from subsel_automl.subselnet.temperatures import Choices
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.worlds import some_cells, strength


@pytest.fixture(scope="module")
def provider(model, pool):
    return SubSelNet.from_model(model, pool)


@pytest.fixture(scope="module")
def unseen(folds):
    known = {cell.key for cells in folds.values() for cell in cells}
    return [cell for cell in some_cells(60, seed=5) if cell.key not in known]


def test_the_answers_that_subsets_are_chosen_by_are_what_is_scored(provider, unseen):
    log_p = provider.fitted.log_probabilities(provider.pool, unseen)
    found = foresight(provider, unseen)
    np.testing.assert_allclose(
        found.accuracy, [1 - answers.wrong(one, provider.pool) for one in log_p]
    )
    np.testing.assert_allclose(
        found.loss, [answers.losses(one, provider.pool).mean() for one in log_p], rtol=1e-4
    )


def test_stronger_networks_are_foretold_a_smaller_loss(provider, unseen):
    """The zoo's networks are surer the stronger their cell is, and these cells were never seen."""
    found = foresight(provider, unseen)
    assert np.corrcoef(found.loss, [strength(cell) for cell in unseen])[0, 1] < -0.6


def test_rows_are_the_examples_that_count(provider, unseen):
    log_p = provider.fitted.log_probabilities(provider.pool, unseen[:4])
    right = np.array([one.argmax(1) == provider.pool.labels for one in log_p])
    rows = np.flatnonzero(right[0])[:7]
    assert foretold_accuracies(provider, unseen[:1], rows) == [1.0]
    rows = np.arange(0, len(provider.pool), 3)
    np.testing.assert_allclose(
        foretold_accuracies(provider, unseen[:4], rows), right[:, rows].mean(1)
    )


def test_many_are_answered_as_each_alone(provider, unseen):
    together = foresight(provider, unseen)
    assert len(together.loss) == len(unseen) > 33
    np.testing.assert_allclose(
        foresight(provider, unseen[33:34]).loss, together.loss[33], rtol=1e-5
    )


def test_none_are_answered_with_nothing(provider):
    assert len(foretold_accuracies(provider, [])) == 0


@pytest.mark.parametrize("rows", [[], [-1], [10_000], [0.5], [[0, 1]]])
def test_rows_outside_of_the_pool_are_refused(provider, unseen, rows):
    with pytest.raises(BadInput, match=r"no places in pool 'clumps'; give whole numbers in 0..119"):
        foretold_accuracies(provider, unseen[:1], rows)


def test_who_answers_alike_for_all_is_refused(provider, unseen):
    with pytest.raises(BadInput, match="'zoo-mean' answers alike"):
        foretold_accuracies(provider.like(ZooMean), unseen[:1])


def test_who_is_not_fitted_is_refused(unseen):
    with pytest.raises(BadInput, match="'subselnet' is not fitted"):
        foretold_accuracies(SubSelNet(), unseen[:1])


def test_another_space_is_refused(provider):
    stranger = Architecture("darts", ("input", "output"), ((0, 1),))
    with pytest.raises(ArchitectureError):
        foretold_accuracies(provider, [stranger])


def test_a_bundle_foretells_by_name_as_the_provider_does(provider, pool, unseen, tmp_path):
    save_bundle(tmp_path, provider.fitted, Choices(), None, {})
    found = foretelling(tmp_path, pool)(unseen)
    np.testing.assert_allclose(found, foretold_accuracies(provider, unseen), atol=0.02)  # fp16


def test_a_bundle_of_another_space_is_refused_and_those_that_fit_are_named(tmp_path, provider):
    save_bundle(tmp_path, provider.fitted, Choices(), None, {})
    with pytest.raises(RefusedArtefact, match=r"not of 'darts'; .* \(fashion-mnist/darts\)"):
        foretelling(tmp_path, space="darts")


def test_what_a_bundle_cost_is_charged_once_however_many_foretell_by_it(provider, pool, tmp_path):
    made = {"zoo_seconds": 8.0, "fit_seconds": 2.0}
    save_bundle(tmp_path, provider.fitted, Choices(), None, made)
    ledger = AmortizationLedger(None)
    foretelling(tmp_path, pool).charge_preparation(ledger)
    foretelling(tmp_path, pool, space="nasbench101").charge_preparation(ledger)
    spent = {stage: row["wall"] for stage, row in ledger.totals().items() if row["wall"]}
    assert spent == {"TRAIN_ZOO": pytest.approx(8), "FIT_APPROXIMATOR": 2}


def test_a_prior_looks_at_evenly_spaced_examples(provider, pool, unseen):
    rows = np.linspace(0, len(pool) - 1, 10).astype(int)
    np.testing.assert_array_equal(
        Foretelling(provider, 10)(unseen), foretold_accuracies(provider, unseen, rows)
    )
