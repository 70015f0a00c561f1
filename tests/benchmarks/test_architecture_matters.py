"""Whether the architecture matters: arms differ in what the study says, and in nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.architecture_matters import answers, claim, run
from benchmarks.architecture_matters.family import FAMILY
from benchmarks.architecture_matters.given import Given
from benchmarks.trial_table import problems
from subsel_automl.core.errors import BadInput
from subsel_automl.subselnet.temperatures import UNIFORM

N = 400
CACHED = (answers.own, answers.mean, answers.g_beta, answers.about, answers.architecture)


@pytest.fixture
def world(monkeypatch, tmp_path):
    """Each class is bright in a place of its own; few steps, three networks."""

    def part(n: int, seed: int) -> problems.Part:
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 10, n)
        x = rng.standard_normal((n, 3, 16, 16)).astype(np.float32)
        x[np.arange(n), :, y, :] += 0.2
        return x, y

    made = problems.Problem("world", part(N, 0), part(50, 1), part(100, 2))
    monkeypatch.setattr(answers, "data", lambda: made)
    monkeypatch.setattr(answers, "STEPS", 20)
    monkeypatch.setenv("SUBSEL_WORK", str(tmp_path))
    few = {name: FAMILY[name] for name in ("linear", "mlp", "big-kernel")}
    monkeypatch.setattr(answers, "FAMILY", few)
    for cached in CACHED:
        cached.cache_clear()
    yield made
    for cached in CACHED:
        cached.cache_clear()


def cell(**changed):
    fixed = {"network": "linear", "subset": "fixed", "rule": "uniform", "targets": "labels"}
    return {**fixed, "answers": "none", "budget": 0.1, "steps": 5, "seed": 0, **changed}


def test_every_network_reads_the_pictures_and_has_a_graph_of_its_own(monkeypatch):
    for member in FAMILY.values():
        assert member.build()(torch.zeros(2, 3, 16, 16)).shape == (2, 10)
    monkeypatch.setattr(answers, "data", lambda: problems.Problem("none", *[_black()] * 3))
    answers.architecture.cache_clear()
    keys = {answers.architecture(name).key for name in FAMILY}
    answers.architecture.cache_clear()
    assert len(keys) == len(FAMILY)


def _black() -> problems.Part:
    return np.zeros((1, 3, 16, 16), np.float32), np.zeros(1, np.int64)


def test_own_answers_are_of_networks_that_did_not_train_on_the_example(world, monkeypatch):
    trained_on, told = [], answers.passes

    def seen(rows, seed):
        trained_on.append(rows)
        return told(rows, seed)

    asked = []
    monkeypatch.setattr(answers, "passes", seen)
    monkeypatch.setattr(
        answers, "answered", lambda model, x: asked.append(x) or np.zeros((len(x), 10))
    )
    answers.own("linear", 0)
    for rows, x in zip(trained_on, asked, strict=True):
        others = np.setdiff1d(np.arange(N), rows)
        assert np.array_equal(x.numpy(), world.train[0][others])


def test_the_mean_is_of_the_other_networks(world):
    others = [np.exp(answers.own(name, 0)) for name in ("mlp", "big-kernel")]
    np.testing.assert_allclose(np.exp(answers.mean("linear", 0)), np.mean(others, 0), atol=1e-6)


def test_g_beta_was_not_taught_by_the_network_that_it_is_asked_about(world, monkeypatch):
    taught = []
    fit = answers.fit_lessons
    monkeypatch.setattr(
        answers, "fit_lessons", lambda lessons, pool: taught.extend(lessons) or fit(lessons, pool)
    )
    answers.g_beta("mlp", 1)
    assert {lesson.name for lesson in taught} == {"linear", "big-kernel"}


def test_uniform_arms_train_on_the_same_rows_whatever_the_answers(world):
    chosen = [
        Given(answers.SOURCES[source]("linear", 0), UNIFORM)
        .fit(world.pool)
        .subset_for(None, 0.1, seed=3)
        .indices
        for source in answers.SOURCES
    ]
    assert np.array_equal(chosen[0], chosen[1])
    assert np.array_equal(chosen[0], chosen[2])


def test_the_gibbs_draw_takes_examples_that_the_answers_find_easy(world):
    known = answers.own("linear", 0)
    losses = -known[np.arange(N), world.train[1]]
    means = [
        losses[Given(known, heat).fit(world.pool).subset_for(None, 0.1, seed=3).indices].mean()
        for heat in (None, UNIFORM)
    ]
    assert means[0] < means[1]


@pytest.mark.parametrize(
    "asked",
    [
        cell(),
        cell(rule="gibbs", answers="g_beta"),
        cell(subset="redrawn", targets="soft", answers="own"),
        cell(budget=1.0),
    ],
)
def test_a_pupil_can_be_trained_again(world, asked):
    one, two = run.train(asked), run.train(asked)
    assert one["test_accuracy"] == two["test_accuracy"]


def rows(lead: float, kept: float):
    """The oracle is `lead` above the mean everywhere, g_beta a share `kept` of it."""
    more = {"none": 0.0, "mean": 0.1, "own": 0.1 + lead, "g_beta": 0.1 + kept * lead}
    return [
        {
            "cell": asked,
            "test_accuracy": 0.3 + 0.01 * asked["seed"] + more[asked["answers"]],
            "answers_right": 0.5,
            "answers_spearman": 0.7,
        }
        for asked in run.cells()
    ]


@pytest.mark.parametrize(
    ("lead", "kept", "missing", "holds"),
    [(0.02, 0.6, 0, True), (0.02, 0.4, 0, False), (-0.02, 0.0, 0, True), (0.02, 0.6, 1, False)],
)
def test_the_claim_holds_where_g_beta_keeps_half_and_no_cell_is_missing(
    monkeypatch, lead, kept, missing, holds
):
    made = rows(lead, kept)[missing:]
    monkeypatch.setattr(claim, "rows_of", lambda path, cells: made)
    monkeypatch.setattr(claim, "not_run", lambda path, cells: missing)
    found = claim.measure(quick=True)
    assert found["holds"] is holds
    assert found["regimes"]["fixed 1 %, gibbs, labels"]["oracle"]["value"] == 100 * lead
    assert found["sentence"].startswith(claim.NO_GAIN) is (lead < 0)


def test_nothing_measured_is_said(monkeypatch):
    monkeypatch.setattr(claim, "rows_of", lambda path, cells: [])
    with pytest.raises(BadInput, match="nothing is measured yet"):
        claim.measure(quick=True)
