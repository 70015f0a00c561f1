"""Claims about searches: Table 5, the ranking of configurations, and learning while searching."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import correlation, hpo, hpo_table, online
from benchmarks.correlation_table import entries
from benchmarks.run import not_run
from subsel_automl.core.errors import BadInput

CHEAPER, POINTS, MORE_TAU, SHARE, GAIN = 8.0, 0.5, 0.05, 0.2, 0.5
OURS = ("subselnet", "subselnet-inductive", "subselnet-hybrid", "subselnet-online")
Rival = tuple[str, str, int]


def measure_hpo(quick: bool = False) -> dict[str, Any]:
    """Table 5 at 10 %: SubSelNet's best mode against full search, AUTOMATA and the controls."""
    if not quick:
        hpo.measure()
    rows = {entry["rival"]: entry for entry in hpo_table.entries(0.1)}
    full = rows.get(("full", "labels", 0))
    ours = [entry for rival, entry in rows.items() if rival[0] in OURS]
    if full is None or not ours:
        raise BadInput("no search is measured yet; run python -m benchmarks.hpo run")
    best = min(ours, key=lambda entry: entry["error"][0])
    controls = {_name(r): _told(e) for r, e in rows.items() if r[0] not in OURS}
    automata = rows.get(("automata", "labels", 0))
    near = float(np.mean(best["more_error"])) <= POINTS
    behind = [n for n, e in controls.items() if n != "full labels" and e["error"] < _least(best)]
    against = None if automata is None else bool(
        best["error"][0] < automata["error"][0] and best["cpu"][0] > automata["cpu"][0]
    )  # fmt: skip
    return {
        "best_subselnet": {"mode": _name(best["rival"]), **_told(best)},
        "full_error": round(full["error"][0], 2),
        "more_error_than_full": round(float(np.mean(best["more_error"])), 2),
        "subselnet": {_name(e["rival"]): _told(e) for e in ours},
        "controls": controls,
        "controls_ahead_by_more_than_the_error": behind,
        "better_than_automata_on_both_axes": against,
        "cells_not_run": not_run(hpo.PATH, hpo.cells()),
        "holds": bool(best["cpu"][0] >= CHEAPER and near and against and not behind),
    }


def _least(entry: dict[str, Any]) -> float:
    mean, error = entry["error"]
    return float(mean - (error if np.isfinite(error) else 0.0))


def _told(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "error": round(entry["error"][0], 2),
        "standard_error": _or_none(entry["error"][1]),
        "speedup_cpu": _or_none(entry["cpu"][0]),
        "speedup_wall": _or_none(entry["wall"][0]),
        "repeats": entry["repeats"],
    }


def _or_none(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None


def _name(rival: Rival) -> str:
    name, targets, redraw = rival
    return f"{name} {targets}" + (" redrawn" if redraw else "")


def measure_correlation(quick: bool = False) -> dict[str, Any]:
    """At r = 0.1: Kendall's tau of the best SubSelNet mode against random's and equal steps."""
    if not quick:
        correlation.measure()
    found = {mode: summed for mode, summed, _ in entries(0.1)}
    ours = {mode: s for mode, s in found.items() if mode[0] in OURS}
    if not ours:
        raise BadInput("no ranking is measured yet; run python -m benchmarks.correlation run")
    best = max(ours, key=lambda mode: ours[mode]["kendall"][0])
    tau = ours[best]["kendall"][0]
    rivals = {_name(m): s["kendall"][0] for m, s in found.items() if m[0] in ("random", "full")}
    return {
        "best_subselnet": [_name(best), *[round(x, 3) for x in ours[best]["kendall"]]],
        "rivals": {name: round(value, 3) for name, value in rivals.items()},
        "table": {
            _name(mode): {m: [_or_none(x) for x in pair] for m, pair in summed.items()}
            for mode, summed in found.items()
        },
        "cells_not_run": not_run(correlation.PATH, correlation.cells()),
        "holds": bool(
            tau >= found[("random", "labels", 0)]["kendall"][0] + MORE_TAU
            and tau >= found[("full", "labels", 0)]["kendall"][0] + MORE_TAU
        ),
    }


def measure_online(quick: bool = False) -> dict[str, Any]:
    """48 trials from nothing: cost against full search, accuracy against all data, equal steps."""
    if not quick:
        online.measure()
    found = online.summary()
    if not found["repeats"]:
        raise BadInput("no pair of searches is measured yet; run python -m benchmarks.online run")
    quarters = found["gain_by_quarter"]
    cheap = found["cost_of_full"] is not None and found["cost_of_full"] < SHARE
    never_below = all(mean >= -(0.0 if np.isnan(error) else error) for mean, error in quarters)
    ahead = all(mean >= GAIN for mean, _ in quarters[-2:])
    winner = found["test_error"][0] <= found["rival_test_error"][0] + _spread(found)
    return {
        **{name: _plain(value) for name, value in found.items()},
        "bars": {
            "below_a_fifth_of_full": bool(cheap),
            "never_below_by_more_than_the_spread": never_below,
            "half_a_point_ahead_in_the_last_two_quarters": ahead,
            "winner_no_worse": bool(winner),
        },
        "cells_not_run": not_run(online.PATH, online.cells()),
        "holds": bool(cheap and never_below and ahead and winner),
    }


def _spread(found: dict[str, Any]) -> float:
    errors = [found["test_error"][1], found["rival_test_error"][1]]
    return float(np.nansum(errors)) / 2


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _or_none(value) if isinstance(value, float) else value
