"""The tables of rankings, one a study."""

from __future__ import annotations

import numpy as np

from benchmarks.run import not_run
from benchmarks.statistics import Estimate

from .networks import COUNT
from .ranked import ranked, truth_of
from .run import PATH, networks
from .studies import BUNDLES

TOLD = {
    "zoo": f"{COUNT} unseen cells of NAS-Bench-101, trained on Fashion-MNIST",
    "nasbench101": "NAS-Bench-101's table (CIFAR-10, 108 epochs), the bundle of Fashion-MNIST",
    "nasbench201": "NAS-Bench-201's table (CIFAR-10, 200 epochs), the bundle of sprites",
}
CONSTANT = "constant"
ZOO_MEAN = "| zoo-mean | 0, by definition: one answer for all |  |  |  |"


def tables() -> str:
    return "\n\n".join(_table(which) for which in BUNDLES)


def _table(which: str) -> str:
    found = ranked(which)
    if not found:
        missing = f" ({not_run(PATH, networks())} networks not trained)" if which == "zoo" else ""
        return f"{TOLD[which]}: not run{missing}"
    truth = truth_of(which)
    assert truth is not None
    lines = [
        f"{TOLD[which]}: accuracy {100 * truth.min():.2f} to {100 * truth.max():.2f} %, sd "
        f"{100 * float(np.std(truth)):.2f}",
        "",
        "| score | Kendall | Spearman | g_beta's tau less this | CPU s |",
        "|---|---|---|---|---|",
    ]
    for name, one in found.items():
        less = "" if one.ours_less is None else told(one.ours_less)
        rho = f"{one.rho:.2f}" if np.isfinite(one.rho) else CONSTANT
        spent = "published" if one.cpu_seconds is None else f"{one.cpu_seconds:.1f}"
        line = [name, told(one.tau), rho, less, spent]
        lines.append(f"| {' | '.join(line)} |")
    return "\n".join([*lines, ZOO_MEAN])


def told(one: Estimate) -> str:
    """A value and its interval."""
    if not np.isfinite(one.value):
        return CONSTANT
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"
