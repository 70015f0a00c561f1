"""Searches whose trainings end early: what they pay, find, and never stand on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bit_curves import EPOCHS, Failing, Grown, boasting, crossing, parallel
from raced import TOTAL, keys, raced
from smoke_search import BY_TRIALS

from subsel_automl.catalog import curve_predictor, search_class
from subsel_automl.core.errors import BadInput, SubselError, UnknownName
from subsel_automl.search.multi_fidelity import MultiFidelity
from subsel_automl.search.reach import Reach


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("subsel_automl.search.queries.PATIENCE", 300)


@pytest.mark.parametrize("extrapolator", ["", "last", "ridge"])
@pytest.mark.parametrize("name", BY_TRIALS)
def test_every_epoch_is_paid_once_and_none_above_the_budget(name, extrapolator):
    objective = Grown()
    found = raced(name, objective, extrapolator=extrapolator)
    assert len(set(keys(found))) == len(found.trainings)
    assert objective.begun == keys(found)
    assert objective.trained == {one.architecture.key: one.epochs for one in found.trainings}
    assert found.spent == found.trainings[-1].spent == sum(objective.trained.values())
    if found.ended == "spent":
        assert TOTAL - EPOCHS < found.spent <= TOTAL


@pytest.mark.parametrize("name", BY_TRIALS)
def test_what_few_epochs_said_of_a_stopped_training_is_never_the_best(name):
    objective = Grown(boasting)
    found = raced(name, objective)
    assert found.stopped > 3
    finished = [one for one in found.trainings if one.epochs == EPOCHS]
    assert {one.value is None for one in found.trainings if one.epochs < EPOCHS} == {True}
    assert found.value == max(objective.of.value(one.architecture) for one in finished)
    assert objective.of.value(found.best) == found.value
    named = {one.key for _, one in found.incumbents()}
    assert named <= {one.architecture.key for one in finished}


@pytest.mark.parametrize("name", ["local", "evolution", "bo", "bo-local"])
def test_neighbours_are_those_of_trainings_that_finished(name, monkeypatch):
    asked, neighbours = set(), Reach.neighbours

    def noted(self, architecture):
        asked.add(architecture.key)
        return neighbours(self, architecture)

    monkeypatch.setattr(Reach, "neighbours", noted)
    found = raced(name, Grown(boasting), total=2 * TOTAL)
    stopped = {one.architecture.key for one in found.trainings if one.value is None}
    assert asked
    assert stopped
    assert not asked & stopped


@pytest.mark.parametrize("name", ["random", "local", "evolution"])
def test_an_extrapolator_that_is_right_finds_more_in_the_same_epochs(name):
    def mean(extrapolator):
        worlds = [Grown(seed=seed) for seed in range(5)]
        found = [raced(name, one, 5, 25 * EPOCHS, extrapolator=extrapolator) for one in worlds]
        return np.mean([f.value - w.of.best for f, w in zip(found, worlds, strict=True)])

    assert mean("last") > mean("") + 0.05


def test_random_search_comes_to_the_same_best_after_fewer_epochs():
    spent = {}
    for extrapolator in ("", "last"):
        found = raced(total=100 * EPOCHS, extrapolator=extrapolator)
        spent[extrapolator] = {one.key: at for at, one in found.incumbents()}
    best = list(spent[""])[-1]
    assert spent["last"][best] < 0.7 * spent[""][best]


def tried_by_all(seed=3):
    few = {"extrapolator": "lcsvr", "options": {"draws": 4}, "few": 5}
    return {name: keys(raced(name, Grown(crossing), seed, 300, **few)) for name in BY_TRIALS}


@pytest.mark.slow
def test_seeds_differ_and_one_seed_tries_the_same_in_another_process():
    one, other = tried_by_all(), tried_by_all(4)
    assert not any(one[name] == other[name] for name in one)
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); from test_multi_fidelity import *; "
        "import subsel_automl.search.queries as queries; queries.PATIENCE = 300; "
        "print(json.dumps(tried_by_all()))"
    )
    here = str(Path(__file__).parent)
    told = subprocess.run([sys.executable, "-c", code, here], capture_output=True, text=True)
    assert json.loads(told.stdout) == one, told.stderr


@pytest.mark.parametrize(("extrapolator", "sign"), [("ridge", 1), ("last", -1)])
def test_what_is_learned_are_final_values_not_those_of_fewer_epochs(extrapolator, sign):
    """Curves that meet at half: who learns that value, or the one seen, keeps the worst."""
    objective = Grown(crossing)
    found = raced("random", objective, extrapolator=extrapolator, initial=12, total=2 * TOTAL)
    judged = found.trainings[12:]
    value = {True: [], False: []}
    for one in judged:
        value[one.value is None].append(objective.of.value(one.architecture))
    assert sign * (np.mean(value[False]) - np.mean(value[True])) > 1


def test_the_last_value_decides_until_enough_have_finished():
    found = raced(extrapolator="ridge", initial=4, after=6, total=2 * TOTAL)
    done = 0
    for one in found.trainings:
        assert one.by == ("" if done < 4 else "last" if done < 6 else "ridge")
        done += one.value is not None
    assert set(found.decided) == {"last", "ridge"}


def test_the_initial_ones_are_trained_to_their_end():
    found = raced(initial=15)
    assert [one.epochs for one in found.trainings[:15]] == [EPOCHS] * 15
    assert [one.by for one in found.trainings[:15]] == [""] * 15
    assert found.trainings[15].by == "last"


@pytest.mark.parametrize(
    ("by", "shape", "after"),
    [("last", parallel, 0), ("ridge", crossing, 6), ("ridge", crossing, 9)],
)
def test_those_that_go_on_are_of_the_best_share_of_all_by_who_foretells_now(by, shape, after):
    objective = Grown(shape)
    found = raced("random", objective, extrapolator=by, after=after, initial=5, share=0.25)
    ends, judged = [], 0
    for one in found.trainings:
        ends.append(objective.of.value(one.architecture))
        if one.by == by:
            better = sum(end > ends[-1] for end in ends)
            assert (one.value is not None) == (better < np.ceil(0.25 * len(ends)))
            judged += 1
    assert judged > 10


@pytest.mark.parametrize("epoch", [2, EPOCHS - 1])
def test_a_training_that_diverged_ends_there_and_has_no_value(epoch):
    found = raced("local", Failing(epoch))
    failed = [one for one in found.trainings if one.by == "diverged"]
    assert failed
    assert {(one.epochs, one.value) for one in failed} == {(epoch, None)}
    assert np.isfinite(found.value)


def test_there_is_no_best_where_nothing_finished():
    class Never(Failing):
        def begin(self, architecture):
            yield float("nan")

    found = raced(objective=Never(1), total=EPOCHS)
    assert found.stopped == len(found.trainings) == 1
    with pytest.raises(SubselError, match="no best"):
        found.best  # noqa: B018


def test_a_search_that_tried_everything_says_so(monkeypatch):
    objective = Grown()
    few = objective.space.enumerate()[:4]
    monkeypatch.setattr(objective.space, "enumerate", lambda: few, raising=False)
    monkeypatch.setattr(objective.space, "sample", lambda rng: few[rng.integers(4)], raising=False)
    found = raced(objective=objective)
    assert (found.ended, len(found.trainings)) == ("known", 4)


def test_more_epochs_before_the_verdict_try_fewer():
    tried = [len(raced(few=few).trainings) for few in (2, 0, 12)]
    assert tried[0] > tried[1] > tried[2]
    assert min(one.epochs for one in raced().trainings) == EPOCHS // 5


def test_a_larger_share_stops_fewer():
    assert raced(share=0.6).stopped < raced(share=0.1).stopped


def test_options_are_of_the_predictor():
    made = MultiFidelity(search=search_class("random")(), epochs_total=1, extrapolator="lcsvr")
    assert made.made(0).draws == 100
    own = {"draws": 7}
    made = MultiFidelity(search=made.search, epochs_total=1, extrapolator="lcsvr", options=own)
    assert made.made(0).draws == 7


def test_a_predictor_that_is_made_already_may_foretell():
    by = [raced(extrapolator=one, after=5) for one in ("ridge", curve_predictor("ridge"))]
    assert by[0] == by[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 0.0}, "share"),
        ({"share": 1.0}, "share"),
        ({"few": -1}, "few"),
        ({"few": EPOCHS + 1}, "1..20"),
        ({"initial": -1}, "initial"),
        ({"total": 0}, "epochs_total"),
        ({"total": EPOCHS - 1}, "at least as many"),
        ({"extrapolator": "lcsvr", "after": 2}, "after=6"),
        ({"extrapolator": "", "options": {"draws": 3}}, "options"),
        ({"options": {"draws": 3}}, "draws"),
    ],
)
def test_an_option_out_of_range_is_refused(options, message):
    with pytest.raises(BadInput, match=message):
        raced(**options)


def test_an_unknown_extrapolator_is_refused():
    with pytest.raises(UnknownName, match="lcsvr"):
        raced(extrapolator="lcsvrr")


def test_a_number_of_queries_is_refused():
    with pytest.raises(BadInput, match="epochs_total"):
        MultiFidelity(search=search_class("random")(queries=5), epochs_total=100)


def test_curves_of_the_worlds_end_at_the_value():
    assert [shape(3.0, 1.0) for shape in (parallel, boasting, crossing)] == [3.0] * 3
