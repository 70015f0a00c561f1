"""Searches of the catalog over trainings of the bit strings, that may end early."""

from __future__ import annotations

from bit_curves import EPOCHS, Grown
from bit_space import bits_encoder

from subsel_automl.catalog import search_class
from subsel_automl.search.multi_fidelity import MultiFidelity

MODEL = {"encoder": bits_encoder(), "predictor": "gp", "initial": 8, "chosen": 8, "candidates": 30}
LOCAL = {**MODEL, "fit_epochs": 0}
SIZES = {"bo": MODEL, "bo-local": LOCAL, "rl": {"encoder": bits_encoder(), "candidates": 60}}
SIZES["evolution"] = {"population": 6, "tournament": 3}
TOTAL = 18 * EPOCHS + 7


def raced(name="random", objective=None, seed=0, total=TOTAL, run=None, **options):
    search = search_class(name)(**SIZES.get(name, {}))
    asked = MultiFidelity(search=search, epochs_total=total, **options)
    return asked.query(Grown() if objective is None else objective, seed=seed, **(run or {}))


def keys(found):
    return [one.architecture.key for one in found.trainings]
