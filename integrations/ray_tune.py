"""Moved: `subsel_automl.integrations.ray.search`. This path goes with the next version."""

import warnings

from .ray.search import (
    LedgerCallback,
    SearchOutcome,
    SubsetTrainable,
    TrialTask,
    asha,
    search,
    start_ray,
    tpe,
)

__all__ = [
    "LedgerCallback",
    "SearchOutcome",
    "SubsetTrainable",
    "TrialTask",
    "asha",
    "search",
    "start_ray",
    "tpe",
]

warnings.warn(
    "subsel_automl.integrations.ray_tune has moved: "
    "import subsel_automl.integrations.ray.search instead",
    DeprecationWarning,
    stacklevel=2,
)
