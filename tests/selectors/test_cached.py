"""Truths of Cached: subsets on disk, one file a question, shared by processes."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from subsel_automl.core.errors import MissingNeed
from subsel_automl.core.provider import Mode, Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.maths import draws
from subsel_automl.selectors.cached import Cached
from subsel_automl.selectors.random import Random
from subsel_automl.selectors.wrappers import ClassBalanced
from subsel_automl.worlds import clump_pool, linear_probe, some_cells, synthetic_zoo

POOL = clump_pool(90, classes=3)


class LargestFirst(SubsetProvider):
    """Rows by their first feature, weighted by it; counts how often it was asked."""

    name = "largest-first"
    source = "known answer"
    drawn = False

    def __init__(self, sign: int = 1) -> None:
        super().__init__()
        self.sign, self.asked = sign, 0

    def options(self):
        return {"sign": self.sign}

    def _select(self, request: Request) -> Subset:
        self.asked += 1
        keys = self.sign * request.pool.features[:, 0]
        rows = draws.top_b(keys, request.count)
        return Subset(rows, weights=np.abs(keys[rows]))


class Pupil(Random):
    """Learns from trials; its answers depend on how many lessons it had."""

    name = "pupil"
    learns = True

    def __init__(self):
        super().__init__()
        self.lessons = []

    def learned(self):
        return str(len(self.lessons))

    def _lesson_rows(self, accuracy):
        return np.arange(5)

    def _learn(self, lesson):
        self.lessons.append(lesson)


def test_a_cached_answer_is_read_and_not_computed(tmp_path):
    first = Cached(LargestFirst(), tmp_path).fit(POOL)
    again = Cached(LargestFirst(), tmp_path).fit(POOL)
    one, two = first.subset_for(None, 12), again.subset_for(None, 12)
    assert np.array_equal(one.indices, two.indices)
    assert np.array_equal(one.weights, two.weights)
    assert (first.inner.asked, again.inner.asked) == (1, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"budget": 13},
        {"seed": 1},
        {"mode": Mode(redraw=True)},
        {"mode": Mode(targets="soft")},
        {"draw": 1},
    ],
    ids=str,
)
def test_another_question_is_another_file(tmp_path, other):
    provider = Cached(LargestFirst(), tmp_path).fit(POOL)
    provider.subset_for(None, **{"budget": 12})
    provider.subset_for(None, **{"budget": 12, **other})
    assert len(list(tmp_path.glob("*.safetensors"))) == 2


@pytest.mark.parametrize(
    "other",
    [Cached, lambda inner, folder: Cached(ClassBalanced(inner), folder)],
    ids=["largest", "largest of each class"],
)
@pytest.mark.parametrize("pool", [POOL, clump_pool(90, classes=3, seed=1)], ids=["same", "another"])
def test_another_pool_or_provider_is_another_file(tmp_path, other, pool):
    Cached(LargestFirst(sign=-1), tmp_path).fit(POOL).subset_for(None, 12)
    other(LargestFirst(), tmp_path).fit(pool).subset_for(None, 12)
    assert len(list(tmp_path.glob("*.safetensors"))) == 2


class LearnsFromZoo(LargestFirst):
    name = "learns"

    def _fit(self, pool, zoo):
        self.state = str(len(zoo.architectures))

    def learned(self):
        return self.state


def test_another_zoo_is_another_file(tmp_path):
    for count in (2, 3):
        zoo = synthetic_zoo(POOL, some_cells(count))
        Cached(LearnsFromZoo(), tmp_path).fit(POOL, zoo).subset_for(None, 12)
    assert len(list(tmp_path.glob("*.safetensors"))) == 2


def test_a_damaged_file_is_chosen_anew(tmp_path):
    Cached(LargestFirst(), tmp_path).fit(POOL).subset_for(None, 12)
    (file,) = tmp_path.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-3])
    again = Cached(LargestFirst(), tmp_path).fit(POOL)
    assert len(again.subset_for(None, 12)) == 12
    assert again.inner.asked == 1
    assert len(Subset.load(file)) == 12


def test_askers_at_one_time_compute_one_question_once(tmp_path):
    class Slow(LargestFirst):
        def _select(self, request):
            time.sleep(0.1)
            return super()._select(request)

    askers = [Cached(Slow(), tmp_path).fit(POOL) for _ in range(4)]
    threads = [threading.Thread(target=asker.subset_for, args=(None, 12)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(asker.inner.asked for asker in askers) == 1


def test_many_questions_at_once_are_answered_in_their_order(tmp_path):
    cells = some_cells(3)
    Cached(LargestFirst(), tmp_path).fit(POOL).subset_for(cells[1], 12)
    asker = Cached(LargestFirst(), tmp_path).fit(POOL)
    found = asker.subsets_for([*cells, cells[0]], 12)
    assert [s.provenance.architecture_key for s in found] == [c.key for c in [*cells, cells[0]]]
    assert asker.inner.asked == 2


def test_a_learner_is_taught_through_the_wrapper_and_answers_anew(tmp_path):
    outer = Cached(Pupil(), tmp_path).fit(POOL)
    before = outer.subset_for(None, 12)
    lesson = outer.lesson(some_cells(1)[0], linear_probe(POOL), accuracy=0.5, examples=10, name="t")
    outer.learn(lesson)
    assert list(lesson.indices) == [0, 1, 2, 3, 4]
    assert outer.inner.lessons == [lesson]
    assert outer.subset_for(None, 12) is not before
    assert len(list(tmp_path.glob("*.safetensors"))) == 2


def test_a_learner_that_cannot_be_split_into_classes_is_refused():
    with pytest.raises(MissingNeed, match="lessons that provider 'pupil' learns from"):
        ClassBalanced(Pupil())
