"""subsel_automl: train every trial of a search on the few examples that its architecture needs.

The public names are loaded when first used: importing the package needs numpy alone.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "AmortizationLedger": "core.ledger",
    "ArchitectureError": "core.errors",
    "BadInput": "core.errors",
    "BudgetError": "core.errors",
    "DamagedArtefact": "core.errors",
    "MissingData": "core.errors",
    "MissingNeed": "core.errors",
    "PoolError": "core.errors",
    "RefusedArtefact": "core.errors",
    "UnknownName": "core.errors",
    "Needs": "core.request",
    "Request": "core.request",
    "SoftTargets": "core.feed",
    "Architecture": "core.architecture",
    "Budget": "core.budget",
    "Pool": "core.pool",
    "Subset": "core.subset",
    "SubsetFeed": "core.feed",
    "SubsetLoader": "hosting.loader",
    "SubsetProvider": "core.provider",
    "SubsetSearch": "hosting.search",
    "SubselError": "core.errors",
    "SubSelNet": "subselnet.transductive",
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
