"""Moved: `subsel_automl.nas`. This path goes with the next version."""

import warnings

from ..nas import search

__all__ = ["search"]

warnings.warn(
    "subsel_automl.integrations.darts has moved: import subsel_automl.nas instead",
    DeprecationWarning,
    stacklevel=2,
)
