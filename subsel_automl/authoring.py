"""What an author of a selector or of a predictor imports, in the project or outside of it.

    class FarFromMean(SubsetProvider):
        name, source, equivariant = "far-from-mean", "this page", True

        def _select(self, request: Request) -> Subset:
            x = request.pool.features
            return Subset(draws.top_b(np.linalg.norm(x - x.mean(0), axis=1), request.count))

`subsel_automl.testing.ProviderContract` holds the tests that every provider passes,
`PredictorContract` and `CurvePredictorContract` those of predictors.
"""

from __future__ import annotations

from .core.architecture import Architecture
from .core.budget import Budget
from .core.errors import BadInput, MissingNeed, SubselError, UnknownName
from .core.lesson import Lesson
from .core.pool import Pool
from .core.probe import Probe, Recorded
from .core.provider import SubsetProvider
from .core.request import Mode, Needs, Request
from .core.subset import Provenance, Subset
from .core.zoo import Zoo
from .maths import draws, scores
from .predictors.base import Prediction, Predictor
from .predictors.curve_base import CurvePrediction, CurvePredictor

__all__ = [
    "Architecture",
    "BadInput",
    "Budget",
    "CurvePrediction",
    "CurvePredictor",
    "Lesson",
    "MissingNeed",
    "Mode",
    "Needs",
    "Pool",
    "Prediction",
    "Predictor",
    "Probe",
    "Provenance",
    "Recorded",
    "Request",
    "SubselError",
    "Subset",
    "SubsetProvider",
    "UnknownName",
    "Zoo",
    "draws",
    "scores",
]
