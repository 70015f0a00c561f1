"""Which searches the NAS benchmark runs, and one of them for real on digits."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from nas_rows import on_digits

from benchmarks.nas import ceiling as nas_ceiling
from benchmarks.nas import cells as nas
from benchmarks.nas import search as nas_search
from benchmarks.nas import settings as nas_settings
from benchmarks.nas import subselnet as nas_subselnet
from benchmarks.nas.settings import SPACES, splits_of
from benchmarks.run import identity, read_rows, run_cells
from subsel_automl.catalog import SEARCHES, provider_names, search_class, search_space
from subsel_automl.core.errors import BadInput
from subsel_automl.core.provider import Needs
from subsel_automl.encoders.choose import choose_encoder
from subsel_automl.search.spos import Spos
from subsel_automl.search.supernet import plan_of
from subsel_automl.spaces.tables import Nasbench201Table
from subsel_automl.subselnet import bundle
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.pipeline import train_pipeline
from subsel_automl.subselnet.temperatures import UNIFORM, Choices
from subsel_automl.worlds import synthetic_zoo
from subsel_automl.zoo import store
from subsel_automl.zoo.build import diverse_architectures
from subsel_automl.zoo.reference import ReferenceTraining, build_one


class FakeTable:
    """Every cell has the same accuracies."""

    def test_percent(self, architecture, data):
        return {"cifar10": 90.0, "cifar100": 60.0, "imagenet16-120": 30.0}[data]


@pytest.fixture(autouse=True)
def fake_table(monkeypatch):
    monkeypatch.setattr(nas_search, "table", FakeTable)


def test_no_cell_is_run_twice():
    names = [identity(cell) for cell in nas.cells()]
    assert len(names) == len(set(names))


def test_every_cell_of_every_table_is_run():
    run = {identity(cell) for cell in nas.cells()}
    assert all(identity(cell) in run for made in nas.TABLES.values() for cell in made())


def test_the_cells_of_the_bars_come_first():
    first = nas.subselnet_cells(0.1)
    assert nas.cells()[: len(first)] == first


@pytest.mark.parametrize(
    ("asked", "key", "names"),
    [
        ({"tables": ["hm-nas"]}, "search", {"hm-nas"}),
        ({"only": ["transfer"]}, "subset", {"transfer"}),
        ({"searches": ["enas"]}, "search", {"enas"}),
    ],
)
def test_what_is_asked_for_is_run_alone(asked, key, names):
    assert {cell[key] for cell in nas.cells(**asked)} == names


def test_every_subset_is_in_the_catalog():
    names = {cell["subset"] for cell in nas.cells()}
    assert names - {"full-equal-steps", nas_search.PUBLISHED} <= set(provider_names())


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("search", SEARCHES)
def test_the_settings_of_a_search_are_options_that_it_takes(search, space):
    search_class(search)(**SPACES[space].options(search))


@pytest.mark.parametrize("options", nas.LEVELS.values(), ids=nas.LEVELS)
def test_the_levels_of_hm_nas_are_options_that_it_takes(options):
    search_class("hm-nas")(**{**SPACES["darts"].options("hm-nas"), **options})


def test_a_search_is_scored_by_the_table(tmp_path):
    cell = on_digits("gdas")
    (row,) = run_cells(tmp_path / "nas.jsonl", [cell], nas_search.run_search, (), 0)
    assert row["percent"] == {"cifar10": 90.0, "cifar100": 60.0, "imagenet16-120": 30.0}
    assert row["test_error"] == pytest.approx(10)
    assert row["weight_steps"] > 0
    assert len(row["genotype"]["cell"]) == 6


@pytest.fixture
def a_bundle(tmp_path, monkeypatch):
    """Of digits and NAS-Bench-201 cells, beside those that ship."""
    pool, space = splits_of("digits").train, search_space("nasbench201")
    cells = diverse_architectures(space, 3, role="training", seed=0)
    encoder = choose_encoder(cells, "adjacency")
    model, policy = train_pipeline(pool, synthetic_zoo(pool, cells), encoder=encoder, epochs=1)
    save_bundle(tmp_path / "digits" / "nasbench201", model, Choices(), policy, {})
    monkeypatch.setattr(bundle, "SHIPPED", tmp_path)
    nas_search.from_zoo.cache_clear()
    yield
    nas_search.from_zoo.cache_clear()


@pytest.mark.parametrize("subset", ["subselnet", "zoo-mean", "random"])
def test_what_a_zoo_predicts_is_trained_on(a_bundle, subset):
    mode = (subset, "soft", 1)
    found = nas_search.run_search(on_digits("gdas", mode))
    assert found["fit_cpu_seconds"] == 0
    chosen, _ = nas_search._chooser(on_digits("gdas", mode), None)
    assert Needs.ZOO in chosen.needs
    assert chosen.name == ("zoo-mean" if subset == "zoo-mean" else "subselnet")
    assert (getattr(chosen, "temperature", None) == UNIFORM) == (subset == "random")


def test_a_search_may_pass_several_times_over_its_half_in_an_epoch(monkeypatch):
    one = nas_search.run_search(on_digits("gdas"))["weight_steps"]
    thrice = replace(SPACES["nasbench201"], passes={"gdas": 3})
    monkeypatch.setitem(nas_settings.SPACES, "nasbench201", thrice)
    for mode in (("random", "labels", 0), ("full-equal-steps", "labels", 0)):
        assert nas_search.run_search(on_digits("gdas", mode))["weight_steps"] == 3 * one


def test_a_learner_is_taught_by_the_supernet():
    found = nas_search.run_search(on_digits("gdas", nas.ONLINE, epochs=3))
    assert found["evaluations"] >= 2  # held-out accuracies of two lessons, at least


def by_key(_, cell, data="cifar10"):
    return int(cell.key[:4], 16) / 1e3


@pytest.mark.parametrize("sign", [1, -1])
def test_the_judge_of_spos_is_held_against_the_table(monkeypatch, sign):
    monkeypatch.setattr(FakeTable, "test_percent", by_key)
    plan, run_of = plan_of("nasbench201"), Spos.run
    judged = []

    def told(self, *asked, **more):  # the search is real; its judge agrees with the table, or not
        found = run_of(self, *asked, **more)
        for one in found.notes["candidates"]:
            one["accuracy"] = sign * by_key(None, plan.architecture(np.array(one["cells"])))
        judged.extend(found.notes["candidates"])
        return found

    monkeypatch.setattr(Spos, "run", told)
    found = nas_search.run_search(on_digits("spos", population=12, generations=2))
    assert len(judged) >= nas_search.FEWEST_RANKED
    assert found["judge_tau"] == sign


def test_a_search_that_judges_no_cells_has_no_tau():
    assert "judge_tau" not in nas_search.run_search(on_digits("gdas"))


@pytest.mark.parametrize("search", ["gdas", "random"])
def test_equal_steps_are_the_steps_of_the_subset(search):
    trial = {"trial_epochs": 1, "judged": 20} if search == "random" else {}
    ours = nas_search.run_search(on_digits(search, **trial))
    full = nas_search.run_search(on_digits(search, ("full-equal-steps", "labels", 0), **trial))
    assert full["weight_steps"] == ours["weight_steps"]


def test_the_fit_of_a_subset_is_on_the_searchs_bill():
    found = nas_search.run_search(on_digits("gdas", ("el2n-once", "labels", 0)))
    assert found["fit_cpu_seconds"] > 0
    assert found["cpu_seconds"] > found["fit_cpu_seconds"]


def test_the_same_cell_is_searched_again_with_the_same_result():
    one, other = (nas_search.run_search(on_digits("gdas", nas.ONLINE)) for _ in range(2))
    assert one["genotype"] == other["genotype"]


@pytest.mark.parametrize(
    ("subset", "said"),
    [("zoo-mean", "digits/nasbench201"), (nas_search.PUBLISHED, "is about 'cifar10-sprites'")],
)
def test_what_is_about_cifar10_serves_no_other_data(subset, said):
    with pytest.raises(BadInput, match=said):
        nas_search.run_search(on_digits("gdas", (subset, "labels", 0)))


@pytest.mark.shared
def test_the_published_entropies_are_of_the_pools_own_images():
    if not os.environ.get("SUBSEL_DATA"):
        pytest.skip("SUBSEL_DATA names no folder of CIFAR-10")
    chosen = nas_search.published_entropies()  # compares the labels of all 8,750
    assert len(chosen.subset_for(None, 0.1)) == 875


def hm_cell(level, **options):
    given = {
        "epochs": 1,
        "batch": 16,
        "channels": 4,
        "cells": 3,
        "stem_stride": 1,
    }  # 2: oneDNN of torch 2.13 corrupts the heap on some CPUs
    given |= {"steps_an_epoch": 2, **nas.LEVELS[level], **options}
    return nas.cell("hm-nas", "darts", nas.FULL, 1.0, 0, data="digits", options=given)


@pytest.mark.slow
@pytest.mark.parametrize("level", nas.LEVELS)
def test_hm_nas_is_scored_on_the_held_out_images_at_every_level(level):
    short = {"mask_epochs": 1, "tune_epochs": 1} if level == "masks" else {}
    found = nas_search.run_search(hm_cell(level, **short))
    assert 0 <= found["test_error"] <= 100
    assert found["parameters"] > 0


def test_validation_images_are_at_most_a_thousand():
    splits = splits_of("digits")
    assert len(splits.validation) <= 1000
    assert splits.train.validation is splits.validation


def test_training_images_are_capped_and_keep_their_validation(monkeypatch):
    monkeypatch.setattr(nas_settings, "MOST", 100)
    splits = splits_of.__wrapped__("digits")
    assert len(splits.train) == 100
    assert splits.train.validation is splits.validation


@pytest.mark.shared
def test_what_chance_finds_is_what_the_table_says():
    if not os.environ.get("SUBSEL_DATA"):
        pytest.skip("SUBSEL_DATA names no folder with the table")
    table = Nasbench201Table()
    cells = product(range(1, 5), repeat=6)  # without none
    plan = plan_of("nasbench201")
    some = [plan.architecture(np.array([cell])) for cell in cells]
    for errors, told in (
        (100 - table.test_percents(), nas_subselnet.CHANCE),
        (np.array([100 - table.test_percent(cell) for cell in some]), nas_subselnet.CHANCE_NO_NONE),
    ):
        assert (round(errors.mean(), 2), round(np.median(errors), 2)) == told


def test_the_ceiling_is_kendalls_tau_over_all_and_over_the_good_cells(tmp_path, monkeypatch):
    monkeypatch.setattr(nas_ceiling, "PATH", tmp_path / "ceiling.jsonl")
    assert "not run" in nas_ceiling.told()
    pairs = [(10.0, 10.0), (50.0, 90.0), (52.0, 91.0), (51.0, 92.0)]
    rows = [{"lite_percent": ours, "table_percent": theirs} for ours, theirs in pairs]
    nas_ceiling.PATH.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = nas_ceiling.found()
    assert found["all"] == {"cells": 4, "tau": pytest.approx(4 / 6)}
    assert found["good"] == {"cells": 3, "tau": pytest.approx(1 / 3)}


def test_the_ceiling_reads_a_zoo(tmp_path, monkeypatch):
    pool, space = splits_of("digits").train, search_space("nasbench201")
    training = ReferenceTraining(epochs=1, sizes={"channels": 4, "stacks": 2, "cells": 1})
    cells = diverse_architectures(space, 2, role="training", seed=0)
    store.create(tmp_path, pool, training.settings())
    for cell in cells:
        build_one(tmp_path, space, cell, 0, pool, training, splits_of("digits").test, "cpu")
    monkeypatch.setattr(nas_ceiling, "PATH", tmp_path / "ceiling.jsonl")
    monkeypatch.setattr(nas_ceiling, "table", FakeTable)
    monkeypatch.setattr(nas_ceiling, "splits_of", lambda _: splits_of("digits"))
    nas_ceiling.measure(tmp_path)
    rows = read_rows(nas_ceiling.PATH)
    assert {row["key"] for row in rows} == {cell.key for cell in cells}
    assert all(0 <= row["lite_percent"] <= 100 and row["table_percent"] == 90 for row in rows)
