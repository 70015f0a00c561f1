"""The predictors that have a name: "name" -> "module:class". A new one is a file and a line here;
packages outside add theirs with the entry-point groups `subsel_automl.predictors` and
`subsel_automl.curve_predictors` (name -> class).

Those of VECTORS predict results from vectors of architectures, those of CURVES how learning curves
go on; a name is in one of the two.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import BadInput
from ..core.open_table import OpenTable
from .base import Predictor
from .curve_base import CurvePredictor

VECTORS: dict[str, str] = {
    "dngo": "predictors.dngo:Dngo",
    "forest": "predictors.forest:Forest",
    "gp": "predictors.gp:GaussianProcess",
    "subselnet": "predictors.subselnet:Foretold",
}
CURVES: dict[str, str] = {
    "last": "predictors.last:Last",
    "lcsvr": "predictors.lcsvr:LcSvr",
    "ridge": "predictors.ridge:Ridge",
    "svd": "predictors.surrogate:Surrogate",
    "wpm": "predictors.wpm:Wpm",
}
PREDICTORS = {**VECTORS, **CURVES}
_OPEN: OpenTable[Predictor] = OpenTable("predictor", Predictor, VECTORS, "subsel_automl.predictors")
_OF_CURVES: OpenTable[CurvePredictor] = OpenTable(
    "curve predictor", CurvePredictor, CURVES, "subsel_automl.curve_predictors"
)


def predictor_names() -> list[str]:
    """Names of the package's predictors of results and of installed plug-ins."""
    return _OPEN.names()


def predictor_class(name: str) -> type[Predictor]:
    """The class behind a predictor's name.

    Raises:
        UnknownName: the nearest known name is offered.
        BadInput: a plug-in that is no Predictor, or a predictor of curves.
    """
    if name in CURVES:
        raise BadInput(
            f"predictor {name!r} reads learning curves, not vectors; curve_predictor({name!r}) "
            f"makes it. Of vectors there are {', '.join(predictor_names())}"
        )
    return _OPEN.found(name)


def predictor(name: str, **options: Any) -> Predictor:
    """A predictor, not yet fitted.

    Raises:
        UnknownName: no such predictor.
        BadInput: options that the predictor does not take, or a predictor of curves.
    """
    predictor_class(name)
    return _OPEN.made(name, options)


def curve_predictor_names() -> list[str]:
    """Names of the package's predictors of curves and of installed plug-ins."""
    return _OF_CURVES.names()


def curve_predictor_class(name: str) -> type[CurvePredictor]:
    """The class behind the name of a predictor of curves.

    Raises:
        UnknownName: the nearest known name is offered.
        BadInput: a plug-in that is no CurvePredictor, or a predictor of vectors.
    """
    if name in VECTORS:
        raise BadInput(
            f"predictor {name!r} reads vectors, not learning curves; of curves there are "
            f"{', '.join(curve_predictor_names())}"
        )
    return _OF_CURVES.found(name)


def curve_predictor(name: str, **options: Any) -> CurvePredictor:
    """A predictor of curves, not yet fitted.

    Raises:
        UnknownName: no such predictor.
        BadInput: options that the predictor does not take, or a predictor of vectors.
    """
    curve_predictor_class(name)
    return _OF_CURVES.made(name, options)
