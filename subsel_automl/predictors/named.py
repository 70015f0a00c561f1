"""The predictors that have a name: "name" -> "module:class". A new one is a file and a line here;
packages outside add theirs with the entry-point group `subsel_automl.predictors` (name -> class).
"""

from __future__ import annotations

from typing import Any

from ..core.open_table import OpenTable
from .base import Predictor

PREDICTORS: dict[str, str] = {
    "dngo": "predictors.dngo:Dngo",
    "forest": "predictors.forest:Forest",
    "gp": "predictors.gp:GaussianProcess",
    "subselnet": "predictors.subselnet:Foretold",
}
_OPEN: OpenTable[Predictor] = OpenTable(
    "predictor", Predictor, PREDICTORS, "subsel_automl.predictors"
)


def predictor_names() -> list[str]:
    """Names of the package's predictors and of installed plug-ins."""
    return _OPEN.names()


def predictor_class(name: str) -> type[Predictor]:
    """The class behind a predictor's name.

    Raises:
        UnknownName: the nearest known name is offered.
        BadInput: a plug-in that is no Predictor.
    """
    return _OPEN.found(name)


def predictor(name: str, **options: Any) -> Predictor:
    """A predictor, not yet fitted.

    Raises:
        UnknownName: no such predictor.
        BadInput: options that the predictor does not take.
    """
    return _OPEN.made(name, options)
