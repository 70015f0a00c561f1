"""What was said of examples while they were trained on: the last answer, its age, its novelty."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import Pool
from subsel_automl.training import seen as module
from subsel_automl.training.seen import Seen

N = 12
X = np.random.default_rng(0).random((N, 2))
CLASSES = Pool("c", X, np.arange(N) % 3)
REAL = Pool("r", X, np.linspace(0.5, 9.7, N))


def raw(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float32)[:, None]


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_nothing_said_is_nothing_heard():
    assert Seen(REAL, False).heard() is None


def test_of_each_example_the_last_answer_counts():
    seen = Seen(REAL, True)
    seen.add(rows(5, 2), raw(1, 2), 2)
    seen.add(rows(2, 7), raw(3, 4), 4)
    heard = seen.heard()
    assert heard.indices.tolist() == [2, 5, 7]
    assert heard.answers[:, 0].tolist() == [3, 1, 4]
    assert heard.ages.tolist() == [1, 0.5, 1]
    assert heard.once.tolist() == [False, True, True]
    assert heard.redrawn


def test_the_last_answer_counts_across_a_settling_too():
    seen = Seen(REAL, False)
    seen.add(rows(5, 2), raw(1, 2), 2)
    seen.settle()
    seen.add(rows(2), raw(3), 4)
    heard = seen.heard()
    assert heard.answers[:, 0].tolist() == [3, 1]
    assert heard.once.tolist() == [False, True]
    assert not heard.redrawn


def test_many_answers_settle_between_passes(monkeypatch):
    monkeypatch.setattr(module, "MOST", 4)
    seen = Seen(REAL, True)
    seen.add(rows(0, 1, 2, 3), raw(1, 2, 3, 4), 4)
    seen.over()
    assert len(seen._fresh) == 1
    seen.add(rows(0), raw(5), 5)
    seen.over()
    assert seen._fresh == []
    assert seen.heard().answers[:, 0].tolist() == [5, 2, 3, 4]


def test_what_is_not_finite_is_left_out():
    seen = Seen(REAL, False)
    seen.add(rows(0, 1, 2), raw(1, np.nan, np.inf), 3)
    assert seen.heard().indices.tolist() == [0]


def test_values_stay_in_single_precision_and_probabilities_in_half():
    for pool, outputs, kind in ((REAL, 1, np.float32), (CLASSES, 3, np.float16)):
        seen = Seen(pool, False)
        seen.add(rows(0, 1), torch.randn(2, outputs), 2)
        assert seen.heard().answers.dtype == kind


def test_outputs_that_are_not_the_tasks_are_refused():
    seen = Seen(CLASSES, False)
    seen.add(rows(0, 1), torch.randn(2, 2), 2)
    with pytest.raises(BadInput, match="2 outputs, and pool 'c' has 3 classes"):
        seen.heard()


def test_what_is_kept_holds_no_graph():
    seen = Seen(CLASSES, False)
    seen.add(rows(0), torch.randn(1, 3, requires_grad=True) * 2, 1)
    assert not seen._fresh[0][1].requires_grad
