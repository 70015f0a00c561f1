"""Figs. 3.3 and 3.5 as a table: a line a view, the thesis' numbers beside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks import paper_nas
from benchmarks.statistics import mean_interval

from .cells import ANY, LENGTH, NEIGHBOURS, PAIRS, SEEDS, STEPS, VIEWS, rows

SHOWN = ("1", "2", "4", "8", "12")  # edits


def tables() -> str:
    paper = paper_nas.rows("arch2vec", "Fig. 3.5")
    lines = [
        f"Fig. 3.5: mean edits of a step, {STEPS} steps from nearest to nearest of all cells, "
        f"{SEEDS[NEIGHBOURS]} starts; Fig. 3.3: Spearman correlation of L2 and edits over all "
        f"pairs of {LENGTH:,} cells of a random walk, {SEEDS[PAIRS]} walks; mean L2 of pairs so "
        "many edits apart, of all pairs 1",
        "",
        "| vectors | edits of a step | paper | Spearman | L2 at " + " | ".join(SHOWN) + " edits |",
        "|" + "---|" * (4 + len(SHOWN)),
    ]
    for view, pooling in VIEWS:
        steps = [row["mean_edits"] for row in rows(NEIGHBOURS, view, pooling)]
        pairs = rows(PAIRS, view, pooling)
        printed = paper[view]["edits"] if (view, pooling) == ("arch2vec", "own") else ""
        ranks = "" if view == ANY else _said([row["spearman"] for row in pairs], 2)
        lengths = [
            _mean([row["l2_by_edits"][count] for row in pairs if count in row["l2_by_edits"]])
            for count in SHOWN
        ]
        name = ", ".join(filter(None, (view, pooling)))
        line = [name, _said(steps, 1), f"{printed}", ranks, *lengths]
        lines.append(f"| {' | '.join(line)} |")
    blank = " |" * len(SHOWN)
    lines.append(f"| supervised | not run | {paper['supervised']['edits']} | not run |{blank}")
    return "\n".join(lines)


def _said(values: Sequence[float], digits: int) -> str:
    if not values:
        return "not run"
    found = mean_interval(values)
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f}" if values else ""
