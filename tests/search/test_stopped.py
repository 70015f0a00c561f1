"""What searches do with a training that was stopped and so has no value."""

from __future__ import annotations

import numpy as np
import pytest
from bit_space import Bits, Weighted
from smoke_search import BY_TRIALS
from test_queries import search

from subsel_automl.core.errors import SubselError
from subsel_automl.search.bayes import Bayes, ranked
from subsel_automl.search.evolution import Evolution
from subsel_automl.search.local_search import LocalSearch
from subsel_automl.search.objective import Answer
from subsel_automl.search.queries import Asked, Query
from subsel_automl.search.reach import Reach
from subsel_automl.search.reinforce import Purse
from subsel_automl.search.stopped import STOPPED, filled, finished

ONES, ZEROS = Bits().of([1] * 10), Bits().of([0] * 10)


def test_stopped_is_below_every_value():
    assert finished(-1e300)
    assert not finished(STOPPED)
    assert max([STOPPED, -1e300]) == -1e300


@pytest.mark.parametrize(
    ("values", "gap", "known"),
    [
        ([1, STOPPED, 3], 0, [1, 1, 3]),
        ([1, STOPPED, 3], 1, [1, 0, 3]),
        ([STOPPED, STOPPED], 1, [-1, -1]),
        ([2.0], 1, [2]),
    ],
)
def test_a_stopped_training_is_as_bad_as_the_worst_that_finished(values, gap, known):
    assert filled(values, gap).tolist() == known


def asked(*values):
    both = [Query(a, Answer(v)) for a, v in zip((ZEROS, ONES), values, strict=True)]
    return Asked("test", 0, tuple(both))


def test_no_best_and_no_incumbent_was_stopped():
    found = asked(STOPPED, -3.0)
    assert (found.best, found.value) == (ONES, -3.0)
    assert found.incumbents() == [ONES]
    assert asked(-3.0, STOPPED).incumbents() == [ZEROS, ZEROS]


def test_there_is_no_best_of_none():
    with pytest.raises(SubselError, match="were stopped"):
        asked(STOPPED, STOPPED).best  # noqa: B018


def test_the_best_of_a_model_are_those_that_finished():
    seen = {"a": (ONES, STOPPED), "b": (ZEROS, -2.0)}
    assert ranked(seen) == [(ZEROS, -2.0)]


def test_what_was_stopped_is_paid_as_the_worst():
    paid, worst = Purse(0.0, 0.9), Purse(0.0, 0.9)
    assert paid.gains([1.0, STOPPED, 2.0]) == worst.gains([1.0, 1.0, 2.0])
    assert paid.gains([STOPPED]) == worst.gains([1.0])


def walked(made, values, count):
    """Batches of a walk that is told `values(architecture)`."""
    reach = Reach(Bits(), np.random.default_rng(0))
    walk = made.walk(reach, np.random.default_rng(1), 1)
    wanted, batches = next(walk), []
    for _ in range(count):
        batches.append(wanted[0])
        wanted = walk.send([values(one) for one in wanted])
    return batches


def test_local_search_begins_anew_where_its_start_was_stopped():
    found = walked(LocalSearch(initial=1), lambda one: STOPPED, 6)
    drawn = Reach(Bits(), np.random.default_rng(0))
    assert found == [drawn.sample() for _ in range(6)]


def test_a_stopped_child_is_not_born():
    """One of the population finished: all children are its neighbours."""
    first = []

    def value(one):
        first.append(one)
        return 1.0 if len(first) == 1 else STOPPED

    made = Evolution(population=1, tournament=1)
    found = walked(made, value, 8)
    near = [one.key for one in Bits().neighbours(found[0])]
    assert {one.key for one in found[1:]} <= set(near)


@pytest.mark.parametrize("scores", ["normal", "values"])
def test_a_model_shuns_what_was_stopped(scores):
    """Stopped is whatever begins with a "b": of the rest of the rounds few do."""
    model = {"encoder": "operations", "predictor": "gp", "pooling": "flat", "candidates": 300}
    weights = Weighted(1)

    def value(one):
        return STOPPED if one.ops[1] == "b" else weights.value(one)

    found = walked(Bayes(scores=scores, initial=20, **model), value, 60)
    shares = [np.mean([one.ops[1] == "b" for one in part]) for part in (found[:20], found[20:])]
    assert shares[0] > 0.3
    assert shares[1] < 0.2


@pytest.mark.parametrize("name", BY_TRIALS)
def test_a_search_of_which_much_is_stopped_still_comes_to_its_end(name):
    class Half(Weighted):
        def ask(self, architecture):
            answer = super().ask(architecture)
            return answer if architecture.ops[1] == "a" else Answer(STOPPED)

    found = search(name, 30).query(Half())
    assert len(found.asked) == 30
    assert found.best.ops[1] == "a"
