"""Which cells ranking and overlap are made of, and what their rows say."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.run import RESULTS, read_rows
from benchmarks.statistics import mean_and_error
from benchmarks.trials import FASHION, cell
from subsel_automl.maths.metrics import (
    chance_jaccard,
    jaccard,
    kendall_tau,
    regret,
)

RANKERS = (
    ("subselnet", "labels"),
    ("subselnet-inductive", "labels"),
    ("random", "labels"),
    ("zoo-mean", "labels"),
    ("subselnet", "soft"),
    ("facility-location", "labels"),  # half a minute a subset
)
TRUTH_PASSES, RANK_SHARE, OVERLAP_SHARE = 1, 0.05, 0.1
TOPS = (15, 5)
OVERLAPS = ("subselnet", "glister", "grad-match")
RANK_ROWS, OVERLAP_ROWS = RESULTS / "overlap_rank.jsonl", RESULTS / "overlap_jaccard.jsonl"


def rank_cells() -> list[dict[str, Any]]:
    """The truth, then every ranker."""
    count = len(settings.architectures()["ranking"])
    passes = settings.DATA[FASHION].epochs
    truth = [
        cell(i, "full", 1.0, "labels", None, 0, role="ranking", passes=TRUTH_PASSES)
        for i in range(count)
    ]
    return truth + [
        cell(i, name, RANK_SHARE, targets, None, 0, role="ranking", passes=passes)
        for name, targets in RANKERS
        for i in range(count)
    ]


def rank_table() -> list[dict[str, Any]]:
    """A row a ranker: tau, Jaccard of the best, regret; over the architectures that both ran."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    for row in read_rows(RANK_ROWS):
        c = row["cell"]
        found.setdefault((c["method"], c["targets"]), {})[c["architecture"]] = row["accuracy"]
    truth = found.pop(("full", "labels"), {})
    rows = []
    for (method, targets), runs in found.items():
        both = sorted(set(truth) & set(runs))
        if len(both) <= max(TOPS):
            continue
        gold, mine = np.array([truth[i] for i in both]), np.array([runs[i] for i in both])
        row: dict[str, Any] = {"method": method, "targets": targets, "architectures": len(both)}
        row["tau"] = kendall_tau(gold, mine)
        for top in TOPS:
            best = [np.argsort(-scores, kind="stable")[:top].tolist() for scores in (gold, mine)]
            row[f"jaccard_{top}"] = jaccard(*best)
            row[f"chance_{top}"] = chance_jaccard(top, len(both))
        row["regret"] = regret(gold, mine)
        rows.append(row)
    return sorted(rows, key=lambda row: -row["tau"])


def overlap_cells() -> list[dict[str, Any]]:
    """Five architectures on one seed, and the first of them on another."""
    return [
        {"method": name, "architecture": index, "seed": seed, "budget": OVERLAP_SHARE}
        for name in OVERLAPS
        for index, seed in [*((i, 0) for i in range(5)), (0, 1)]
    ]


def overlap_table() -> list[dict[str, Any]]:
    """Jaccard between architectures, between seeds, and by chance."""
    found: dict[str, dict[tuple[int, int], list[int]]] = {}
    for row in read_rows(OVERLAP_ROWS):
        c = row["cell"]
        found.setdefault(c["method"], {})[c["architecture"], c["seed"]] = row["rows"]
    out = []
    for method, runs in found.items():
        first = [runs[i, 0] for i in range(5) if (i, 0) in runs]
        if len(first) < 2:
            continue
        pairs = [jaccard(a, b) for a, b in combinations(first, 2)]
        other = jaccard(runs[0, 0], runs[0, 1]) if {(0, 0), (0, 1)} <= set(runs) else None
        row = {"method": method, "between": mean_and_error(pairs), "other_seed": other}
        b = len(first[0])  # of a pool that need not be at hand to read rows
        out.append({**row, "chance": chance_jaccard(b, round(b / OVERLAP_SHARE))})
    return out
