"""Claim: where knowing the architecture clearly helps, g_beta keeps at least half of that.

    python -m benchmarks.claims run architecture-matters  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Differences are of the same network, seed, draw and initial weights, in points of test
accuracy:

    oracle   own answers less the mean of the other networks'
    g_beta   g_beta's answers less that mean
    mean     that mean less a uniform subset of the same size with labels

Intervals are over networks, whose seeds stay together; of one network, over its seeds. The oracle
clearly helps where its whole interval is above 0. That is asked of 13 regimes, and of ten networks
in each, so that a few intervals above 0 may be chance.

Deviations: [1] the oracle is one training of the network. What such a training does by chance is no
knowledge of the architecture, and the mean of nine networks has less of it; an oracle that were the
mean of many trainings might do better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.run import not_run, rows_of
from benchmarks.statistics import Estimate, mean_interval
from subsel_automl.core.errors import BadInput

from .answers import SOURCES
from .family import FAMILY
from .run import NONE, PATH, SEEDS, arms, cells
from .run import measure as train

KEPT = 0.5
NO_GAIN = (
    "no approximator can gain from knowing the architecture here, over all networks and as far as "
    "one training of each tells"
)
Regime = tuple[str, str, str, float]  # subset, rule, targets, budget
Accuracies = Mapping[tuple[Any, ...], float]


def measure(quick: bool = False) -> dict[str, Any]:
    """What knowing the architecture is worth, by regime, and the sentence that follows."""
    if not quick:
        train()
    rows = rows_of(PATH, cells())
    if not rows:
        raise BadInput("nothing is measured yet; run python -m benchmarks.architecture_matters run")
    found = {_named(regime): compared(_by_key(rows), regime) for regime in regimes()}
    by_network = _by_network(_by_key(rows))
    helps = [name for name, one in found.items() if _clear(one["oracle"])]
    missing = not_run(PATH, cells())
    return {
        "regimes": found,
        "all_data_over_redrawn_labels": _over_all(_by_key(rows)),
        "oracle_by_network": by_network,
        "answers": _answers(rows),
        "oracle_clearly_helps": helps,
        "sentence": sentence(found, by_network),
        "cells_not_run": missing,
        "holds": missing == 0 and all(keeps(found[name]) for name in helps),
    }


def regimes() -> list[Regime]:
    """Those in which answers of all three sources are tried."""
    found = [
        (arm["subset"], arm["rule"], arm["targets"], arm["budget"])
        for arm in arms()
        if arm["answers"] == "own"
    ]
    return sorted(found, key=lambda one: (one[0], one[2], one[1] != "uniform", one[3]))


def compared(accuracies: Accuracies, regime: Regime) -> dict[str, Any]:
    """The three differences over all networks, and each network's."""
    subset, _, _, budget = regime
    plain = (subset, "uniform", "labels", budget, NONE)
    own, mean, g_beta = ((*regime, source) for source in SOURCES)
    pairs = {"oracle": (own, mean), "g_beta": (g_beta, mean), "mean": (mean, plain)}
    return {name: _difference(accuracies, *pair) for name, pair in pairs.items()}


def keeps(regime: Mapping[str, Any]) -> bool:
    """g_beta has at least half of the oracle's lead over the mean."""
    oracle, g_beta = regime["oracle"], regime["g_beta"]
    return g_beta is not None and g_beta["value"] >= KEPT * oracle["value"]


def sentence(found: Mapping[str, Any], by_network: Mapping[str, Any]) -> str:
    """What the regimes say, in words; without any, the networks that gain for themselves."""
    told = [
        f"{name} {_points(one['oracle'])} (of networks alone: {_alone(one)}; g_beta "
        f"{_points(one['g_beta'])})"
        for name, one in found.items()
        if _clear(one["oracle"])
    ]
    if not told:
        gain = [
            f"{name} {_points(one)} with {targets}"
            for name, each in by_network.items()
            for targets, one in each.items()
            if _clear(one)
        ]
        return f"{NO_GAIN}; networks alone that gain: {', '.join(gain) or 'none'}"
    return f"knowing the architecture adds points with {'; '.join(told)}; nowhere else"


def _points(one: Mapping[str, Any] | None) -> str:
    return "not run" if one is None else f"{one['value']:+.2f}"


def _alone(regime: Mapping[str, Any]) -> str:
    """The networks whose own interval is above 0."""
    found = [name for name, one in regime["oracle"]["networks"].items() if _clear(one)]
    return ", ".join(found) or "none"


def _clear(one: Mapping[str, Any] | None) -> bool:
    low = None if one is None else one["interval"][0]
    return low is not None and low > 0


def _named(regime: Regime) -> str:
    subset, rule, targets, budget = regime
    return f"{subset} {100 * budget:g} %, {rule}, {targets}"


def _by_key(rows: list[dict[str, Any]]) -> Accuracies:
    names = ("subset", "rule", "targets", "budget", "answers", "network", "seed")
    return {tuple(row["cell"][name] for name in names): row["test_accuracy"] for row in rows}


def _difference(
    accuracies: Accuracies, ours: tuple[Any, ...], theirs: tuple[Any, ...]
) -> dict[str, Any] | None:
    """Over the networks and seeds that both arms have."""
    pairs = {
        (name, seed): ((*ours, name, seed), (*theirs, name, seed))
        for name in FAMILY
        for seed in range(SEEDS)
    }
    more = {
        key: 100 * (accuracies[one] - accuracies[two])
        for key, (one, two) in pairs.items()
        if one in accuracies and two in accuracies
    }
    if not more:
        return None
    each = {name: [v for (network, _), v in more.items() if network == name] for name in FAMILY}
    over: Estimate = mean_interval(list(more.values()), [name for name, _ in more])
    return {
        **over.plain(),
        "pairs": len(more),
        "networks": {
            name: mean_interval(values).plain() for name, values in each.items() if values
        },
    }


def _over_all(accuracies: Accuracies) -> dict[str, Any] | None:
    return _difference(
        accuracies,
        ("fixed", "uniform", "labels", 1.0, NONE),
        ("redrawn", "uniform", "labels", 0.1, NONE),
    )


def _by_network(accuracies: Accuracies) -> dict[str, dict[str, Any]]:
    """The oracle's lead in all regimes with labels, and with soft targets; seeds stay together."""
    found: dict[str, dict[str, Any]] = {}
    for name in FAMILY:
        for targets in ("labels", "soft"):
            leads = [
                (seed, 100 * (accuracies[own] - accuracies[mean]))
                for regime in regimes()
                if regime[2] == targets
                for seed in range(SEEDS)
                for own, mean in [((*regime, "own", name, seed), (*regime, "mean", name, seed))]
                if own in accuracies and mean in accuracies
            ]
            if leads:
                over = mean_interval([lead for _, lead in leads], [seed for seed, _ in leads])
                found.setdefault(name, {})[targets] = over.plain()
    return found


def _answers(rows: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """By network and source: share right, and Spearman of losses with the network's other
    teachers, mean over the teachers' seeds."""
    seen: dict[tuple[str, str], set[tuple[float, float]]] = {}
    for row in rows:
        if row["cell"]["answers"] != NONE:
            key = row["cell"]["network"], row["cell"]["answers"]
            seen.setdefault(key, set()).add((row["answers_right"], row["answers_spearman"]))
    found: dict[str, dict[str, dict[str, float]]] = {}
    for (network, source), told in sorted(seen.items()):
        right, agrees = (round(float(x), 3) for x in np.mean(sorted(told), axis=0))
        found.setdefault(network, {})[source] = {"right": right, "spearman": agrees}
    return found
