"""The share of wrong labels: found where labels were flipped, none where a classifier is weak."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from subsel_automl.budgeting.guard import NOISY, SURE
from subsel_automl.budgeting.noise import CLASSES, EXAMPLES, label_noise
from subsel_automl.core.errors import MissingNeed
from subsel_automl.core.pool import Pool
from subsel_automl.worlds import clump_pool

DIGITS = load_digits()
X, Y = DIGITS.data / 16, DIGITS.target
MERGED = np.array([0, 1, 2, 3, 4, 5, 6, 1, 3, 4])  # 7 is called 1, 8 is 3, 9 is 4
POINTS = 0.03  # what an estimate may be off


def flipped(labels, share, classes=10, seed=1):
    """Labels of which a share became another class, each alike."""
    rng = np.random.default_rng(seed)
    labels = labels.copy()
    wrong = rng.random(len(labels)) < share
    labels[wrong] = (labels[wrong] + rng.integers(1, classes, wrong.sum())) % classes
    return labels


@functools.cache
def of_digits(share):
    """(estimate, truth) of digits with a share flipped."""
    labels = flipped(Y, share)
    return label_noise(Pool("digits", X, labels)), (labels != Y).mean()


@functools.cache
def of_hard(world):
    return label_noise(Pool(world, *HARD[world]))


def blurred(spread):
    """Digits under so much noise of pixels that a third or more is told apart wrongly."""
    return X + np.random.default_rng(0).normal(0, spread, X.shape)


def two_clouds(apart, n=2000):
    """Normal clouds so far apart: the best classifier is right in 69 % (1) or 84 % (2)."""
    y = np.arange(n) % 2
    x = np.random.default_rng(8).normal(size=(n, 5))
    x[:, 0] += apart * y
    return x, y


def twins(n=3000):
    """Six clouds, two of them in the same place: their labels are right and can't be told apart."""
    rng = np.random.default_rng(7)
    centres = 1.5 * rng.normal(size=(6, 10))
    centres[5] = centres[4]
    y = np.arange(n) % 6
    return centres[y] + rng.normal(size=(n, 10)), y


def rings(spread, n=2000):
    """Two rings, one inside the other: no straight line parts them."""
    rng, y = np.random.default_rng(9), np.arange(n) % 2
    angle = rng.random(n) * 2 * np.pi
    x = (1 + y)[:, None] * np.c_[np.cos(angle), np.sin(angle)]
    return x + rng.normal(0, spread, (n, 2)), y


def board(cells, n=2000):
    """A chess board: only near examples tell a class."""
    x = np.random.default_rng(3).random((n, 2)) * cells
    return x, (np.floor(x).sum(1) % 2).astype(int)


def three_clouds(n=3000):
    """Three clouds in 30 dimensions."""
    rng, y = np.random.default_rng(143), np.arange(n) % 3
    rng.choice(3), rng.choice(4), rng.choice(3)  # this very world has two explanations
    centres = rng.normal(size=(3, 30)) * rng.uniform(0.3, 1.5)
    return centres[y] + rng.normal(size=(n, 30)), y


HARD = {
    "digits": (X, Y),
    "digits, classes merged": (X, np.unique(MERGED[Y], return_inverse=True)[1]),
    "digits, even or odd": (X, Y % 2),
    "digits, blurred": (blurred(0.5), Y),
    "digits, six pixels": (X[:, [19, 20, 28, 36, 42, 43]], Y),
    "digits, upper quarter": (X[:, :16], Y),
    "clouds that overlap": two_clouds(2),
    "clouds that overlap much": two_clouds(1),
    "clouds in one place": twins(),
    "rings that overlap": rings(0.6),
}


@pytest.mark.parametrize("world", HARD)
def test_right_labels_are_not_called_wrong_however_hard_the_classes_are(world):
    found = of_hard(world)
    assert found.share < POINTS
    assert found.share - SURE * found.uncertainty < NOISY


@pytest.mark.parametrize(
    "world", ["digits, blurred", "digits, upper quarter", "clouds in one place"]
)
def test_what_a_weak_classifier_would_count_is_left_out(world):
    """Confident learning's count is of 15 points and more on these right labels."""
    found = of_hard(world)
    assert found.counted > 0.15 > NOISY > found.share


@pytest.mark.parametrize("share", [0.1, 0.2, 0.4])
def test_flipped_digits_are_found_within_three_points(share):
    found, truth = of_digits(share)
    assert found.share == pytest.approx(truth, abs=POINTS)


