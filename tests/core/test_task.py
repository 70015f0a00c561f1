"""A pool's task is read off its labels, and what would be guessed wrong is told."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.errors import PoolError, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.core.task import CLASSIFICATION, MULTI_LABEL, REGRESSION, truth_of

ROWS = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 1]])
REAL = np.array([0.5, -1.0, 2.0, 7.25])


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (np.array([0, 3, 1, 1]), CLASSIFICATION),
        (np.array([True, False, True, True]), CLASSIFICATION),
        (np.array([0.0, 1.0, 1.0, 0.0]), CLASSIFICATION),
        (np.array([[0.0], [1.0], [1.0], [0.0]]), CLASSIFICATION),
        (np.array([[2], [0], [1], [1]], np.uint8), CLASSIFICATION),
        (ROWS, MULTI_LABEL),
        (ROWS.astype(bool), MULTI_LABEL),
        (ROWS.astype(np.float32), MULTI_LABEL),
        (REAL, REGRESSION),
        (REAL[:, None].astype(np.float16), REGRESSION),
        (np.stack([REAL, REAL], 1), REGRESSION),
    ],
    ids=str,
)
def test_every_kind_of_labels_says_its_task(labels, task):
    pool = Pool("p", np.ones((4, 2)), labels)
    assert pool.task == task
    assert (pool.labels is None) == (task != CLASSIFICATION)
    assert (pool.targets is None) == (task == CLASSIFICATION)


def test_without_labels_there_is_no_task():
    pool = Pool("p", np.ones((4, 2)))
    assert (pool.task, pool.labels, pool.targets, pool.outputs) == ("", None, None, 0)


def test_whole_numbered_targets_are_told():
    counts = np.array([3, 0, 12, 5])
    assert truth_of("p", counts, 4).task == CLASSIFICATION
    told = truth_of("p", counts, 4, REGRESSION)
    assert told.targets[:, 0].tolist() == [3, 0, 12, 5]
    assert told.targets.dtype == np.float32


def test_rows_with_one_label_each_are_told():
    one_hot = np.eye(4)
    with pytest.raises(PoolError, match=r"labels=rows.argmax\(1\).*task='multi-label'"):
        truth_of("p", one_hot, 4)
    assert truth_of("p", one_hot, 4, MULTI_LABEL).targets.tolist() == one_hot.tolist()


def test_real_numbers_that_are_whole_may_be_told_to_be_classes():
    assert truth_of("p", [2.0, 0.0, 1.0, 2.0], 4, CLASSIFICATION).labels.tolist() == [2, 0, 1, 2]


@pytest.mark.parametrize(
    ("labels", "task", "message"),
    [
        ([0.0, 1.0, np.nan, 2.0], "", "NaN or infinity in row 2"),
        ([[0, 1], [1, 1], [0, np.inf], [0, 0]], "", "NaN or infinity in row 2"),
        ([0, 1, 2], "", "give 4 whole numbers"),
        (np.zeros((4, 0)), "", r"shape \(4, 0\)"),
        (np.zeros((4, 2, 2)), "", r"shape \(4, 2, 2\)"),
        (["a", "b", "a", "b"], "", "whole numbers"),
        (np.full((4, 2), 3), "", "task='regression'"),
        (np.full((4, 2), 0.5), MULTI_LABEL, "other numbers than 0 and 1"),
        ([0.5, 1, 2, 3], CLASSIFICATION, "one whole number an example"),
        (ROWS, CLASSIFICATION, "one whole number an example"),
        ([0, -1, 2, 1], "", "go down to -1"),
        ([0.5, 1e300, 1, 2], "", "overflow float32"),
    ],
    ids=str,
)
def test_what_cannot_be_a_truth_is_refused_at_the_door(labels, task, message):
    with pytest.raises(PoolError, match=message):
        truth_of("p", labels, 4, task)


def test_another_task_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownName, match="regression"):
        truth_of("p", REAL, 4, "regresion")


@pytest.mark.parametrize(
    ("labels", "outputs"), [([0, 1, 2, 1], 3), (ROWS, 3), (np.stack([REAL, REAL], 1), 2)]
)
def test_a_network_answers_with_a_number_a_class_a_label_or_a_target(labels, outputs):
    assert Pool("p", np.ones((4, 2)), np.asarray(labels)).outputs == outputs


@pytest.mark.parametrize("labels", [ROWS, REAL, np.array([0, 1, 1, 0])], ids=["rows", "real", "y"])
def test_a_part_of_a_pool_keeps_its_task(labels):
    pool = Pool("p", np.arange(8).reshape(4, 2), labels)
    part = pool.take(np.array([2, 1]), "part")  # of the rows, one has exactly one 1
    held = pool.split(0.5).validation
    assert (part.task, held.task) == (pool.task, pool.task)
    assert part.outputs == pool.outputs


def test_other_targets_are_another_pool():
    one, two = (Pool("p", np.ones((4, 2)), REAL + shift).fingerprint for shift in (0, 1))
    assert one != two


def test_without_classes_all_examples_are_one_group():
    assert Pool("p", np.ones((4, 2)), REAL).groups.tolist() == [0] * 4
    assert Pool("p", np.ones((4, 2)), [0, 2, 1, 1]).groups.tolist() == [0, 2, 1, 1]
