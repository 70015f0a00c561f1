"""Moved: `subsel_automl.integrations.ray.wrap`. This path goes with the next version."""

import warnings

from .ray.wrap import current_subset, subset_loader, with_subset

__all__ = ["current_subset", "subset_loader", "with_subset"]

warnings.warn(
    "subsel_automl.integrations.ray_function has moved: "
    "import subsel_automl.integrations.ray.wrap instead",
    DeprecationWarning,
    stacklevel=2,
)
