"""The contract over every name of PREDICTORS and every plug-in, and over the kit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pytest

from subsel_automl import catalog
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.predictors.base import Prediction, Predictor
from subsel_automl.predictors.named import VECTORS
from subsel_automl.testing import PredictorContract

LEAST_R = {"dngo": 0.99, "gp": 0.99}


def class_name(name: str) -> str:
    return "Test" + "".join(part.capitalize() for part in name.split("-"))


for _name in catalog.predictor_names():
    globals()[class_name(_name)] = type(
        class_name(_name),
        (PredictorContract,),
        {"name": _name, "least_r": LEAST_R.get(_name, 0.9), "__module__": __name__},
    )


def test_every_name_of_the_catalog_is_under_contract():
    assert {"dngo", "forest", "gp"} <= {*VECTORS} <= {*catalog.predictor_names()}
    assert all(class_name(name) in globals() for name in catalog.predictor_names())


def test_an_unknown_predictor_offers_the_nearest_name():
    with pytest.raises(UnknownName, match=r"no predictor is called 'forrest'.*mean 'forest'"):
        catalog.predictor("forrest")


def test_an_option_that_a_predictor_lacks_is_refused_in_its_name():
    with pytest.raises(BadInput, match=r"predictor 'gp' refused options \['trees'\]"):
        catalog.predictor("gp", trees=3)


def test_options_reach_the_predictor():
    assert catalog.predictor("forest", trees=3, seed=5) == catalog.predictor_class("forest")(
        trees=3, seed=5
    )


# the kit itself: a predictor that breaks one promise is caught


@dataclass(frozen=True, kw_only=True)
class Line(Predictor):
    """Ridge regression; keeps its promises but those that a subclass breaks."""

    name = "line"
    source = "a predictor with a known answer"

    def _fit(self, x, y):
        rows = self._rows(x)
        inverse = np.linalg.inv(rows.T @ rows + 1e-6 * np.eye(rows.shape[1]))
        return inverse @ rows.T @ y, inverse

    def _predict(self, model, x):
        rows = self._rows(x)
        return Prediction(rows @ model[0], np.sqrt(((rows @ model[1]) * rows).sum(1)))

    def _rows(self, x):
        return np.insert(x, 0, 1.0, axis=1)


class Blind(Line):
    def _predict(self, model, x):
        return Prediction(np.zeros(len(x)), np.ones(len(x)))


class Sure(Line):
    def _predict(self, model, x):
        return Prediction(super()._predict(model, x).mean, np.full(len(x), 0.1))


class Variance(Line):
    def _predict(self, model, x):
        mean, sd = super()._predict(model, x)
        return Prediction(mean, -(sd**2))


class FromTheHashSeed(Line):
    def _fit(self, x, y):
        weights, inverse = super()._fit(x, y)
        return weights + abs(hash("seed")) % 97 / 1e4, inverse


class Counting(Line):
    _count = count()

    def _fit(self, x, y):
        weights, inverse = super()._fit(x, y)
        return weights + next(self._count) / 1e4, inverse


class Crowded(Line):
    def _predict(self, model, x):
        mean, sd = super()._predict(model, x)
        return Prediction(mean - mean.mean(), sd)


class Dividing(Line):
    def _rows(self, x):
        return np.insert(x / np.ptp(x, axis=0), 0, 1.0, axis=1)


class Raw(Line):
    def fit(self, x, y):
        super().fit(x, y)
        kept = self._kept["last"]
        model = self._fit(np.asarray(x), np.minimum(y, 3.0))
        self._kept["last"] = kept._replace(model=model)
        return self


class GlobalDice(Line):
    def _fit(self, x, y):
        np.random.rand()  # noqa: NPY002
        return super()._fit(x, y)


class Scribbling(Line):
    def _fit(self, x, y):
        x[:, 0] = 0
        return super()._fit(x, y)


class Anonymous(Line):
    source = " "


class TestLine(PredictorContract):
    def make(self, **options: Any) -> Predictor:
        return Line(**options)


def contract_of(kind: type[Predictor]) -> PredictorContract:
    body = {"make": lambda self, **options: kind(**options), "__module__": __name__}
    case = type(kind.__name__ + "Case", (PredictorContract,), body)
    globals()[case.__name__] = case  # another process finds it by name
    return case()


contract_of(FromTheHashSeed)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Blind, "test_learns_a_linear_function"),
        (Sure, "test_less_sure_away_from_what_was_fitted_if_it_says_so"),
        (Variance, "test_a_standard_deviation_is_never_below_zero"),
        (Counting, "test_same_seed_same_answers"),
        (Counting, "test_fit_forgets_what_was_fitted_before"),
        (FromTheHashSeed, "test_same_answers_from_another_process"),
        (Crowded, "test_a_row_alone_gets_its_answer_among_others"),
        (Dividing, "test_a_constant_column_does_no_harm"),
        (Raw, "test_shift_and_scale_of_the_results_carry_over"),
        (GlobalDice, "test_leaves_what_it_was_given_and_the_global_random_state_alone"),
        (Scribbling, "test_leaves_what_it_was_given_and_the_global_random_state_alone"),
        (Anonymous, "test_names_itself_and_its_source"),
    ],
)
def test_the_kit_catches_a_broken_promise(kind, promise):
    with pytest.raises((AssertionError, np.linalg.LinAlgError)):
        getattr(contract_of(kind), promise)()
