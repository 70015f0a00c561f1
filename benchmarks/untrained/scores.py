"""Who scores the cells: more is better; each list is a ranking, [n], some have several (seeds).

    subselnet          the accuracy that g_beta foretells on all examples of its pool
    subselnet-loss     its loss there, turned round
    subselnet+gp       the predictor `subselnet` (predictors/subselnet.py): a line through the
                       foretold accuracy and a process on the rest
    gp, forest         on vectors of an encoder
    parameters         their count
    proxies            zero-cost

Where process and forest learn from the cells themselves, each is predicted by a model that has not
seen it: 6 parts, drawn 5 times. From a prediction the mean of what was learned is taken away, for a
good network that is left out lowers that mean, and a model that knows nothing would rank all the
wrong way round.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.data import splits_kept
from subsel_automl.catalog import predictor, search_space
from subsel_automl.subselnet.foretold import foresight

from .networks import DATA
from .proxies import proxies
from .studies import ENCODERS, Study, Values, bundle, encoded, study

PARTS, DRAWS, FOREST_SEEDS = 6, 5, 3
TRUTH = "truth"
PUBLISHED = ("epe_nas", "fisher", "flops", "grad_norm", "grasp", "jacov", "l2_norm", "nwot",
             "params", "plain", "snip", "synflow", "zen")  # fmt: skip
MADE = ("grad_norm", "synflow")


def names(which: str) -> list[str]:
    """The scores of a study."""
    models = [f"{kind}, {encoder}" for kind in ("gp", "forest") for encoder in ENCODERS[which]]
    own = ["subselnet", "subselnet-loss", *(f"subselnet+gp, {e}" for e in ENCODERS[which])]
    cheap = {"zoo": MADE, "nasbench101": (), "nasbench201": PUBLISHED}[which]
    known = [] if which == "zoo" else [TRUTH]
    return [*known, *own, "parameters", *models, *cheap]


def scored(which: str, name: str, truth: Sequence[float] | None = None) -> dict[str, Any]:
    """Rankings [s, n] and the CPU seconds of all of them; None where others have published them.

    Args:
        truth: of the zoo's cells, which models are cross-validated on.
    """
    about = study(which)
    bundle(which)
    began = time.process_time()
    found = np.atleast_2d(_scores(which, about, name, truth))
    spent = None if name in about.proxies else round(time.process_time() - began, 2)
    return {"scores": [[float(f"{x:.7g}") for x in row] for row in found], "cpu_seconds": spent}


def _scores(which: str, about: Study, name: str, truth: Sequence[float] | None) -> Values:
    if name == TRUTH:
        assert about.truth is not None
        return about.truth
    if name.startswith("subselnet") and "+" not in name:
        found = foresight(bundle(which), about.cells)
        return found.accuracy if name == "subselnet" else -found.loss
    if name == "parameters":
        space = search_space(about.space)
        return np.array([space.parameters(cell) for cell in about.cells], np.float64)
    if ", " in name:
        return _learned(which, about, *name.split(", "), truth=truth)
    if name in about.proxies:
        return about.proxies[name]
    return _made(about, name)


def _made(about: Study, name: str) -> Values:
    space, pool = search_space(about.space), splits_kept(DATA).train
    each = [proxies(space, cell, pool, settings.SIZES)[name] for cell in about.cells]
    return np.array(each)


def _learned(
    which: str, about: Study, kind: str, encoder: str, truth: Sequence[float] | None
) -> Values:
    seeds = range(FOREST_SEEDS if kind == "forest" else 1)
    kind, foretold = ("subselnet", True) if "+" in kind else (kind, False)
    x = _vectors(which, about.space, encoder, about.cells, foretold)
    if about.results is None:
        return cross_validated(kind, x, np.asarray(truth, np.float64))
    known = _vectors(which, about.space, encoder, about.known, foretold)
    return np.stack(
        [predictor(kind, seed=s).fit(known, about.results).predict(x).mean for s in seeds]
    )


def _vectors(which: str, space: str, encoder: str, cells: Any, foretold: bool) -> Values:
    x = encoded(space, encoder, cells)
    return np.column_stack([foresight(bundle(which), cells).accuracy, x]) if foretold else x


def cross_validated(kind: str, x: Values, y: Values) -> Values:
    """Predictions of rows that were left out, less the mean of those that were not, [draws, n]."""
    found = np.empty((DRAWS, len(y)))
    for draw in range(DRAWS):
        order = np.random.default_rng([draw, 0xF01D]).permutation(len(y))
        for part in np.array_split(order, PARTS):
            rest = np.setdiff1d(order, part)
            model = predictor(kind, seed=draw).fit(x[rest], y[rest])
            found[draw, part] = model.predict(x[part]).mean - y[rest].mean()
    return found
