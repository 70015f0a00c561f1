"""Regret by epochs spent, differences seed by seed, and Fig. 5.8.

The thesis draws its Figs. 5.4, 5.5 and 5.8 and prints no numbers: "WPM and SVR improve all
algorithms in almost all settings", "the LcSVR variant often outperforms the WPM variant", about
20 % of the epochs is best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.statistics import Estimate, mean_interval, paired

from .cells import AT, EXTRAPOLATORS, FEWS, LEARNED, NONE, SEARCHES, SWEPT, SWEPT_BY, regret, rows

MIDDLE = AT[1]


def less(ours: Mapping[int, Any], theirs: Mapping[int, Any], at: int) -> Estimate | None:
    """Regret of ours less theirs over the seeds that both have; below 0 ours is better."""
    seeds = sorted(set(ours) & set(theirs))
    if not seeds:
        return None
    mine, other = ({seed: regret(of[seed], at) for seed in seeds} for of in (ours, theirs))
    return paired(mine, other)


def tables() -> str:
    parts = [_regrets(search) for search in SEARCHES]
    return "\n\n".join([*parts, _sweep()])


def _regrets(search: str) -> str:
    lines = [
        f"`{search}`: regret in nats after {AT[0]:,}, {AT[1]:,}, {AT[2]:,} epochs",
        "",
        f"| foretold by | {' | '.join(f'{at:,}' for at in AT)} | less none, {MIDDLE:,} | "
        f"less last, {MIDDLE:,} | tried | stopped | ended | CPU s | seeds |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    none, last = rows(search, NONE), rows(search, "last")
    for by in (NONE, *EXTRAPOLATORS):
        mine = rows(search, by)
        if not mine:
            lines.append(f"| {by or 'none'} | not run |")
            continue
        each = list(mine.values())
        told = [f"{np.mean([regret(row, at) for row in each]):.3f}" for at in AT]
        beside = [_told(less(mine, none, MIDDLE)) if by else ""]
        beside.append(_told(less(mine, last, MIDDLE)) if by in LEARNED else "")
        ended = ", ".join(f"{n} {how}" for how, n in Counter(r["ended"] for r in each).items())
        counts = [f"{np.mean([row[name] for row in each]):.0f}" for name in ("tried", "stopped")]
        cpu = f"{np.mean([row['cpu_seconds'] for row in each]):.2f}"
        line = [by or "none", *told, *beside, *counts, ended, cpu, str(len(each))]
        lines.append(f"| {' | '.join(line)} |")
    return "\n".join(lines)


def _sweep() -> str:
    lines = [
        f"Fig. 5.8: regret in nats after {MIDDLE:,} epochs, judged after so many of 50",
        "",
        f"| search | foretold by | {' | '.join(map(str, FEWS))} |",
        f"|---|---|{'---|' * len(FEWS)}",
    ]
    for search in SWEPT:
        for by in SWEPT_BY:
            told = []
            for few in FEWS:
                values = [regret(row, MIDDLE) for row in rows(search, by, few).values()]
                told.append(_interval(mean_interval(values)) if values else "not run")
            lines.append(f"| {search} | {by} | {' | '.join(told)} |")
    return "\n".join(lines)


def _interval(found: Estimate) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _told(found: Estimate | None) -> str:
    return "not run" if found is None else _interval(found)
