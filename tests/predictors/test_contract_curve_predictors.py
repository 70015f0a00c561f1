"""The contract over every curve predictor of the catalog and every plug-in."""

from __future__ import annotations

import pytest

from subsel_automl import catalog
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.testing import CurvePredictorContract

MOST_ERROR = {"last": 1.01}  # it is the control
QUICK = {"lcsvr": {"draws": 20}, "wpm": {"sweeps": 20}}  # options that make a fit quick


def class_name(name: str) -> str:
    return "Test" + "".join(part.capitalize() for part in name.split("-"))


def quick(self, **options):
    return catalog.curve_predictor(self.name, **{**QUICK.get(self.name, {}), **options})


for _name in catalog.curve_predictor_names():
    globals()[class_name(_name)] = type(
        class_name(_name),
        (CurvePredictorContract,),
        {
            "name": _name,
            "most_error": MOST_ERROR.get(_name, 0.5),
            "make": quick,
            "__module__": __name__,
        },
    )


def test_every_name_of_the_catalog_is_under_contract():
    assert {*catalog.PREDICTORS} == {
        *catalog.predictor_names(),
        *catalog.curve_predictor_names(),
    }
    assert all(class_name(name) in globals() for name in catalog.curve_predictor_names())


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownName, match=r"no curve predictor is called 'lcsv'.*mean 'lcsvr'"):
        catalog.curve_predictor("lcsv")


def test_a_predictor_of_curves_is_no_predictor_of_vectors():
    with pytest.raises(BadInput, match=r"'lcsvr' reads learning curves, not vectors"):
        catalog.predictor("lcsvr")


def test_a_predictor_of_vectors_is_no_predictor_of_curves():
    with pytest.raises(BadInput, match=r"'gp' reads vectors, not learning curves; .* last"):
        catalog.curve_predictor("gp")