@pytest.mark.parametrize("world", [rings(0.3), board(6)], ids=["rings", "board"])
def test_flips_are_found_where_no_line_parts_the_classes(world):
    x, y = world
    labels = flipped(y, 0.2, 2)
    found = label_noise(Pool("curved", x, labels))
    assert found.share == pytest.approx((labels != y).mean(), abs=POINTS)


def test_many_flips_are_not_taken_for_overlap():
    """Two explanations fit nearly as well; the search for the better one begins at both."""
    x, y = three_clouds()
    labels = flipped(y, 0.4, 3, seed=43)
    found = label_noise(Pool("clouds", x, labels))
    assert found.share == pytest.approx((labels != y).mean(), abs=POINTS)


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_flips_are_found_among_classes_that_overlap_too(share):
    labels = flipped(Y, share)
    found = label_noise(Pool("blurred", blurred(0.5), labels))
    assert found.share == pytest.approx((labels != Y).mean(), abs=POINTS)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 0.4])
def test_flipped_clumps_are_found_within_three_points(share):
    pool = clump_pool(1200, 6)
    labels = flipped(pool.labels, share, 6)
    found = label_noise(Pool("clumps", pool.features, labels))
    assert found.share == pytest.approx((labels != pool.labels).mean(), abs=POINTS)


def test_fewer_examples_are_less_certain():
    few = label_noise(Pool("digits", X[:200], flipped(Y, 0.2)[:200]))
    assert few.uncertainty > 2 * of_digits(0.2)[0].uncertainty


def test_copies_of_wrong_labels_do_not_make_them_right():
    """Eight copies of every example: folds that part them would let a copy vouch for itself."""
    labels = flipped(Y[:300], 0.2)
    found = label_noise(Pool("copies", np.repeat(X[:300], 8, 0), np.repeat(labels, 8)))
    assert found.share == pytest.approx((labels != Y[:300]).mean(), abs=2 * POINTS)


def test_scales_of_columns_do_not_matter():
    labels = flipped(Y, 0.2)
    scale = 10.0 ** np.random.default_rng(2).integers(-3, 4, X.shape[1])
    scaled = label_noise(Pool("digits", X * scale, labels)).share
    assert scaled == pytest.approx(of_digits(0.2)[0].share, abs=0.01)


def test_the_order_of_examples_matters_no_more_than_the_draw():
    labels, order = flipped(Y, 0.2), np.random.default_rng(3).permutation(len(Y))
    found = label_noise(Pool("digits", X[order], labels[order]))
    assert found.share == pytest.approx(of_digits(0.2)[0].share, abs=0.015)


def test_the_same_seed_gives_the_same_and_another_draws_anew():
    pool = Pool("digits", X[:400], flipped(Y, 0.2)[:400])
    first = label_noise(pool, seed=4)
    assert label_noise(pool, seed=4) == first
    assert label_noise(pool, seed=5) != first


def test_the_global_random_state_is_left_alone():
    np.random.seed(11)  # noqa: NPY002
    wanted = np.random.random()  # noqa: NPY002
    np.random.seed(11)  # noqa: NPY002
    label_noise(clump_pool(200, 3))
    assert np.random.random() == wanted  # noqa: NPY002


def test_of_a_large_pool_a_part_is_looked_at_classes_in_their_proportions():
    rng = np.random.default_rng(6)
    y = np.repeat([0, 1, 2], [24_000, 5_900, 100])
    found = label_noise(Pool("large", rng.normal(size=(30_000, 3)) + 9 * np.eye(3)[y], y))
    assert found.examples == EXAMPLES
    assert found.classes == 3
    assert found.share < 0.01


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.linspace(0, 1, 60), "its task is regression"),
        (np.random.default_rng(0).integers(0, 2, (60, 3)), "its task is multi-label"),
        (None, "no labels"),
        (np.zeros(60, int), "'told' has 1"),
        (np.arange(60) // 4, f"2 to {CLASSES} classes of at least 5"),
    ],
)
def test_a_pool_without_classes_to_compare_is_refused_by_name(labels, said):
    with pytest.raises(MissingNeed, match="pool 'told' has") as refused:
        label_noise(Pool("told", np.random.default_rng(0).random((60, 2)), labels))
    assert said in str(refused.value)
