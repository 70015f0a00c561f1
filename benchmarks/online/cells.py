"""Which searches learning online is made of, and what their rows say."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.run import RESULTS, rows_of
from benchmarks.statistics import mean_and_error

PATH = RESULTS / "online.jsonl"
TRIALS, EPOCHS, QUARTERS, WINDOW, REPEATS = 48, 6, 4, 8, (0, 1, 2)
OURS, RIVAL, FULL = "subselnet-online", "full-equal-steps", "full"


def cells() -> list[dict[str, Any]]:
    """Both arms repeat by repeat; the full search once, after two pairs."""
    arms = [(OURS, 0.1, "soft", 1), (RIVAL, 0.1, "labels", 0)]
    grid = [(arm, repeat) for repeat in REPEATS for arm in arms]
    grid.insert(4, ((FULL, 1.0, "labels", 0), 0))
    return [
        {
            "method": name,
            "targets": targets,
            "redraw": redraw,
            "budget": budget,
            "repeat": repeat,
            "samples": TRIALS,
            "epochs": EPOCHS,
            "searcher": "random",
        }
        for (name, budget, targets, redraw), repeat in grid
    ]


def summary() -> dict[str, Any]:
    """Quarters, costs, winners; what is missing is None."""
    rows = {(r["cell"]["method"], r["cell"]["repeat"]): r for r in rows_of(PATH, cells())}
    pairs = [
        (rows[OURS, repeat], rows[RIVAL, repeat])
        for repeat in REPEATS
        if (OURS, repeat) in rows and (RIVAL, repeat) in rows
    ]
    gains = np.array([100 * (_first(ours) - _first(rival)) for ours, rival in pairs])
    quarters = [[float(g.mean()) for g in np.array_split(gain, QUARTERS)] for gain in gains]
    by_quarter = [mean_and_error(column) for column in zip(*quarters, strict=True)]
    full = rows.get((FULL, 0))
    own = [ours["cpu_seconds"] for ours, _ in pairs]
    return {
        "repeats": len(pairs),
        "gain_by_quarter": [[round(m, 2), round(e, 2)] for m, e in by_quarter],
        "ahead_after_trials": None if not pairs else _ahead(gains.mean(0)),
        "cost_of_full": None
        if full is None or not own
        else float(np.mean(own)) / full["cpu_seconds"],
        "cost_of_rival": _ratio([(o["cpu_seconds"], r["cpu_seconds"]) for o, r in pairs]),
        "test_error": _errors([ours for ours, _ in pairs]),
        "rival_test_error": _errors([rival for _, rival in pairs]),
        "full_test_error": None if full is None else full["test_error"],
    }


def _first(row: dict[str, Any]) -> np.ndarray:
    return np.array([curve[0] for curve in row["curves"]])


def _ahead(gain: np.ndarray) -> int | None:
    """The fewest trials after which every window of WINDOW trials is ahead on average."""
    windows = np.convolve(gain, np.full(WINDOW, 1 / WINDOW), "valid")
    behind = np.flatnonzero(windows <= 0)
    first = int(behind[-1]) + 1 if len(behind) else 0
    return first if first < len(windows) else None


def _ratio(pairs: list[tuple[float, float]]) -> float | None:
    return float(np.mean([ours / theirs for ours, theirs in pairs])) if pairs else None


def _errors(rows: list[dict[str, Any]]) -> list[float] | None:
    if not rows:
        return None
    return [round(value, 3) for value in mean_and_error([row["test_error"] for row in rows])]
