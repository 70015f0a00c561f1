"""Claim: trials are stopped by their curves at no loss of the winner.

    python -m benchmarks.claims run stopper  [--quick]

A full run measures what is not yet among the rows; --quick reads the rows. It holds if the regret
on the NAS-Bench-NLP orders at 2,000 epochs is at most 0.10, learned rules are nowhere worse than
`last` by more than a standard error, and in real searches the default spares epochs of ASHA and of
median pruning, the whole paired interval, and is not clearly behind either in its winner.
"""

from __future__ import annotations

import math
from typing import Any

from benchmarks.run import not_run
from benchmarks.statistics import Estimate, mean_and_error, mean_interval, paired
from subsel_automl.core.errors import BadInput

from . import orders
from .run import PATH, cells
from .run import measure as run
from .table import CONTROL, lost, of_host, of_orders, regrets, spared

MOST, AT, OURS, RIVALS = 0.10, 2_000, "curves", ("asha", "median")
LEARNED = [name for name in orders.RULES if not name.startswith("last")]


def measure(quick: bool = False) -> dict[str, Any]:
    """Regret of each stopper at each budget; epochs spared and points lost against each rival."""
    if not quick:
        run()
    found = of_orders()
    base = regrets(found, "last", AT)
    if not base:
        raise BadInput("nothing is measured yet; run python -m benchmarks.stopper run")
    missing = not_run(PATH, cells())
    learned = {name: _worse(regrets(found, name, AT), base) for name in LEARNED}
    hosts = {host: _host(host) for host in ("optuna", "ray")}
    pairs = [hosts[host]["against"].get(rival) for host in hosts for rival in RIVALS]
    own = all(pair is not None and pair["spares"] and not pair["loses"] for pair in pairs)
    regret = mean_interval(list(base.values()))
    return {
        "regret": {
            name: {
                str(b): _interval(list(regrets(found, name, b).values())) for b in orders.BUDGETS
            }
            for name in (*orders.RULES, *orders.PRUNERS)
        },
        "errors_worse_than_last": learned,
        "hosts": hosts,
        "regret_bar_holds": regret.value <= MOST and all(e <= 1 for e in learned.values()),
        "spares_at_the_same_winner": own,
        "cells_not_run": missing,
        "holds": bool(
            not missing
            and regret.value <= MOST
            and all(errors <= 1 for errors in learned.values())
            and own
        ),
    }


def _worse(rule: dict[int, float], base: dict[int, float]) -> float:
    """Standard errors by which a rule's regret is above that of `last`, order by order."""
    mean, error = mean_and_error([rule[order] - base[order] for order in base if order in rule])
    if error == 0:
        return 0.0 if mean <= 0 else math.inf
    return round(mean / error, 2)


def _host(host: str) -> dict[str, Any]:
    found = of_host(host)
    truth = found.get(CONTROL, {})
    against = {}
    for rival in RIVALS:
        less = spared(found.get(OURS, {}), found.get(rival, {}))
        ours, theirs = (lost(found.get(name, {}), truth) for name in (OURS, rival))
        both = sorted(set(ours) & set(theirs))
        if less is None or len(both) < 2:
            continue
        more = paired({s: ours[s] for s in both}, {s: theirs[s] for s in both})
        same = [s for s in both if ours[s] == theirs[s] == 0]
        alike = spared(*({s: found[name][s] for s in same} for name in (OURS, rival)))
        against[rival] = {
            "spared": less.plain(3),
            "spared_where_both_win": None if alike is None else alike.plain(3),
            "lost_more": more.plain(3),
            "spares": less.low > 0,
            "loses": more.low > 0,
        }
    stoppers = {
        name: {
            "epochs": _interval([float(row["epochs"]) for row in rows.values()]),
            "points_lost": _interval(list(lost(rows, truth).values())),
            "same_winner": sum(value == 0 for value in lost(rows, truth).values()),
            "searches": len(rows),
        }
        for name, rows in found.items()
    }
    return {"stoppers": stoppers, "against": against}


def _interval(values: list[float]) -> dict[str, Any] | None:
    if not values:
        return None
    found: Estimate = mean_interval(values)
    return found.plain(3)
