"""What a search asks: tables that are read with noise, trainings on chosen subsets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from smoke_search import POOL, Asked, feed_of

from subsel_automl.catalog import provider, search_space
from subsel_automl.core.errors import ArchitectureError, BadInput, MissingNeed
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.search.objective import TableObjective
from subsel_automl.search.trial_objective import TrialObjective
from subsel_automl.spaces.tables import NB101_FILE, NB101_SCALE, Nasbench101Table
from subsel_automl.training.recipes import Recipe

SIZES = {"channels": 2, "cells": 1}
RECIPE = Recipe({"name": "sgd", "lr": 0.05}, {"name": "cosine"}, batch=8)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Nasbench101Table:
    """Forty cells with made-up accuracies."""
    cells = search_space("nasbench101").enumerate()[np.arange(2000, 2040)]
    folder: Path = tmp_path_factory.mktemp("tables")
    percent = np.linspace(80, 94, len(cells))
    np.savez(
        folder / NB101_FILE,
        n_vertices=cells.n_vertices,
        adj_bits=cells.adj_bits,
        ops_base3=cells.ops_base3,
        test_acc_x29952=np.round(percent / 100 * NB101_SCALE).astype(np.uint16),
        params=np.arange(len(cells)),
    )
    return Nasbench101Table(folder)


def test_a_reading_without_noise_is_the_tables(table):
    asked = TableObjective(table)
    cell = table.cells[5]
    assert asked.ask(cell).value == asked.truth(cell) == table.test_percent(cell) / 100
    assert asked.regret(table.cells[39]) == 0
    assert asked.regret(cell) == pytest.approx(94 - 100 * asked.truth(cell), abs=0.01)


def test_noise_is_of_its_size_and_one_cell_is_read_alike_always(table):
    read = np.array(
        [
            [TableObjective(table, 0.25, seed).ask(cell).value for cell in table.cells]
            for seed in range(40)
        ]
    )
    exact = np.array([TableObjective(table).truth(cell) for cell in table.cells])
    apart = 100 * (read - exact)
    assert apart.std() == pytest.approx(0.25, rel=0.1)
    assert abs(apart.mean()) < 0.03
    again = TableObjective(table, 0.25, 7)
    assert again.ask(table.cells[3]).value == read[7, 3]
    assert again.truth(table.cells[3]) == exact[3]


def test_what_is_no_cell_or_no_table_is_refused(table):
    with pytest.raises(ArchitectureError, match="no cell of the table"):
        TableObjective(table).ask(search_space("nasbench101").enumerate()[0])
    with pytest.raises(BadInput, match="from 0"):
        TableObjective(table, -1.0)
    with pytest.raises(BadInput, match="no table"):
        TableObjective([1, 2])


def a_cell(seed=0):
    return search_space("nasbench201").sample(np.random.default_rng(seed))


def test_a_training_is_on_the_subset_of_its_own_architecture_and_on_the_bill():
    chooser = Asked()
    chooser.fit(POOL)
    asked = TrialObjective(RECIPE, SubsetFeed(chooser, 0.4), epochs=2, sizes=SIZES)
    answers = [asked.ask(a_cell(seed)) for seed in (0, 1)]
    assert list(dict.fromkeys(chooser.keys)) == [a_cell(0).key, a_cell(1).key]
    assert [one["examples"] for one in answers[0].curve] == [60, 60]
    assert answers[0].costs["weight_steps"] == 2 * (60 // 8)
    assert 0 < answers[0].costs["evaluate_seconds"] < answers[0].costs["seconds"]
    assert asked.facts(answers[0])["examples"] == 120
    assert asked.facts(answers[0])["full_examples"] == 2 * len(POOL)


def test_one_architecture_has_one_answer_whatever_was_asked_before():
    asked = TrialObjective(RECIPE, feed_of("random"), epochs=1, sizes=SIZES)
    first = asked.ask(a_cell()).value, asked.ask(a_cell()).curve
    asked.ask(a_cell(1))
    assert (asked.ask(a_cell()).value, asked.ask(a_cell()).curve) == first


def test_a_pool_that_cannot_be_trained_or_judged_on_is_refused():
    for bare in (Pool("bare", POOL.features, POOL.labels), POOL.validation):
        feed = SubsetFeed(provider("random").fit(bare), 0.4)
        with pytest.raises(MissingNeed, match="images"):
            TrialObjective(RECIPE, feed, sizes=SIZES)


def test_a_recipe_clips_what_it_says():
    moved = []
    for clip in (0.0, 1e-6):
        recipe = Recipe({"name": "sgd", "lr": 0.05}, {"name": "constant"}, batch=8, clip=clip)
        asked = TrialObjective(recipe, feed_of("random"), epochs=3, sizes=SIZES)
        losses = [one["loss"] for one in asked.ask(a_cell(3)).curve]
        moved.append(abs(losses[-1] - losses[0]))
    assert moved[1] < 0.5 * moved[0]
    with pytest.raises(BadInput, match="clip"):
        Recipe(clip=-1.0)
