"""What a pool is told about a search on it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from subsel_automl.budgeting.advice import EPOCHS, IMBALANCED, LEAST, NOISY, Advice, advise
from subsel_automl.budgeting.facts import facts_of
from subsel_automl.budgeting.rule import LEAST_STEPS, plan_rungs
from subsel_automl.catalog import provider
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.core.pool import Pool
from subsel_automl.worlds import clump_pool

SETTINGS = ("provider", "redraw_every", "targets", "budget", "plan", "prior", "cleaning")


def with_wrong_labels(share, n=1000, classes=5):
    """Clumps of which a share has another class, each alike."""
    pool, rng = clump_pool(n, classes), np.random.default_rng(0)
    labels, wrong = pool.labels.copy(), rng.permutation(n)[: round(share * n)]
    labels[wrong] = (labels[wrong] + rng.integers(1, classes, len(wrong))) % classes
    return Pool("wrong", pool.features, labels)


def uneven(most, least):
    """Three classes: two of `most` examples, one of `least`."""
    labels = np.repeat([0, 1, 2], [most, most, least])
    noise = np.random.default_rng(0).normal(0, 0.1, (len(labels), 3))
    return Pool("uneven", np.eye(3)[labels] + noise, labels)


def regression(n=400):
    rng = np.random.default_rng(0)
    return Pool("prices", rng.random((n, 4)), rng.random(n))


def plan_of(advice: Advice, pool: Pool) -> SubsetPlan:
    """The advice, taken."""
    said = {name: choice.value for name, choice in advice.choices.items()}
    chooser = provider(said["provider"], **advice.choices["provider"].options)
    names = ("budget", "targets", "redraw_every", "prior")
    return SubsetPlan(chooser.fit(pool), **{name: said[name] for name in names})


def value(advice: Advice, name: str):
    return advice.choices[name].value


def test_clean_even_pools_get_even_draws_and_no_cleaning():
    advice = advise(clump_pool(500, 5))
    assert value(advice, "provider") == "guarded"
    assert value(advice, "cleaning") == "off"
    assert (value(advice, "redraw_every"), value(advice, "targets")) == (1, "labels")


def test_many_wrong_labels_are_cleaned_in_every_class_then_redrawn():
    advice = advise(with_wrong_labels(0.25))
    assert value(advice, "provider") == "guarded"
    assert "clean, then redraw" in advice.choices["provider"].reason
    assert value(advice, "redraw_every") == 1
    assert "left out" in value(advice, "cleaning")


@pytest.mark.parametrize(("share", "off", "said"), [(0.2, 0.01, "by guarded"), (0.2, 0.09, "off")])
def test_an_estimate_must_be_above_the_threshold_by_its_uncertainty(share, off, said, monkeypatch):
    facts = facts_of(clump_pool(300, 3))
    unsure = replace(facts, noise=replace(facts.noise, share=share, uncertainty=off))
    monkeypatch.setattr("subsel_automl.budgeting.advice.facts_of", lambda pool, seed: unsure)
    assert share > NOISY
    assert value(advise(clump_pool(300, 3)), "cleaning").startswith(said)


def test_a_strongly_uneven_pool_is_drawn_evenly_and_told_when_to_keep_its_shares():
    advice = advise(uneven(500, 25))
    assert advice.facts.imbalance == 20 > IMBALANCED
    assert value(advice, "provider") == "guarded"
    assert "20 times the smallest" in advice.choices["provider"].reason
    assert value(advice, "prior") == "change"
    assert "'keep' only if" in advice.choices["prior"].reason


def test_a_slightly_uneven_pool_is_not_called_so():
    assert "times" not in advise(uneven(500, 100)).choices["provider"].reason


def test_classes_without_examples_are_left_out_of_the_imbalance():
    pool = Pool("gap", np.random.default_rng(0).random((66, 2)), np.repeat([0, 2], [60, 6]))
    assert facts_of(pool).imbalance == 10


def test_regression_is_drawn_from_all_and_its_labels_are_not_judged():
    advice = advise(regression())
    assert value(advice, "provider") == "guarded"
    assert advice.facts.noise is None
    assert "its task is regression" in advice.choices["cleaning"].reason


def test_a_pool_without_labels_is_drawn_from_all():
    pool = Pool("bare", np.random.default_rng(0).random((50, 3)))
    assert "from all examples" in advise(pool).choices["provider"].reason
    assert len(plan_of(advise(pool), pool).feed().at(0, None)) == 50


@pytest.mark.parametrize(("n", "share"), [(20_000, 0.1), (1024, 0.25), (200, 1.0)])
def test_a_pass_is_a_tenth_but_of_small_pools_more(n, share):
    budget = value(advise(regression(n)), "budget")
    assert budget == share
    assert budget * n >= min(n, LEAST)


def test_many_classes_need_larger_passes():
    few, many = (value(advise(clump_pool(1000, k)), "budget") for k in (5, 50))
    assert many * 1000 >= 10 * 50 > few * 1000


def test_the_plan_is_the_rules_own_and_longer_for_small_pools():
    large, small = (advise(regression(n)).choices["plan"] for n in (20_000, 400))
    shortest = [choice.options["rungs"][0]["length"] for choice in (large, small)]
    assert shortest[0] < shortest[1]
    told = small.options
    assert told["rungs"] == plan_rungs(told["total"], told["trials"], EPOCHS * 6).as_list()
    assert EPOCHS * 6 * shortest[1] >= LEAST_STEPS  # 400 examples are six batches of 64


def test_copies_are_counted_by_their_numbers_and_disputes_by_their_labels():
    x = np.random.default_rng(0).random((80, 4)).astype(np.float32)
    x[0] = 0.0
    features = np.concatenate([x, x[:10], -x[:1]])
    labels = np.concatenate([np.arange(80), np.arange(10), [0]]) % 4
    labels[83] += 1
    advice = advise(Pool("copied", features, labels))
    assert (advice.facts.copies, advice.facts.disputed) == (11, 1)
    assert any("11 of 91 examples are exact copies" in note for note in advice.notes)
    assert any("1 copies have another class" in note for note in advice.notes)


def test_validation_examples_that_are_trained_on_are_told():
    x = np.random.default_rng(0).random((60, 4))
    held = Pool("held", np.concatenate([x[:3], 2 + x[:5]]), np.arange(8) % 2)
    advice = advise(Pool("leaky", x, np.arange(60) % 2, validation=held))
    assert advice.facts.leaked == 3
    assert any("3 validation examples" in note for note in advice.notes)


def test_a_pool_without_copies_is_told_nothing():
    assert advise(clump_pool(300, 3)).notes == ()


def test_images_are_told_from_numbers():
    pool = clump_pool(300, 3)
    tables = advise(replace(pool, images=None))
    assert (advise(pool).facts.kind, tables.facts.kind) == ("images", "numbers")
    assert "tables" in tables.choices["provider"].reason


@pytest.mark.parametrize(
    "pool", [clump_pool(300, 3), uneven(400, 20), regression()], ids=lambda pool: pool.name
)
def test_advice_can_be_taken(pool):
    advice = advise(pool)
    feed = plan_of(advice, pool).feed()
    first, second = (feed.at(epoch, None).indices for epoch in (0, 1))
    assert len(first) == round(value(advice, "budget") * len(pool))
    assert set(first) != set(second)


def test_the_advice_to_clean_can_be_taken():
    pool = with_wrong_labels(0.25, n=400, classes=4)
    plan = plan_of(advise(pool), pool)
    assert plan.provider.on


def test_every_setting_has_a_reason_and_a_source_in_dict_and_text():
    advice = advise(clump_pool(300, 3))
    told = json.loads(json.dumps(advice.as_dict()))
    assert tuple(told["advice"]) == SETTINGS
    assert all(one["reason"] and one["source"] for one in told["advice"].values())
    assert told["facts"]["noise"]["share"] == advice.facts.noise.share
    assert all(f"\n  {name}" in str(advice) for name in SETTINGS)


def test_the_same_seed_gives_the_same_advice():
    pool = clump_pool(300, 3)
    assert advise(pool, seed=3).as_dict() == advise(pool, seed=3).as_dict()
