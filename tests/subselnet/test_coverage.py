"""Truths of the coverage terms on top of the predicted loss."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput
from subsel_automl.subselnet.coverage import ClusteredSubSelNet, CoveringSubSelNet
from subsel_automl.subselnet.transductive import SubSelNet


def test_clusters_share_the_budget_evenly(model, pool, folds):
    provider = ClusteredSubSelNet.from_model(model, pool, clusters=3)
    rows = provider.subset_for(folds["test"][0], 24, seed=1).indices
    strata = provider._stratum(pool)
    counts = np.bincount(strata[rows], minlength=12)
    sizes = np.bincount(strata, minlength=12)
    assert all(count in (1, 2, 3, size) for count, size in zip(counts, sizes, strict=True))
    assert counts.sum() == 24


def test_the_number_of_clusters_matters(model, pool, folds):
    one, many = (
        ClusteredSubSelNet.from_model(model, pool, clusters=k).subset_for(folds["test"][0], 24)
        for k in (1, 6)
    )
    assert set(one.indices.tolist()) != set(many.indices.tolist())


def test_covering_with_one_candidate_each_is_the_draw_itself(model, pool, folds):
    plain = SubSelNet.from_model(model, pool, temperature=0.3, per_class=True)
    covering = CoveringSubSelNet.from_model(model, pool, first=1.0, temperature=0.3)
    ours, theirs = (p.subset_for(folds["test"][0], 20, seed=2) for p in (covering, plain))
    assert ours.indices.tolist() == theirs.indices.tolist()


def test_covering_spreads_the_predictions_of_what_is_kept(model, pool, folds):
    def uncovered(first: float) -> float:
        provider = CoveringSubSelNet.from_model(model, pool, first=first, temperature=3.0)
        rows = provider.subset_for(folds["test"][0], 12, seed=2).indices
        p = np.exp(model.log_probabilities(pool, folds["test"][:1])[0])
        return float(((p[:, None] - p[rows]) ** 2).sum(2).min(1).sum())

    assert uncovered(8.0) < uncovered(1.0)


@pytest.mark.parametrize(
    ("kind", "options"), [(ClusteredSubSelNet, {"clusters": 0}), (CoveringSubSelNet, {"first": 0})]
)
def test_unusable_options_are_refused(kind, options):
    with pytest.raises(BadInput, match="give a"):
        kind(**options)
