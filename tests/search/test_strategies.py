"""What distinguishes each search from the others."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from smoke_search import BY_TRIALS, POOL, feed_of, searched, small

from subsel_automl.search.cells import NB201Plan
from subsel_automl.search.controller import Controller
from subsel_automl.search.darts_cells import DartsPlan
from subsel_automl.search.gdas import drawn_mix
from subsel_automl.search.run import Run
from subsel_automl.search.spos import Judge, unseen

RNG = np.random.default_rng


def a_run() -> Run:
    return Run(NB201Plan(), feed_of("random"), {"channels": 2, "cells": 1}, 0)


def test_gdas_computes_one_operation_an_edge():
    mix = drawn_mix(a_run(), 1.0, RNG(0))
    assert (mix.active.sum(2) == 1).all()


def test_gdas_draws_by_softmax_of_alpha():
    run = a_run()
    run.supernet.alpha[0].data[:] = torch.tensor([0.0, 0.0, 2.0, 0.0, 0.0])
    drawn = np.stack([drawn_mix(run, 1.0, RNG(seed)).active[0, :, 2] for seed in range(200)])
    odds = float(torch.softmax(run.supernet.alpha[0], 1)[0, 2].detach())
    assert drawn.mean() == pytest.approx(odds, abs=0.05)


def test_gdas_sends_alpha_the_gradient_of_the_soft_draw():
    run = a_run()
    (weights,) = drawn_mix(run, 0.5, RNG(0)).weights
    chosen = weights.detach().argmax(1)
    weights[torch.arange(6), chosen].sum().backward()
    grad = run.supernet.alpha[0].grad
    assert (grad[torch.arange(6), chosen] > 0).all()
    assert torch.allclose(grad.sum(1), torch.zeros(6), atol=1e-5)


@pytest.mark.parametrize("plan", [NB201Plan(), DartsPlan()], ids=lambda plan: plan.space)
def test_a_controller_writes_cells_of_the_space(plan):
    torch.manual_seed(0)
    cells, log_p, entropy = Controller(plan).write(RNG(0))
    plan.architecture(cells)
    assert log_p < 0 < entropy


def test_the_entropy_bonus_of_enas_makes_its_controller_less_sure():
    """From a controller that is sure of itself, by the bonus alone."""
    search = small("enas", entropy=5.0, controller_rate=0.02, controller_steps=20, epochs=1)
    run = search._opened(NB201Plan(), feed_of("random"), 0, None, False)
    controller = run.modules["controller"]
    controller.operation.weight.data *= 300

    def entropy() -> float:
        with torch.no_grad():
            return float(np.mean([float(controller.write(RNG(seed))[2]) for seed in range(20)]))

    before = entropy()
    search._epoch(run)
    assert entropy() > before + 0.5


def test_a_rewarded_controller_learns_to_write_convolutions():
    torch.manual_seed(0)
    controller, rng = Controller(NB201Plan()), RNG(0)
    adam = torch.optim.Adam(controller.parameters(), 0.02)
    for _ in range(60):
        cells, log_p, _ = controller.write(rng)
        adam.zero_grad()
        (-((cells == 3).mean() - 0.2) * log_p).backward()
        adam.step()
    assert (controller.write(None)[0] == 3).mean() > 0.5


def test_spos_judges_a_cell_once():
    run = a_run()
    judge = Judge(run, np.arange(20))
    cells = run.plan.sample(RNG(0))
    assert judge.see(cells) == judge.see(cells.copy())
    assert run.costs["evaluations"] == 1


def test_spos_judges_cells_on_as_many_images_as_it_may():
    run, seen = a_run(), []
    whole = run.accuracy
    run.accuracy = lambda rows, mix: seen.append(len(rows)) or whole(rows, mix)  # type: ignore[method-assign, func-returns-value]
    small("spos", judged=3)._finish(run)
    assert set(seen) == {3}


def test_spos_tells_what_it_judged_and_finds_the_best_of_it():
    found = searched("spos")
    told = found.notes["candidates"]
    best = max(told, key=lambda one: one["accuracy"])
    assert len(told) >= 4
    assert found.architecture == a_run().plan.architecture(np.array(best["cells"]))


def test_unseen_goes_on_drawing_until_a_cell_is_new():
    judge = Judge(a_run(), np.arange(20))
    old, new = np.zeros((1, 6), np.int64), np.ones((1, 6), np.int64)
    judge.see(old)
    drawn = iter([old, old, new])
    assert (unseen(judge, lambda: next(drawn)) == new).all()


def test_spos_evolves_to_the_best_cell_where_convolutions_are_all_that_counts():
    run = a_run()
    run.accuracy = lambda rows, mix: float(mix.active[0, :, 3].mean())  # type: ignore[method-assign]
    cells = small("spos", population=20, generations=15)._finish(run)
    assert (cells == 3).all()


def test_evolution_takes_a_child_of_the_living_when_all_have_been_born():
    found = searched("evolution", epochs=6, population=3, tournament=3)
    seen = [(np.array(one["ops"]), one["accuracy"]) for one in found.notes["candidates"]]
    for place in range(3, 6):
        parent = max(seen[place - 3 : place], key=lambda one: one[1])[0]
        assert (seen[place][0] != parent).sum() == 1


@pytest.mark.parametrize("name", BY_TRIALS)
def test_the_best_candidate_is_the_one_that_is_found(name):
    found = searched(name, epochs=5)
    best = max(found.notes["candidates"], key=lambda one: one["accuracy"])
    assert found.genotype == {"cell": best["ops"][1:-1]}


def test_every_candidate_begins_with_new_weights_and_a_new_feed():
    """A provider that warms up on everything does so for each candidate."""
    feed = feed_of("asp")
    warm = feed.provider.warm_epochs
    assert warm > 0
    search = small("random", epochs=2 * (warm + 1), trial_epochs=warm + 1)
    curve = search.run("nasbench201", feed).curve
    sizes = [one["examples"] for one in curve]
    assert sizes[:warm] == sizes[warm + 1 : 2 * warm + 1] == [len(POOL)] * warm
    assert sizes[warm] < len(POOL)
