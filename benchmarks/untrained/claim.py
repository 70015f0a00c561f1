"""Claim: g_beta foretells the order of networks that nobody trained.

    python -m benchmarks.claims run predict-untrained  [--quick]

A full run trains every network and makes every score that is not yet among the results; --quick
reads the rows. It holds if tau of the foretold accuracy is above that of the parameter count on the
networks of the zoo, the whole paired interval, on 24 or more; the tables stand beside.
"""

from __future__ import annotations

import math
from typing import Any

from benchmarks.run import not_run
from benchmarks.statistics import Estimate
from subsel_automl.core.errors import BadInput

from .ranked import OURS, PLAIN, Ranked, ranked
from .run import PATH, cells
from .run import measure as run
from .studies import BUNDLES

LEAST = 24
SAID = {
    "better": "above the parameter count",
    "tie": "no better than the parameter count",
    "worse": "below the parameter count",
}


def measure(quick: bool = False) -> dict[str, Any]:
    """Rank correlations by study and score."""
    if not quick:
        run()
    found = {which: of for which in BUNDLES if (of := ranked(which))}
    if not found:
        raise BadInput("nothing is measured yet; run python -m benchmarks.untrained run")
    zoo = found.get("zoo", {})
    enough = bool(zoo) and zoo[OURS].tau.units >= LEAST
    said = {which: _said(of) for which, of in found.items()}
    missing = not_run(PATH, cells())
    return {
        "studies": {which: _plain(of) for which, of in found.items()},
        "said_of_g_beta": said,
        "zoo_mean": "tau 0, by definition",
        "networks": zoo[OURS].tau.units if zoo else 0,
        "cells_not_run": missing,
        "holds": bool(enough and not missing and said["zoo"] == SAID["better"]),
    }


def _said(found: dict[str, Ranked]) -> str:
    if PLAIN not in found or (less := found[PLAIN].ours_less) is None:
        return "not run"
    return SAID[less.verdict()]


def _plain(found: dict[str, Ranked]) -> dict[str, Any]:
    return {
        name: {
            "kendall": _told(one.tau),
            "spearman": None if math.isnan(one.rho) else round(one.rho, 3),
            "g_beta_less": _told(one.ours_less),
        }
        for name, one in found.items()
    }


def _told(one: Estimate | None) -> dict[str, Any] | None:
    """None of a constant ranking, and of g_beta less itself."""
    return None if one is None or math.isnan(one.value) else one.plain(3)
