"""What a search leaves: the cell, how it came about, what it cost, whether it collapsed.

Collapse: the (normal) cell is nothing but skip_connect and `none`; `skip_share` is the share of
skip_connect among its edges that are not `none` (Moser et al. 2024 count skip-only cells).

Deviations: none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.architecture import Architecture
from ..core.summary import SearchSummary
from .cells import Cells
from .run import Run


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found, and what it cost.

    Attributes:
        genotype: the cell in words.
        curve: an entry an epoch: see `entry`.
        costs: seconds, cpu_seconds (selecting included), select_seconds, select_cpu_seconds,
            weight_steps, architecture_steps, evaluations.
        collapsed: the cell is nothing but skip connections.
        skip_share: of its kept edges.
        notes: what this kind of search adds.
        summary: what it cost and saved.
    """

    search: str
    architecture: Architecture
    genotype: Mapping[str, Any]
    curve: list[dict[str, Any]]
    costs: Mapping[str, float]
    collapsed: bool
    skip_share: float
    notes: Mapping[str, Any] = field(default_factory=dict)
    summary: SearchSummary | None = None


def entry(run: Run, cells: Cells, examples: int, loss: float) -> dict[str, Any]:
    """One epoch: the cell that the feed was asked about, and how training went."""
    before = sum(one["steps"] for one in run.curve)
    return {
        "epoch": run.epoch,
        "key": run.plan.architecture(cells).key,
        "genotype": run.plan.genotype(cells),
        "skip_share": run.plan.skip_share(cells),
        "collapsed": run.plan.collapsed(cells),
        "examples": examples,
        "steps": int(run.costs["weight_steps"]) - before,
        "loss": loss if math.isfinite(loss) else None,
    }


def result(search: str, run: Run, cells: Cells) -> SearchResult:
    """At the end of a search."""
    plan = run.plan
    return SearchResult(
        search,
        plan.architecture(cells),
        plan.genotype(cells),
        run.curve,
        dict(run.costs),
        plan.collapsed(cells),
        plan.skip_share(cells),
        dict(run.notes),
    )
