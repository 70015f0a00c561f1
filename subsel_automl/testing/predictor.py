"""The contract that every predictor keeps, as tests to inherit.

    class TestMine(PredictorContract):
        name = "mine"                      # of the catalog; or write make()

The world is linear, and its answer known: y = x w, 120 rows of 4 numbers.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from ..catalog import predictor as catalog_predictor
from ..core.errors import BadInput
from ..predictors.base import Prediction, Predictor
from .process import global_state, other_process

Values = npt.NDArray[np.float64]
ROWS, WIDTH, TESTED = 120, 4, 300
SHIFT, TIMES = -3.0, 50.0


class World(NamedTuple):
    """Rows to fit and their results; others, and theirs."""

    x: Values
    y: Values
    other_x: Values
    other_y: Values


def linear_world(rows: int = ROWS, width: int = WIDTH, seed: int = 0) -> World:
    """y = x w, without noise."""
    rng = np.random.default_rng(seed)
    w, x = rng.normal(size=width), rng.normal(size=(rows + TESTED, width))
    return World(x[:rows], x[:rows] @ w, x[rows:], x[rows:] @ w)


class PredictorContract:
    """Inherit as `class TestName(PredictorContract)`.

    Attributes:
        name: in the catalog.
        least_r: Pearson's r with the truth of the linear world, on rows that were not fitted.
    """

    name: ClassVar[str] = ""
    least_r: ClassVar[float] = 0.9

    # surroundings: override what does not fit
    def make(self, **options: Any) -> Predictor:
        """A predictor, not fitted; options are `seed` alone."""
        return catalog_predictor(self.name, **options)

    # the promises
    def test_learns_a_linear_function(self) -> None:
        world = linear_world()
        mean, _ = self._fitted(world).predict(world.other_x)
        assert np.corrcoef(mean, world.other_y)[0, 1] > self.least_r
        assert np.abs(mean - world.other_y).mean() < 0.5 * world.other_y.std()

    def test_answers_are_finite_numbers_one_a_row(self) -> None:
        world = linear_world()
        for values in self._fitted(world).predict(world.other_x):
            assert values.dtype == np.float64
            assert values.shape == (TESTED,)
            assert np.isfinite(values).all()

    def test_a_standard_deviation_is_never_below_zero(self) -> None:
        world = linear_world()
        predictor = self._fitted(world)
        for rows in (world.x, world.other_x, 100 * world.other_x):
            assert predictor.predict(rows).sd.min() >= 0

    def test_less_sure_away_from_what_was_fitted_if_it_says_so(self) -> None:
        world = linear_world()
        predictor = self._fitted(world)
        if not predictor.widens:
            pytest.skip("does not say so")
        near, far = (predictor.predict(rows).sd.mean() for rows in (world.x, 5 * world.x))
        assert far > 1.1 * near

    def test_same_seed_same_answers(self) -> None:
        world = linear_world()
        one, two = (self._fitted(world, seed=7).predict(world.other_x) for _ in range(2))
        assert _same(one, two)

    def test_same_answers_from_another_process(self) -> None:
        there = other_process().submit(_answer, type(self)).result()
        assert _same(_answer(type(self)), there)

    def test_shift_and_scale_of_the_results_carry_over(self) -> None:
        world = linear_world()
        mean, sd = self._fitted(world).predict(world.other_x)
        moved = self.make().fit(world.x, SHIFT + TIMES * world.y).predict(world.other_x)
        spread = TIMES * world.y.std()
        np.testing.assert_allclose(moved.mean, SHIFT + TIMES * mean, atol=1e-3 * spread)
        np.testing.assert_allclose(moved.sd, TIMES * sd, atol=1e-3 * spread)

    def test_a_row_alone_gets_its_answer_among_others(self) -> None:
        world = linear_world()
        predictor = self._fitted(world)
        mean, sd = predictor.predict(world.other_x)
        alone = predictor.predict(world.other_x[5:6])
        assert alone.mean.shape == alone.sd.shape == (1,)
        np.testing.assert_allclose([alone.mean[0], alone.sd[0]], [mean[5], sd[5]], rtol=1e-3)

    def test_no_rows_get_no_answers(self) -> None:
        world = linear_world()
        assert [len(values) for values in self._fitted(world).predict(world.x[:0])] == [0, 0]

    def test_a_constant_column_does_no_harm(self) -> None:
        world = linear_world()
        x, other = (
            np.insert(rows, [2, 2], [0.1, 2.0], axis=1) for rows in (world.x, world.other_x)
        )  # 0.1 has no exact double, so that the spread of its column may be not quite 0
        mean, sd = self.make().fit(x, world.y).predict(other)
        assert np.corrcoef(mean, world.other_y)[0, 1] > self.least_r
        assert np.isfinite(sd).all()

    def test_equal_results_are_predicted_everywhere(self) -> None:
        world = linear_world()
        mean, sd = self.make().fit(world.x, np.full(ROWS, 0.1)).predict(world.other_x)
        np.testing.assert_allclose(mean, 0.1, atol=0.05)
        assert np.isfinite(sd).all()

    def test_equal_rows_get_the_mean_of_their_results(self) -> None:
        mean, sd = self.make().fit(np.full((6, 2), 0.1), np.arange(6.0)).predict([[0.1, 0.1]])
        np.testing.assert_allclose(mean, 2.5, atol=1.6)  # of all six rows, or of any three
        assert np.isfinite(sd).all()

    def test_two_rows_are_enough(self) -> None:
        world = linear_world()
        mean, sd = self.make().fit(world.x[:2], world.y[:2]).predict(world.other_x)
        assert np.isfinite(mean).all()
        assert np.isfinite(sd).all()

    def test_fit_forgets_what_was_fitted_before(self) -> None:
        first, second = linear_world(), linear_world(60, 3, seed=1)
        again = self._fitted(first).fit(second.x, second.y)
        assert _same(again.predict(second.other_x), self._fitted(second).predict(second.other_x))

    def test_leaves_what_it_was_given_and_the_global_random_state_alone(self) -> None:
        world = linear_world()
        before = global_state()
        self._fitted(world).predict(world.other_x)
        assert global_state() == before
        assert all(map(np.array_equal, world, linear_world()))

    def test_names_itself_and_its_source(self) -> None:
        made = self.make()
        assert made.source.strip()
        assert made.name == (self.name or made.name) != ""

    def test_not_fitted_it_refuses_to_predict(self) -> None:
        with pytest.raises(BadInput, match=rf"{self.make().name}.*not fitted.*fit\(x, y\)"):
            self.make().predict(linear_world().x)

    def test_vectors_of_another_width_are_refused(self) -> None:
        world = linear_world()
        with pytest.raises(BadInput, match="rows of 4 numbers and got rows of 3"):
            self._fitted(world).predict(world.other_x[:, :3])

    @pytest.mark.parametrize(
        ("x", "y", "words"),
        [
            (np.eye(3), np.zeros(4), "3 rows and y the shape .4,.; give one result a row"),
            (np.eye(3), np.zeros((3, 1)), "give one result a row"),
            (np.zeros(3), np.zeros(3), "x has the shape .3,.; give a row a vector"),
            (np.zeros((3, 0)), np.zeros(3), "give a row a vector"),
            (np.eye(1), np.zeros(1), "got 1 rows to fit; give two or more"),
            (np.full((3, 2), np.nan), np.zeros(3), "x holds 6 values that are not finite"),
            (np.eye(3), [0.0, np.inf, 0.0], "y holds 1 values that are not finite"),
            ([["a"], ["b"]], [0.0, 1.0], "x holds values that are no numbers"),
        ],
        ids=["rows", "columns", "vector", "width", "one", "nan", "infinite", "words"],
    )
    def test_unusable_data_are_refused(self, x: Any, y: Any, words: str) -> None:
        with pytest.raises(BadInput, match=words):
            self.make().fit(x, y)

    def test_an_option_that_it_lacks_is_refused(self) -> None:
        with pytest.raises((BadInput, TypeError), match="no_such_option"):
            self.make(no_such_option=1)

    # below: how the promises are looked at
    def _fitted(self, world: World, **options: Any) -> Predictor:
        return self.make(**options).fit(world.x, world.y)


def _same(one: Prediction, two: Prediction) -> bool:
    return all(map(np.array_equal, one, two))


def _answer(contract: type[PredictorContract]) -> Prediction:
    world = linear_world()
    return contract()._fitted(world, seed=3).predict(world.other_x)
