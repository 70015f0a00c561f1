"""Ray Tune on subsets. The names that scripts use, loaded when first used:

with_subset, subset_loader          the user's own training function or class (`wrap`)
SubsetTrainable, TrialTask          our own trial (`trainable`); `search.search` runs many
LedgerCallback                      what trials cost, written by the driver
CurveStopper                        a scheduler that stops by learning curves
asha, tpe, start_ray                presets
StateKeeper, checkpoints, mend_for_restore    a search that outlives its driver
"""

from __future__ import annotations

import importlib

_PUBLIC = {
    "CurveStopper": "stopper",
    "LedgerCallback": "ledger",
    "StateKeeper": "restore",
    "SubsetTrainable": "trainable",
    "TrialTask": "trainable",
    "asha": "presets",
    "checkpoints": "restore",
    "current_subset": "wrap",
    "mend_for_restore": "restore",
    "start_ray": "presets",
    "subset_loader": "wrap",
    "tpe": "presets",
    "with_subset": "wrap",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
