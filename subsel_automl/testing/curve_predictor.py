"""The contract that every predictor of learning curves keeps, as tests to inherit.

    class TestMine(CurvePredictorContract):
        name = "mine"                      # of the catalog; or write make()

The world has rank two, and its answer is known: y_i(e) = a_i + b_i / e, 40 runs of 20 epochs; two
epochs tell the rest.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from ..catalog import curve_predictor as catalog_predictor
from ..core.curves import Curves
from ..core.errors import BadInput
from ..predictors.curve_base import CurvePrediction, CurvePredictor
from .process import global_state, other_process

Values = npt.NDArray[np.float64]
RUNS, TESTED, EPOCHS, SEEN = 40, 10, 20, 6
SHIFT, TIMES = -3.0, 50.0


class World(NamedTuple):
    """Curves to fit, others to predict."""

    known: Values
    other: Values


def falling_world(seed: int = 0, runs: int = RUNS, epochs: int = EPOCHS) -> World:
    """Losses: y_i(e) = a_i + b_i / e."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.5, 1.5, (2, runs + TESTED, 1))
    curves = a + b / np.arange(1.0, epochs + 1)
    return World(curves[:runs], curves[runs:])


class CurvePredictorContract:
    """Inherit as `class TestName(CurvePredictorContract)`.

    Attributes:
        name: in the catalog.
        most_error: of the last value, as a share of the error of the last value that was seen.
    """

    name: ClassVar[str] = ""
    most_error: ClassVar[float] = 0.5

    # surroundings: override what does not fit
    def make(self, **options: Any) -> CurvePredictor:
        """A predictor, not fitted; options are `seed` alone."""
        return catalog_predictor(self.name, **options)

    # the promises
    def test_nearer_to_the_end_than_the_last_value_seen(self) -> None:
        world = falling_world()
        final = self._fitted(world).predict(world.other[:, :SEEN]).final
        control = np.abs(world.other[:, SEEN - 1] - world.other[:, -1]).mean()
        assert np.abs(final - world.other[:, -1]).mean() <= self.most_error * control

    def test_epochs_that_were_seen_stay_as_they_were(self) -> None:
        world = falling_world()
        found = self._fitted(world).predict(world.other[:, :SEEN])
        assert np.array_equal(found.mean[:, :SEEN], world.other[:, :SEEN])
        assert not found.sd[:, :SEEN].any()

    def test_a_finished_curve_is_its_own_prediction(self) -> None:
        world = falling_world()
        found = self._fitted(world).predict(world.other)
        assert np.array_equal(found.mean, world.other)
        assert not found.sd.any()

    def test_answers_are_finite_numbers_one_an_epoch(self) -> None:
        world = falling_world()
        for values in self._fitted(world).predict(world.other[:, :SEEN]):
            assert values.dtype == np.float64
            assert values.shape == (TESTED, EPOCHS)
            assert np.isfinite(values).all()

    def test_a_standard_deviation_is_never_below_zero(self) -> None:
        world = falling_world()
        assert self._fitted(world).predict(100 * world.other[:, :SEEN]).sd.min() >= 0

    def test_same_seed_same_answers(self) -> None:
        world = falling_world()
        one, two = (self._fitted(world, seed=7).predict(world.other[:, :SEEN]) for _ in range(2))
        assert _same(one, two)

    def test_same_answers_from_another_process(self) -> None:
        there = other_process().submit(_answer, type(self)).result()
        assert _same(_answer(type(self)), there)

    def test_shift_and_scale_of_the_curves_carry_over(self) -> None:
        world = falling_world()
        mean, sd = self._fitted(world).predict(world.other[:, :SEEN])
        moved = self.make().fit(SHIFT + TIMES * world.known)
        found = moved.predict(SHIFT + TIMES * world.other[:, :SEEN])
        spread = TIMES * world.known.std()
        np.testing.assert_allclose(found.mean, SHIFT + TIMES * mean, atol=1e-2 * spread)
        np.testing.assert_allclose(found.sd, TIMES * sd, atol=1e-2 * spread)

    def test_accuracies_are_losses_upside_down(self) -> None:
        world = falling_world()
        down = self.make().fit(Curves(world.known, "min"))
        up = self.make().fit(Curves(-world.known, "max"))
        found = up.predict(Curves(-world.other[:, :SEEN], "max")).final
        losses = down.predict(Curves(world.other[:, :SEEN], "min")).final
        np.testing.assert_allclose(-found, losses, atol=0.1 * world.known.std())

    def test_curves_of_several_lengths_are_predicted_as_each_alone(self) -> None:
        world = falling_world()
        predictor, begun = self._fitted(world), world.other[:4].copy()
        begun[0, 3:], begun[1:3, 8:] = np.nan, np.nan
        together = predictor.predict(begun)
        alone = [
            predictor.predict(begun[row : row + 1, :seen])
            for row, seen in enumerate((3, 8, 8, EPOCHS))
        ]
        for part in (0, 1):
            found = np.concatenate([one[part] for one in alone])
            np.testing.assert_allclose(together[part], found, atol=1e-6)

    def test_before_the_first_epoch_it_answers_too(self) -> None:
        world = falling_world()
        mean, sd = self._fitted(world).predict(np.zeros((3, 0)))
        assert mean.shape == sd.shape == (3, EPOCHS)
        assert np.isfinite(mean).all()
        assert np.isfinite(sd).all()

    def test_no_runs_get_no_answers(self) -> None:
        world = falling_world()
        found = self._fitted(world).predict(world.other[:0, :SEEN])
        assert [values.shape for values in found] == [(0, EPOCHS), (0, EPOCHS)]

    def test_equal_curves_are_predicted_as_they_are(self) -> None:
        flat = np.full((12, EPOCHS), 0.7)
        mean, sd = self.make().fit(flat).predict(flat[:3, :SEEN])
        np.testing.assert_allclose(mean, 0.7, atol=0.05)
        assert np.isfinite(sd).all()

    def test_fit_forgets_what_was_fitted_before(self) -> None:
        first, second = falling_world(), falling_world(1, 25, 14)
        again = self._fitted(first).fit(second.known).predict(second.other[:, :SEEN])
        assert _same(again, self._fitted(second).predict(second.other[:, :SEEN]))

    def test_leaves_what_it_was_given_and_the_global_random_state_alone(self) -> None:
        world = falling_world()
        before = global_state()
        self._fitted(world).predict(world.other[:, :SEEN])
        assert global_state() == before
        assert all(map(np.array_equal, world, falling_world()))

    def test_names_itself_and_its_source(self) -> None:
        made = self.make()
        assert made.source.strip()
        assert made.name == (self.name or made.name) != ""

    def test_not_fitted_it_refuses_to_predict(self) -> None:
        with pytest.raises(BadInput, match=rf"{self.make().name}.*not fitted.*fit\(curves\)"):
            self.make().predict(falling_world().other)

    def test_losses_and_accuracies_are_not_mixed(self) -> None:
        world = falling_world()
        fitted = self.make().fit(Curves(world.known, "min"))
        with pytest.raises(
            BadInput, match="whose goal is 'min' and got curves whose goal is 'max'"
        ):
            fitted.predict(Curves(world.other[:, :SEEN], "max"))

    def test_longer_curves_than_fitted_are_refused(self) -> None:
        world = falling_world()
        with pytest.raises(BadInput, match=f"curves of {EPOCHS} epochs and got {EPOCHS + 1}"):
            self._fitted(world).predict(np.ones((2, EPOCHS + 1)))

    def test_a_diverged_curve_is_refused(self) -> None:
        world = falling_world()
        begun = world.other[:, :SEEN].copy()
        begun[2, 3] = np.nan
        with pytest.raises(
            BadInput, match="curve 2 has a value that is not finite before its last"
        ):
            self._fitted(world).predict(begun)

    def test_unfinished_curves_are_not_fitted(self) -> None:
        known = falling_world().known
        known[4, 12:] = np.nan
        with pytest.raises(BadInput, match=f"curve 4 ends, or diverges, before epoch {EPOCHS}"):
            self.make().fit(known)

    def test_x_is_given_to_both_or_to_neither(self) -> None:
        world = falling_world()
        with pytest.raises(BadInput, match="was fitted with no x and got one to predict"):
            self._fitted(world).predict(world.other[:, :SEEN], np.ones((TESTED, 2)))

    def test_an_option_that_it_lacks_is_refused(self) -> None:
        with pytest.raises((BadInput, TypeError), match="no_such_option"):
            self.make(no_such_option=1)

    # below: how the promises are looked at
    def _fitted(self, world: World, **options: Any) -> CurvePredictor:
        return self.make(**options).fit(world.known)


def _same(one: CurvePrediction, two: CurvePrediction) -> bool:
    return all(map(np.array_equal, one, two))


def _answer(contract: type[CurvePredictorContract]) -> CurvePrediction:
    world = falling_world()
    return contract()._fitted(world, seed=3).predict(world.other[:, :SEEN])
