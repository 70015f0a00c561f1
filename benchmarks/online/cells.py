"""Which searches learning online is made of, and what their rows say."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.run import RESULTS, rows_of
from benchmarks.statistics import Estimate, mean_interval

PATH = RESULTS / "online.jsonl"
TRIALS, EPOCHS, QUARTERS, WINDOW, REPEATS = 48, 6, 4, 8, (0, 1, 2)
GOOD = 0.6  # accuracy of a trial that its configuration did not ruin
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


def pairs() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(ours, the rival's) of each repeat that both searched."""
    rows = _rows()
    return [
        (rows[OURS, repeat], rows[RIVAL, repeat])
        for repeat in REPEATS
        if (OURS, repeat) in rows and (RIVAL, repeat) in rows
    ]


def summary() -> dict[str, Any]:
    """Quarters, costs, winners, each with its interval over searches; what is missing is None."""
    both, full = pairs(), _rows().get((FULL, 0))
    gains = [100 * (_first(ours) - _first(rival)) for ours, rival in both]
    quarters = [[float(g.mean()) for g in np.array_split(gain, QUARTERS)] for gain in gains]
    known = [_first(rival) > GOOD for _, rival in both]
    own = [ours["cpu_seconds"] for ours, _ in both]
    errors = [rival["test_error"] - ours["test_error"] for ours, rival in both]
    return {
        "repeats": len(both),
        "gain_by_quarter": [mean_interval(column) for column in zip(*quarters, strict=True)],
        "gain_where_rival_is_good": _over(_where(gains, known)),
        "gain_elsewhere": _over(_where(gains, [~good for good in known])),
        "trials_behind": [np.flatnonzero(gain < 0).tolist() for gain in gains],
        "ahead_after_trials": _ahead(np.mean(gains, axis=0)) if gains else None,
        "cost_of_full": None
        if full is None or not own
        else float(np.mean(own)) / full["cpu_seconds"],
        "cost_of_rival": _over([o["cpu_seconds"] / r["cpu_seconds"] for o, r in both], ratio=True),
        "test_error": _over([ours["test_error"] for ours, _ in both]),
        "rival_test_error": _over([rival["test_error"] for _, rival in both]),
        "error_saved": _over(errors),
        "full_test_error": None if full is None else full["test_error"],
    }


def _rows() -> dict[tuple[str, int], dict[str, Any]]:
    return {(r["cell"]["method"], r["cell"]["repeat"]): r for r in rows_of(PATH, cells())}


def _where(gains: list[np.ndarray], asked: list[np.ndarray]) -> list[float]:
    """Mean gain over the trials asked for, of each search that has any."""
    return [float(g[k].mean()) for g, k in zip(gains, asked, strict=True) if k.any()]


def _over(values: list[float], ratio: bool = False) -> Estimate | None:
    return mean_interval(values, ratio=ratio) if values else None


def _first(row: dict[str, Any]) -> np.ndarray:
    return np.array([curve[0] for curve in row["curves"]])


def _ahead(gain: np.ndarray) -> int | None:
    """The fewest trials after which every window of WINDOW trials is ahead on average."""
    windows = np.convolve(gain, np.full(WINDOW, 1 / WINDOW), "valid")
    behind = np.flatnonzero(windows <= 0)
    first = int(behind[-1]) + 1 if len(behind) else 0
    return first if first < len(windows) else None
