"""Truths of the SubSelNet providers, on one fitted model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput, RefusedArtefact, UnknownName
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.provider import FIXED, Mode
from subsel_automl.subselnet.base import PredictingProvider
from subsel_automl.subselnet.hybrid import HybridSubSelNet
from subsel_automl.subselnet.inductive import InductiveSubSelNet
from subsel_automl.subselnet.policy import mean_embeddings, train_policy
from subsel_automl.subselnet.rules import (
    PredictedLoss,
    PredictedLossGumbel,
    PredictedUncertainty,
    ZooMean,
)
from subsel_automl.subselnet.temperatures import Choice, Choices
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.worlds import clump_pool


@pytest.fixture(scope="session")
def policy(model, pool, folds):
    return train_policy(model, pool, folds["training"], steps=300, budget=0.2)


def losses_for(model, pool, cell) -> np.ndarray:
    return -model.log_probabilities(pool, [cell])[0][np.arange(len(pool)), pool.labels]


def test_bottom_b_loss_takes_the_least_predicted_losses(model, pool, folds):
    subset = PredictedLoss.from_model(model, pool).subset_for(folds["test"][0], 15)
    losses = losses_for(model, pool, folds["test"][0])
    assert np.array_equal(subset.indices, np.argsort(losses, kind="stable")[:15])


def test_uncertainty_takes_the_largest_entropies(model, pool, folds):
    subset = PredictedUncertainty.from_model(model, pool).subset_for(folds["test"][0], 15)
    log_p = model.log_probabilities(pool, folds["test"][:1])[0]
    entropy = -(np.exp(log_p) * log_p).sum(1)
    assert set(subset.indices) == set(np.argsort(-entropy, kind="stable")[:15])


@pytest.mark.parametrize("kind", [PredictedLoss, PredictedLossGumbel, PredictedUncertainty])
def test_ranked_providers_balance_the_classes_when_asked(model, pool, folds, kind):
    subset = kind.from_model(model, pool, per_class=True).subset_for(folds["test"][0], 20)
    assert np.bincount(pool.labels[subset.indices]).tolist() == [5, 5, 5, 5]


@pytest.mark.parametrize("option", ["temperature", "solver"])
def test_ranked_providers_take_no_option_that_they_would_ignore(option):
    with pytest.raises(TypeError):
        PredictedLoss(**{option: 1})


def test_zoo_mean_ignores_the_architecture_and_subselnet_does_not(model, pool, folds):
    one, two = folds["test"][:2]
    blind, sighted = ZooMean.from_model(model, pool), SubSelNet.from_model(model, pool)
    assert np.array_equal(blind.subset_for(one, 30).targets, blind.subset_for(two, 30).targets)
    assert not np.array_equal(
        sighted.subset_for(one, 30).targets, sighted.subset_for(two, 30).targets
    )


def test_targets_are_the_predicted_distributions_of_the_chosen(model, pool, folds):
    subset = SubSelNet.from_model(model, pool).subset_for(folds["test"][0], 30)
    log_p = model.log_probabilities(pool, folds["test"][:1])[0]
    assert np.allclose(subset.targets, np.exp(log_p[subset.indices]))
    assert np.allclose(subset.targets.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", [SubSelNet, InductiveSubSelNet, HybridSubSelNet, ZooMean])
def test_the_sign_of_the_temperature_decides_for_easy_or_hard(model, pool, folds, policy, kind):
    cell = folds["test"][0]
    losses = losses_for(model, pool, cell)
    easy, hard = (
        kind.from_model(model, pool, policy=policy, temperature=heat, per_class=False)
        .subset_for(cell, 24)
        .indices
        for heat in (0.1, -0.1)
    )
    assert losses[easy].mean() < losses.mean() < losses[hard].mean()


@pytest.mark.parametrize("solver", ["gibbs", "exact", "reinforce"])
def test_every_solver_gives_its_own_subset(model, pool, folds, solver):
    cell = folds["test"][0]
    provider = SubSelNet.from_model(model, pool, solver=solver, temperature=0.5)
    assert len(provider.subset_for(cell, 12)) == 12
    other = SubSelNet.from_model(model, pool, temperature=0.5, per_class=False)
    assert not np.array_equal(
        provider.subset_for(cell, 12).indices, other.subset_for(cell, 12).indices
    )


def test_per_class_draws_even_numbers(model, pool, folds):
    provider = SubSelNet.from_model(model, pool, per_class=True)
    counts = np.bincount(pool.labels[provider.subset_for(folds["test"][0], 20).indices])
    assert counts.tolist() == [5, 5, 5, 5]


def test_the_policy_learned_to_prefer_low_loss(model, pool, folds, policy):
    cell = folds["test"][0]
    vector = mean_embeddings(model, [cell])[0]
    scores = policy.scores(vector, model.log_probabilities(pool, [cell])[0], pool)
    assert np.corrcoef(scores, losses_for(model, pool, cell))[0, 1] < -0.5


def test_the_policy_is_the_same_for_the_same_seed_and_leaves_torch_alone(model, pool, folds):
    before = torch.get_rng_state()
    one, two, other = (
        train_policy(model, pool, folds["training"], steps=3, seed=seed).last.weight
        for seed in (0, 0, 1)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("heat", [0.0, -1.0])
def test_the_policy_refuses_a_lambda_that_is_not_positive(model, pool, folds, heat):
    with pytest.raises(BadInput, match="above 0"):
        train_policy(model, pool, folds["training"], temperature=heat)


@pytest.mark.parametrize("kind", [InductiveSubSelNet, HybridSubSelNet])
def test_without_a_policy_the_inductive_providers_say_so(model, pool, folds, kind):
    with pytest.raises(BadInput, match="needs pi_psi"):
        kind.from_model(model, pool).subset_for(folds["test"][0], 5)


def test_the_hybrid_with_a_wide_first_stage_sees_the_whole_pool(model, pool, folds, policy):
    """B = n leaves the choice to the transductive stage alone."""
    cell = folds["test"][0]
    wide, narrow = (
        HybridSubSelNet.from_model(
            model, pool, policy=policy, first=first, temperature=-0.05, per_class=False
        ).subset_for(cell, 12)
        for first in (10.0, 1.0)
    )
    losses = losses_for(model, pool, cell)
    assert set(wide.indices) != set(narrow.indices)
    assert losses[wide.indices].mean() > np.quantile(losses, 0.7)


@pytest.mark.parametrize("kind", [InductiveSubSelNet, HybridSubSelNet])
def test_a_redraw_does_not_ask_the_policy_again(model, pool, folds, policy, kind, monkeypatch):
    cell, asked, scores = folds["test"][1], [], type(policy).scores
    monkeypatch.setattr(
        type(policy), "scores", lambda self, *of: asked.append(1) or scores(self, *of)
    )
    model._scores.clear()
    provider = kind.from_model(model, pool, policy=policy)
    feed = SubsetFeed(provider, 12, redraw_every=1)
    drawn = [feed.at(epoch, cell).indices.tolist() for epoch in range(4)]
    assert len(asked) == 1
    assert len({tuple(one) for one in drawn}) > 1


def test_two_policies_on_one_model_do_not_share_scores(model, pool, folds, policy):
    other = train_policy(model, pool, folds["training"], steps=1, seed=7)
    cell = folds["test"][1]
    alone = [
        InductiveSubSelNet.from_model(model, pool, policy=one).subset_for(cell, 12).indices
        for one in (other, policy)
    ]
    model._scores.clear()
    again = InductiveSubSelNet.from_model(model, pool, policy=policy).subset_for(cell, 12).indices
    assert np.array_equal(again, alone[1])
    assert not np.array_equal(*alone)


def test_a_first_stage_smaller_than_the_budget_is_refused():
    with pytest.raises(BadInput, match="at least 1"):
        HybridSubSelNet(first=0.5)


@pytest.mark.parametrize("temperature", [0, float("nan"), float("inf")])
def test_an_unusable_temperature_is_refused(temperature):
    with pytest.raises(BadInput, match="other than 0"):
        SubSelNet(temperature=temperature)


def test_an_unknown_solver_is_refused():
    with pytest.raises(UnknownName, match="no solver of 'subselnet' is called 'greedy'"):
        SubSelNet(solver="greedy")


def test_a_model_of_another_pool_is_refused_naming_both_fingerprints(model, pool):
    other = clump_pool(120, seed=1)
    with pytest.raises(RefusedArtefact) as caught:
        SubSelNet.from_model(model, other)
    assert pool.fingerprint[:16] in str(caught.value)
    assert other.fingerprint[:16] in str(caught.value)


def test_other_learned_parts_have_another_hash(model, pool, policy):
    kinds: list[PredictingProvider] = [
        SubSelNet(),
        SubSelNet.from_model(model, pool),
        SubSelNet.from_model(model, pool, policy=policy),
        SubSelNet.from_model(model, pool, choices=Choices([Choice(0.1, False, "labels", 1.0)])),
    ]
    assert len({provider.learned() for provider in kinds}) == 4


TABLE = Choices(
    [
        Choice(0.005, False, "labels", 0.3),
        Choice(0.1, False, "labels", -3.0),
        Choice(0.1, True, "soft", -0.2, per_class=False, target_temperature=4.0, label_share=0.3),
    ]
)


@pytest.mark.parametrize(
    ("fraction", "mode", "temperature"),
    [
        (0.001, FIXED, 0.3),
        (0.02, FIXED, 0.3),  # nearer to 0.005 than to 0.1 on a logarithmic scale
        (0.03, FIXED, -3.0),
        (1.0, FIXED, -3.0),
        (0.001, Mode(True, "soft"), -0.2),
    ],
)
def test_the_nearest_budget_of_the_mode_is_taken(fraction, mode, temperature):
    assert TABLE.nearest(fraction, mode).temperature == temperature


def test_a_mode_that_was_not_tuned_is_refused():
    with pytest.raises(BadInput, match="redraw=True, targets='labels'"):
        TABLE.nearest(0.1, Mode(True, "labels"))


def test_what_was_chosen_is_noted_in_the_provenance(model, pool, folds):
    provider = SubSelNet.from_model(model, pool, choices=TABLE)
    subset = provider.subset_for(folds["test"][0], 12, mode=Mode(True, "soft"))
    assert subset.provenance.notes == {
        "temperature": -0.2,
        "per_class": False,
        "target_temperature": 4.0,
        "label_share": 0.3,
    }


def test_the_inductive_provider_refuses_a_solver_that_it_would_not_use() -> None:
    with pytest.raises(UnknownName, match="known: exact, gibbs"):
        InductiveSubSelNet(solver="reinforce")


def test_easy_examples_come_first_and_only_for_as_long_as_was_chosen(model, pool, folds):
    """`ease_examples` of a redrawn subset: the first draws are easier, the later ones are not."""
    row = Choice(0.2, True, "soft", 0.05, per_class=False, ease_examples=60, later_temperature=1e6)
    provider = SubSelNet.from_model(model, pool, choices=Choices([row]))
    losses, mode = losses_for(model, pool, folds["test"][0]), Mode(True, "soft")

    def mean_loss(draw: int) -> float:
        subset = provider.subset_for(folds["test"][0], 24, mode=mode, draw=draw)
        return float(losses[subset.indices].mean())

    early = [mean_loss(draw) for draw in range(3)]  # 24, 48 examples drawn before: below 60
    late = [mean_loss(draw) for draw in range(3, 12)]
    assert max(early) < min(late)
    assert np.mean(late) == pytest.approx(losses.mean(), rel=0.25)
