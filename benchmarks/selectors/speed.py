"""Claim: the paper's baselines choose several times as fast as the libraries that they come from.

    python -m benchmarks.selectors.speed [--quick]     Linux (/proc)

--quick: the peers on one class, the whole pool at a quarter of its size.

A seeded Gaussian mixture (n = 50,000, d = 64, 10 classes, b = 10 %), one thread, one run. Peers:
apricot-select and submodlib-py (`pip install -e '.[peers]'`) for facility location per class, and
farthest-first in plain numpy for k-center. All objectives are ours, computed in blocks. Bars: 3
times a peer's speed in CPU seconds (other work may share the machine) at 99 % of its objective;
facility location over the whole pool within 60 s of wall time and 1 GB. Without a peer installed
nothing is shown, and the claim does not hold.

THEIRS are seconds of CORDS and DeepCore at the same n, d and b, from the issue that asked for these
selectors: they were not measured here, and CORDS does not install.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from subsel_automl.catalog import provider
from subsel_automl.core.pool import Pool
from subsel_automl.maths.covering import k_center
from subsel_automl.maths.dissimilarity import Dissimilarity
from subsel_automl.maths.submodular import facility_location_value
from subsel_automl.worlds import LinearProbe

SIZE, WIDTH, CLASSES, SHARE, PEER_SECONDS = 50_000, 64, 10, 0.1, 150.0
TIMES, OBJECTIVE, WHOLE_SECONDS, WHOLE_GB = 3.0, 0.99, 60.0, 1.0
THEIRS = {  # stated in the issue, not measured here
    "facility-location": "apricot 34, DeepCore 59",
    "facility-location-whole": "apricot and submodlib run out of 11 GB",
    "k-center": "DeepCore 42, plain numpy 2.2",
    "craig": "CORDS 52",
    "glister": "CORDS 7.7",
    "grad-match": "CORDS 0.40",
    "grad-match-per-class": "CORDS 2.2",
}
OURS = (*THEIRS, "herding", "moderate", "milo")
Rows = np.ndarray


def world(n: int) -> Pool:
    """n examples of a Gaussian mixture, a class a component, and n / 10 for validation."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, WIDTH))

    def part(name: str, size: int) -> Pool:
        labels = rng.integers(CLASSES, size=size)
        return Pool(name, centres[labels] + rng.normal(size=(size, WIDTH)), labels)

    return replace(part("mixture", n), validation=part("mixture/validation", n // 10))


def measure(quick: bool = False) -> dict[str, Any]:
    """Seconds of ours and of the peers, objectives, and the whole pool's memory."""
    classes = 1 if quick else CLASSES
    with threadpool_limits(1):
        pool = world(SIZE)
        ours = {name: _ours(name, pool) for name in OURS if name != "facility-location-whole"}
        peers = {
            "apricot": _peer("apricot", _apricot, pool, classes),
            "submodlib": _peer("submodlib", _submodlib, pool, classes),
            "numpy k-center": _plain_k_center(pool),
        }
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        whole = alone.submit(_whole_pool, SIZE // 4 if quick else SIZE).result()
    shown = [peer for peer in peers.values() if isinstance(peer, dict)]
    installed = any(isinstance(peers[name], dict) for name in ("apricot", "submodlib"))
    fast = all(p["times_as_fast"] >= TIMES and p["objective_share"] >= OBJECTIVE for p in shown)
    light = whole["seconds"] <= WHOLE_SECONDS and whole["rss_growth_gb"] <= WHOLE_GB
    return {
        "examples": SIZE,
        "budget": round(SHARE * SIZE),
        "ours": ours,
        "peers": peers,
        "whole_pool": whole,
        "theirs_not_measured_here": THEIRS,
        "holds": bool(installed and fast and light),
    }


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, {
        "seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }


def _best_of(times: int, work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """The least CPU seconds: half a second is much disturbed by other work on the machine."""
    return min((_timed(work) for _ in range(times)), key=lambda found: found[1]["cpu_seconds"])


def _ours(name: str, pool: Pool) -> dict[str, float]:
    """A first choice, or for an adaptive selector a refresh from a linear network's gradients."""
    made = provider(name).fit(pool)
    budget = round(SHARE * len(pool))
    if made.refresh_every:
        first, probe = made.subset_for(None, budget), _probe(pool)
        _, spent = _timed(lambda: made.refresh(first, None, made.refresh_every, probe))
    else:
        _, spent = _timed(lambda: made.subset_for(None, budget))
    return spent


def _probe(pool: Pool) -> LinearProbe:
    """A linear network that is right most of the time: ridge regression on the first 1,000."""
    x, y = pool.features[:1000].astype(np.float64), np.eye(CLASSES)[pool.labels[:1000]]
    return LinearProbe(pool, 3 * np.linalg.solve(x.T @ x + 10 * np.eye(WIDTH), x.T @ y))


def _peer(
    module: str, choose: Callable[[np.ndarray, int], Rows], pool: Pool, most: int
) -> dict[str, Any] | str:
    """Class by class against ours until the peer's time is up; ratios are over the same classes."""
    if importlib.util.find_spec(module) is None:
        return "not installed"
    choose(pool.features[:100], 10)  # apricot compiles on its first call
    mine = theirs = near = far = 0.0
    classes = 0
    for label in range(most):
        x = pool.features[pool.labels == label]
        alone, b = Pool("class", x, np.zeros(len(x), np.int64)), round(SHARE * len(x))
        ours = provider("facility-location").fit(alone)
        subset, spent = _timed(lambda ours=ours, b=b: ours.subset_for(None, b))
        rows, took = _timed(lambda x=x, b=b: choose(x, b))
        space = Dissimilarity.of(x)
        near += facility_location_value(space, subset.indices)
        far += facility_location_value(space, rows)
        mine, theirs = mine + spent["cpu_seconds"], theirs + took["cpu_seconds"]
        classes += 1
        if theirs > PEER_SECONDS:
            break
    return {
        "classes": classes,
        "cpu_seconds": round(theirs, 2),
        "our_cpu_seconds": round(mine, 3),
        "times_as_fast": round(theirs / mine, 1),
        "distance": round(far, 1),
        "our_distance": round(near, 1),
        "objective_share": round(far / near, 5),  # of a distance: 1 or more is as good or better
    }


def _apricot(x: np.ndarray, b: int) -> Rows:
    from apricot import FacilityLocationSelection

    found = FacilityLocationSelection(b, metric="euclidean", optimizer="lazy").fit(x)
    return np.unique(found.ranking)  # it can name an example twice


def _submodlib(x: np.ndarray, b: int) -> Rows:
    from submodlib import FacilityLocationFunction

    function = FacilityLocationFunction(n=len(x), mode="dense", data=x, metric="euclidean")
    found = function.maximize(
        b,
        optimizer="LazyGreedy",
        show_progress=False,
        stopIfZeroGain=False,
        stopIfNegativeGain=False,
    )
    return np.array([row for row, _ in found])


def _plain_k_center(pool: Pool) -> dict[str, Any]:
    """One matrix-vector product a step, from the same first example; objective: the radius."""
    x, b = pool.features, round(SHARE * len(pool))
    space = Dissimilarity.of(x)
    (mine, _), spent = _best_of(3, lambda: k_center(Dissimilarity.of(x), b))
    theirs, took = _best_of(3, lambda: _farthest_first(x, b, int(mine[0])))
    radii = [_radius(space, rows) for rows in (mine, theirs)]
    return {
        "cpu_seconds": took["cpu_seconds"],
        "our_cpu_seconds": spent["cpu_seconds"],
        "times_as_fast": round(took["cpu_seconds"] / spent["cpu_seconds"], 1),
        "distance": round(radii[1], 3),
        "our_distance": round(radii[0], 3),
        "objective_share": round(radii[1] / radii[0], 5),
    }


def _farthest_first(x: np.ndarray, b: int, first: int) -> Rows:
    square = (x * x).sum(1)
    r, chosen = np.full(len(x), np.inf, np.float32), [first]
    while True:
        row = chosen[-1]
        np.minimum(r, square + square[row] - 2 * (x @ x[row]), out=r)
        if len(chosen) == b:
            return np.array(chosen)
        chosen.append(int(r.argmax()))


def _radius(space: Dissimilarity, rows: Rows) -> float:
    parts = range(0, len(space), 1024)
    return max(float(space.between(slice(s, s + 1024), rows).min(1).max()) for s in parts)


def _whole_pool(n: int) -> dict[str, Any]:
    """Facility location over the whole pool, in a process of its own: seconds and growth of RSS."""
    with threadpool_limits(1):
        pool = world(n)
        made = provider("facility-location-whole").fit(pool)
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        before = _peak_kilobytes()
        subset, spent = _timed(lambda: made.subset_for(None, round(SHARE * n)))
        after = _peak_kilobytes()
        distance = facility_location_value(Dissimilarity.of(pool.features), subset.indices)
    return {
        "examples": n,
        **spent,
        "rss_growth_gb": round((after - before) / 2**20, 3),
        "distance": round(distance, 1),
        "peers": f"not run: they need all pairs, {4 * n * n / 2**30:.1f} GB or twice that",
    }


def _peak_kilobytes() -> int:
    """Peak RSS of this process (Linux). getrusage's would include the parent's before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def table(result: dict[str, Any]) -> str:
    """What was measured beside what was only stated, as text."""
    lines = [f"{'selector':24}{'CPU s':>8}{'wall s':>8}   stated by the issue, not measured here"]
    rows = {**result["ours"], "facility-location-whole": result["whole_pool"]}
    for name, row in rows.items():
        stated = THEIRS.get(name, "")
        lines.append(f"{name:24}{row['cpu_seconds']:8.2f}{row['seconds']:8.2f}   {stated}")
    lines.append("\npeer                       CPU s  ours CPU s   times  objective (1 = ours)")
    for name, peer in result["peers"].items():
        if isinstance(peer, str):
            lines.append(f"{name:24} {peer}")
            continue
        lines.append(
            f"{name:24}{peer['cpu_seconds']:8.2f}{peer['our_cpu_seconds']:12.2f}"
            f"{peer['times_as_fast']:8.1f}  {1 / peer['objective_share']:.4f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    outcome = measure("--quick" in sys.argv)
    print(table(outcome))
    print(json.dumps(outcome["whole_pool"], indent=1))
    print(f"holds: {outcome['holds']}")
    sys.exit(0 if outcome["holds"] else 1)
