"""Claim: a subset for a new architecture in milliseconds; and how near each solver comes to Eq. 9.

    python -m benchmarks.subselnet.speed [--quick]

n = 42,000, C = 10, one thread. Bars: first call 2 s, later calls 30 ms (median, transductive and
inductive), 100 architectures 1.5 s.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import torch

from benchmarks.data import splits_kept
from subsel_automl.catalog import search_space
from subsel_automl.maths import draws
from subsel_automl.subselnet.base import PredictingProvider
from subsel_automl.subselnet.inductive import InductiveSubSelNet
from subsel_automl.subselnet.objective import gibbs_logits, optimum, uniform_value, value
from subsel_automl.subselnet.solvers import solve
from subsel_automl.subselnet.transductive import SubSelNet

BUNDLE, BUDGET, TEMPERATURE = "fashion-mnist/nasbench101", 0.02, 0.3


def measure(quick: bool = False) -> dict[str, Any]:
    """Seconds a call, and the solvers' objectives between uniform (0) and optimum (1)."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        pool = splits_kept("fashion-mnist").train
        space, rng = search_space("nasbench101"), np.random.default_rng(0)
        cells = [space.sample(rng) for _ in range(125)]
        main = SubSelNet.from_bundle(BUNDLE, pool)
        calls = {
            "transductive": _calls(main, cells),
            "inductive": _calls(main.like(InductiveSubSelNet), cells),
        }
        many = SubSelNet.from_bundle(BUNDLE, pool)
        many.subset_for(cells[0], BUDGET)
        wall, cpu = time.perf_counter(), time.process_time()
        many.subsets_for(cells[25:125], BUDGET)
        hundred = (time.perf_counter() - wall, time.process_time() - cpu)
        losses = -main.fitted.log_probabilities(pool, cells[:1])[0]
        losses = losses[np.arange(len(pool)), pool.labels].astype(np.float64)
        fractions = (0.005,) if quick else (0.005, 0.1, 0.5)
        solvers = {str(f): _solvers(losses, round(f * len(pool))) for f in fractions}
    finally:
        torch.set_num_threads(threads)
    later = max(c["later_seconds"] for c in calls.values())
    first = max(c["first_seconds"] for c in calls.values())
    return {
        "examples": len(pool),
        **calls,
        "hundred_architectures_seconds": round(hundred[0], 3),
        "hundred_architectures_cpu_seconds": round(hundred[1], 3),
        "solvers": solvers,
        "holds": bool(first <= 2 and later <= 0.030 and hundred[0] <= 1.5),
    }


def _calls(provider: PredictingProvider, cells: list[Any]) -> dict[str, float]:
    wall, cpu = [], []
    for cell in cells[:25]:
        started, used = time.perf_counter(), time.process_time()
        provider.subset_for(cell, BUDGET, seed=1)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return {
        "first_seconds": round(wall[0], 4),
        "later_seconds": round(float(np.median(wall[1:])), 4),
        "later_cpu_seconds": round(float(np.median(cpu[1:])), 4),
        "later_worst_seconds": round(max(wall[1:]), 4),
    }


def _solvers(losses: np.ndarray, b: int) -> dict[str, Any]:
    """Objective of each solver; `gap` is its distance from the optimum, uniform being 1."""
    best, even = optimum(losses, b, TEMPERATURE), uniform_value(losses, b, TEMPERATURE)
    found: dict[str, Any] = {"optimum": round(best, 2), "uniform": round(even, 2)}
    for solver in ("gibbs", "reinforce"):
        started = time.perf_counter()
        pi = solve(losses, b, TEMPERATURE, solver, seed=0)
        seconds = time.perf_counter() - started
        drawn = [draws.draw(pi, b, (7, k)) for k in range(20)]
        seconds += (time.perf_counter() - started - seconds) / 20
        found[solver] = _row(value(losses, pi, drawn, TEMPERATURE), best, even, seconds)
    started = time.perf_counter()
    rows = draws.draw_conditional_bernoulli(gibbs_logits(losses, TEMPERATURE), b, (7,))
    assert len(rows) == b
    found["exact"] = _row(best, best, even, time.perf_counter() - started)
    return found


def _row(reached: float, best: float, even: float, seconds: float) -> dict[str, float]:
    return {
        "objective": round(reached, 2),
        "gap": round((reached - best) / (even - best), 5),
        "seconds": round(seconds, 4),
    }


if __name__ == "__main__":
    result = measure("--quick" in sys.argv)
    print(json.dumps(result, indent=1))
    sys.exit(0 if result["holds"] else 1)
