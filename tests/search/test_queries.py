"""Searches by queries on functions with known answers: what they find and count, how they go on."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bit_space import BITS, Bits, Weighted, bits_encoder
from smoke_search import BY_TRIALS

from subsel_automl.catalog import search_class
from subsel_automl.core.errors import BadInput, DamagedArtefact, SubselError
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.search.by_trials import ByTrials
from subsel_automl.search.queries import Walker
from subsel_automl.search.reach import Reach

MODEL = {"encoder": bits_encoder(), "initial": 8, "candidates": 100, "fit_epochs": 10}
SIZES = {
    "evolution": {"population": 8, "tournament": 4},
    "bo": MODEL,
    "bo-local": MODEL,
    "rl": {"encoder": bits_encoder(), "steps": 8, "candidates": 100},
}


def search(name, queries=40, **options):
    return search_class(name)(queries=queries, **{**SIZES.get(name, {}), **options})


def keys(found):
    return [one.architecture.key for one in found.asked]


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize("name", BY_TRIALS)
def test_every_query_is_of_a_new_architecture_and_there_are_as_many_as_asked_for(name, at_once):
    objective = Weighted()
    found = search(name).query(objective, at_once=at_once)
    assert len(found.asked) == len(set(keys(found))) == 40
    assert objective.asked == keys(found)
    assert found.value == max(one.value for one in found.asked)
    assert objective.value(found.best) == found.value


def asked_by_all(seed=3):
    return {name: keys(search(name).query(Weighted(), seed=seed)) for name in BY_TRIALS}


def test_seeds_differ_and_one_seed_is_equal_also_in_another_process():
    one, other = asked_by_all(), asked_by_all(4)
    assert not any(one[name] == other[name] for name in BY_TRIALS)
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); from test_queries import *; "
        "print(json.dumps(asked_by_all()))"
    )
    here = str(Path(__file__).parent)
    told = subprocess.run([sys.executable, "-c", code, here], capture_output=True, text=True)
    assert json.loads(told.stdout) == one, told.stderr


@pytest.mark.parametrize("seed", range(5))
def test_local_search_ends_at_the_optimum_of_a_linear_function(seed):
    objective = Weighted(seed)
    assert search("local", 120).query(objective, seed=seed).value == pytest.approx(objective.best)


def test_evolution_comes_closer_than_random_search():
    def mean(name):
        objectives = [Weighted(seed) for seed in range(12)]
        return np.mean([search(name, 60).query(o, seed=9).value - o.best for o in objectives])

    assert mean("evolution") > mean("random") + 0.2


@pytest.mark.parametrize("name", BY_TRIALS)
def test_a_search_that_knows_the_whole_space_ends(name, monkeypatch):
    monkeypatch.setattr("subsel_automl.search.queries.PATIENCE", 300)

    class Four(Weighted):
        def value(self, architecture):
            return super().value(architecture)

    objective = Four()
    objective.space = Few()
    few = {"evolution": {"population": 2, "tournament": 1}, "local": {"initial": 2}}
    with contextlib.suppress(SubselError):  # of those that can not know that there are no more
        found = search(name, 50, **few.get(name, {})).query(objective)
        assert len(found.asked) == 2
    assert sorted(set(objective.asked)) == sorted(objective.asked)
    assert len(objective.asked) == 2


class Few(Bits):
    """Two architectures."""

    def sample(self, rng):
        return self.of(np.arange(BITS) * int(rng.integers(2)) % 2)

    def neighbours(self, architecture):
        return [self.of(np.arange(BITS) * bit % 2) for bit in (0, 1)]

    def enumerate(self):
        return self.neighbours(None)


class Stopped(Exception):
    pass


def stop_after(count):
    def progress(done, total):
        if done == count:
            raise Stopped

    return progress


@pytest.mark.parametrize("name", BY_TRIALS)
def test_a_stopped_search_asks_on_as_the_undisturbed_one(name, tmp_path):
    whole = search(name).query(Weighted())
    with pytest.raises(Stopped):
        search(name).query(Weighted(), folder=tmp_path, progress=stop_after(23))
    again = Weighted()
    found = search(name).query(again, folder=tmp_path, resume=True)
    assert keys(found) == keys(whole)
    assert again.asked == keys(whole)[23:]


def test_answers_of_another_search_are_refused(tmp_path):
    search("random", 10).query(Weighted(), folder=tmp_path)
    with pytest.raises(BadInput, match="resume it"):
        search("random", 10).query(Weighted(), folder=tmp_path)
    with pytest.raises(BadInput, match="options"):
        search("random", 20).query(Weighted(), folder=tmp_path, resume=True)
    with pytest.raises(BadInput, match="at_once"):
        search("random", 10).query(Weighted(), folder=tmp_path, resume=True, at_once=2)
    path = tmp_path / "queries.json"
    held = json.loads(path.read_text())
    held["queries"][3]["key"] = "0" * 32
    path.write_text(json.dumps(held))
    with pytest.raises(DamagedArtefact, match="after 3 queries"):
        search("random", 10).query(Weighted(), folder=tmp_path, resume=True)


def test_queries_are_on_the_bill_once(tmp_path):
    file = tmp_path / "ledger.sqlite"
    for resume in (False, True):
        found = search("random", 10).query(
            Weighted(), folder=tmp_path / "search", resume=resume, ledger=file
        )
    assert found.summary.spent["training"].wall == 20
    assert found.summary.trials == 10
    ledger = AmortizationLedger(file)
    assert ledger.totals()["TRAIN"]["wall"] == 20
    ledger.close()


def test_a_table_is_not_asked_without_a_number_of_queries():
    with pytest.raises(BadInput, match="queries="):
        search_class("local")().query(Weighted())


def test_a_walk_in_circles_is_ended(monkeypatch):
    monkeypatch.setattr("subsel_automl.search.queries.PATIENCE", 300)

    class Circles(Walker):
        name, source = "circles", "this test"

        def walk(self, reach, rng, at_once):
            first = reach.sample()
            while True:
                yield [first]

    with pytest.raises(SubselError, match="'circles' proposed nothing new"):
        Circles(queries=5).query(Weighted())


def test_incumbents_are_the_best_so_far():
    found = search("random", 30).query(Weighted())
    values = [Weighted().value(one) for one in found.incumbents()]
    assert values == list(np.maximum.accumulate([one.value for one in found.asked]))


def test_a_reach_without_none_has_none():
    from subsel_automl.catalog import search_space

    reach = Reach(search_space("nasbench201"), np.random.default_rng(0), none=False)
    drawn = [reach.sample() for _ in range(50)]
    near = [n for one in drawn[:5] for n in reach.neighbours(one)]
    assert not any("none" in one.ops for one in [*drawn, *near])


def test_neighbours_are_never_an_empty_list_without_a_word():
    from subsel_automl.catalog import search_space

    space = search_space("nasbench101")
    least = space.architecture(("input", "output"), [(0, 1)])
    with pytest.warns(UserWarning, match="grow=True"):
        assert space.neighbours(least) == []
    assert Reach(space, np.random.default_rng(0)).neighbours(least)


def test_bayesian_optimisation_finds_the_optimum_of_a_linear_function_sooner_than_random_search():
    def left(name):
        objectives = [Weighted(seed) for seed in range(4)]
        return np.mean([o.best - search(name, 40).query(o, seed=5).value for o in objectives])

    assert left("bo") < 0.35 * left("random")


def test_bo_with_any_predictor_asks_what_that_predictor_expects_most_of():
    asked = {
        name: keys(search("bo", 30, predictor=name, fit_epochs=0).query(Weighted()))
        for name in ("dngo", "gp", "forest")
    }
    assert len({tuple(one[8:]) for one in asked.values()}) == 3
    assert len({tuple(one[:8]) for one in asked.values()}) == 1


def test_bo_local_looks_beside_what_was_good():
    """Of what it adds to a round, all lies nearer to what was good than most candidates do."""
    plain, local = (keys(search(name, 60).query(Weighted(2))) for name in ("bo", "bo-local"))
    assert plain[:8] == local[:8]
    assert plain != local


OPTIONS = [
    ("evolution", "population", 6),
    ("evolution", "tournament", 2),
    ("local", "initial", 2),
    ("bo", "encoder", "auto"),
    ("bo", "pooling", "sum"),
    ("bo", "predictor", "forest"),
    ("bo", "fit_epochs", 50),
    ("bo", "scores", "values"),
    ("bo", "initial", 4),
    ("bo", "chosen", 1),
    ("bo", "candidates", 50),
    ("bo", "near", 0),
    ("bo-local", "patience", 1),
    ("rl", "pooling", "flat"),
    ("rl", "hidden", 16),
    ("rl", "policy_rate", 0.5),
    ("rl", "steps", 1),
    ("rl", "discount", 0.0),
    ("rl", "baseline", 0.0),
    ("rl", "candidates", 60),
]


@pytest.mark.parametrize(("name", "option", "value"), OPTIONS)
def test_an_option_of_a_walk_changes_what_is_asked(name, option, value):
    from subsel_automl.catalog import search_space

    objective = Weighted()
    if option == "encoder":  # of a space that has several
        objective.space = search_space("nasbench201")
        objective.value = lambda one: float(one.ops.count("nor_conv_3x3"))
    usual = {"fit_epochs": 0} if option == "predictor" else {}
    asked = [
        keys(search(name, 60, **{**usual, **more}).query(objective, seed=1))
        for more in ({}, {**({"fit_epochs": 0} if usual else {}), option: value})
    ]
    assert asked[0] != asked[1]


def test_the_discount_counts():
    found = [keys(search("rl", 60, discount=d).query(Weighted())) for d in (0.0, 0.8)]
    assert found[0] != found[1]
    assert found[0][:8] == found[1][:8]  # before the first update


def test_the_search_of_the_contributors_page_is_one():
    page = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
    block = page.partition("## Add a search\n")[2].partition("```python\n")[2].partition("```")[0]
    names = {"dataclass": dataclass, "ByTrials": ByTrials, "__name__": __name__}
    exec(textwrap.dedent(block), names)
    objective = Weighted(4)
    found = names["Greedy"](queries=80).query(objective)
    assert found.search == "greedy"
    assert found.value == pytest.approx(objective.best)
