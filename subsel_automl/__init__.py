"""subsel_automl: train every trial of a search on the few examples that its architecture needs.

The public names are loaded when first used: importing the package needs numpy alone.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "AmortizationLedger": "core.ledger",
    "Architecture": "core.architecture",
    "Budget": "core.budget",
    "Pool": "core.pool",
    "Subset": "core.subset",
    "SubsetFeed": "core.feed",
    "SubsetLoader": "training.loader",
    "SubsetProvider": "core.provider",
    "SubselError": "core.errors",
    "SubSelNet": "subselnet.pipeline",
    "dataset": "catalog",
    "provider": "catalog",
    "search_space": "catalog",
}

__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
