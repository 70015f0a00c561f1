"""Losses, errors and means of answers, in each task, against torch's own losses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from subsel_automl.core.pool import Pool
from subsel_automl.core.task import CLASSIFICATION, MULTI_LABEL, REGRESSION
from subsel_automl.maths import answers as maths
from subsel_automl.training.outputs import answers_of

RNG = np.random.default_rng(0)
X = RNG.random((30, 3))
LABELS = np.arange(30) % 4
MANY = (RNG.random((30, 4)) < 0.5).astype(np.float32)
REAL = RNG.normal(3, 5, (30, 4)).astype(np.float32)
POOLS = {
    CLASSIFICATION: Pool("c", X, LABELS),
    MULTI_LABEL: Pool("m", X, MANY),
    REGRESSION: Pool("r", X, REAL),
}
ROWS = np.array([2, 3, 11, 29])
RAW = torch.from_numpy(RNG.normal(0, 2, (30, 4)).astype(np.float32))
TASKS = list(POOLS)


def said(task: str, raw: torch.Tensor = RAW) -> np.ndarray:
    return answers_of(raw, POOLS[task], None).numpy()


def loss_of(task: str, raw: torch.Tensor) -> torch.Tensor:
    """torch's own loss of each example, [n]."""
    if task == CLASSIFICATION:
        return F.cross_entropy(raw, torch.from_numpy(LABELS), reduction="none")
    if task == MULTI_LABEL:
        target = torch.from_numpy(MANY)
        return F.binary_cross_entropy_with_logits(raw, target, reduction="none").mean(1)
    return (raw - torch.from_numpy(REAL)).square().mean(1) / float(REAL.var(0).mean())


@pytest.mark.parametrize("task", TASKS)
def test_losses_are_those_of_torch(task):
    expected = loss_of(task, RAW).numpy()
    assert np.allclose(maths.losses(said(task), POOLS[task]), expected, atol=1e-5)
    some = maths.losses(said(task)[ROWS], POOLS[task], ROWS)
    assert np.allclose(some, expected[ROWS], atol=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_errors_are_the_gradient_of_the_loss_but_for_a_constant(task):
    raw = RAW.clone().requires_grad_()
    loss_of(task, raw).sum().backward()
    found, gradient = maths.errors(said(task), POOLS[task]), raw.grad.numpy()
    factor = float((found * gradient).sum() / np.square(gradient).sum())
    assert factor > 0
    assert np.allclose(found, factor * gradient, atol=1e-4)
    assert np.array_equal(maths.errors(said(task)[ROWS], POOLS[task], ROWS), found[ROWS])


def test_regression_losses_do_not_depend_on_the_targets_unit():
    metres, pool = RAW.numpy(), POOLS[REGRESSION]
    kilometres = Pool("km", X, REAL / 1000)
    assert np.allclose(
        maths.losses(metres / 1000, kilometres), maths.losses(metres, pool), rtol=1e-3
    )


def test_the_mean_explains_nothing_and_the_truth_all():
    pool = POOLS[REGRESSION]
    mean = np.broadcast_to(REAL.mean(0), REAL.shape)
    assert maths.wrong(mean, pool) == pytest.approx(maths.chance(pool), rel=1e-3)
    assert maths.wrong(REAL, pool) == 0
    assert maths.wrong(REAL + 100, pool) == 1  # cut


def test_targets_that_do_not_vary_divide_by_no_zero():
    assert np.isfinite(maths.losses(np.ones((4, 1)), Pool("p", np.ones((4, 2)), [0.5] * 4))).all()


def test_wrong_is_the_share_of_wrong_classes_or_labels():
    right = np.log(np.eye(4)[LABELS] * 0.9 + 0.02)
    right[:6] = np.roll(right[:6], 1, 1)
    assert maths.wrong(right, POOLS[CLASSIFICATION]) == pytest.approx(6 / 30)
    yes = np.log(np.where(MANY > 0, 0.8, 0.2))
    yes[:3, 0] = np.log(1 - np.exp(yes[:3, 0]))
    assert maths.wrong(yes, POOLS[MULTI_LABEL]) == pytest.approx(3 / 120)
    assert maths.wrong(yes[:3], POOLS[MULTI_LABEL], np.arange(3)) == pytest.approx(3 / 12)


@pytest.mark.parametrize(
    ("task", "expected"), [(CLASSIFICATION, 0.75), (MULTI_LABEL, 0.5), (REGRESSION, 1.0)]
)
def test_chance_is_the_error_of_knowing_nothing(task, expected):
    assert maths.chance(POOLS[task]) == expected


def test_certain_answers_have_finite_losses():
    sure = np.zeros((30, 4))  # log 1: surely yes
    assert np.isfinite(maths.losses(sure, POOLS[MULTI_LABEL])).all()


def test_the_mean_of_answers_is_one_of_probabilities_or_of_values():
    one, two = np.array([[0.2, 0.8]]), np.array([[0.6, 0.4]])
    logs = maths.mean_answers([np.log(one), np.log(two)], [1, 3])
    assert np.allclose(np.exp(logs), [[0.5, 0.5]], atol=1e-6)
    values = maths.mean_answers([one, two], [1, 3], REGRESSION)
    assert np.allclose(values, [[0.5, 0.5]], atol=1e-6)


def test_each_row_has_weights_of_its_own():
    one, two = np.zeros((3, 2)), np.ones((3, 2))
    mean = maths.mean_answers([one, two], [np.array([1, 1, 0]), np.array([0, 1, 2])], REGRESSION)
    assert mean[:, 0].tolist() == [0, 0.5, 1]


def test_a_row_that_nobody_weighs_is_not_a_number_and_spoils_no_other():
    answers = np.array([[np.nan], [4.0]])
    mean = maths.mean_answers([answers], [np.array([0, 1])], REGRESSION)
    assert np.isnan(mean[0, 0])
    assert mean[1, 0] == 4


@pytest.mark.parametrize("task", [CLASSIFICATION, MULTI_LABEL])
def test_soft_targets_are_probabilities(task):
    soft = maths.soft_targets(said(task), task)
    expected = RAW.softmax(1) if task == CLASSIFICATION else RAW.sigmoid()
    assert np.allclose(soft, expected.numpy(), atol=1e-5)


def test_soft_targets_of_regression_are_the_values():
    assert np.array_equal(maths.soft_targets(RAW.numpy(), REGRESSION), RAW.numpy())


def test_hard_targets_have_the_shape_of_soft_ones():
    assert maths.hard_targets(POOLS[CLASSIFICATION], ROWS).argmax(1).tolist() == [2, 3, 3, 1]
    assert np.array_equal(maths.hard_targets(POOLS[MULTI_LABEL], ROWS), MANY[ROWS])
    assert np.array_equal(maths.hard_targets(POOLS[REGRESSION], ROWS), REAL[ROWS])
