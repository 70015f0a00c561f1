"""Every provider as a method of the tables: how it is made for a data set, and its group.

A name of the catalog, plug-ins included, is a method without a further line. The bundle of a data
set serves the providers that learned from a zoo; `random` and `random-per-class` with soft targets
are uniform draws with g_beta's predictions as targets: the controls that differ from `subselnet` in
the choice of examples alone.
"""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept, work_folder
from subsel_automl.catalog import provider, provider_class, provider_names
from subsel_automl.core.provider import Needs, SubsetProvider
from subsel_automl.subselnet.base import PredictingProvider
from subsel_automl.subselnet.temperatures import UNIFORM
from subsel_automl.subselnet.transductive import SubSelNet

CONTROLS = ("random", "random-per-class", "zoo-mean")
OURS = ("subselnet", "subselnet-inductive", "subselnet-hybrid")
BASELINES = (  # of the paper: sections 5.1 and E.1
    "facility-location",
    "pruning",
    "via-proxy",
    "glister",
    "grad-match",
    "el2n",
    "grand",
    "predicted-loss",
    "predicted-loss-gumbel",
)
SOFT = (*CONTROLS, *OURS)


def method_names() -> list[str]:
    """Controls, ours, the paper's baselines, then whatever else the catalog holds."""
    known = [*CONTROLS, *OURS, *BASELINES]
    rest = [name for name in provider_names() if name not in known and name != "full"]
    return [*known, *rest]


def adaptive_options(name: str, passes: int, scale: settings.Scale) -> dict[str, Any]:
    """D.2's refreshes and warm-up in proportion to the passes of a trial, and the master."""
    kind = provider_class(name)
    taken = inspect.signature(kind.__init__).parameters
    offered = {
        "refresh_every": max(1, round(scale.refresh * passes)),
        "warm_epochs": max(1, round(scale.warm * passes)),
        "network": scale.master,
        "trial_epochs": max(1, passes),
    }
    if Needs.PROBE not in kind.needs:
        offered = {"network": scale.master}
    return {key: value for key, value in offered.items() if key in taken}


def place_of(name: str) -> str | Path:
    """Where the bundle of a data set, or a model, lies: a shipped name, or a folder."""
    place = settings.DATA[name].bundle if name in settings.DATA else name
    for folder in (Path(__file__).parent / place, work_folder() / place):
        if (folder / "bundle.json").exists():
            return folder
    return place


@functools.lru_cache(maxsize=2)
def learned(data: str, model: str = "") -> PredictingProvider:
    """The bundle of a data set, or the model of an ablation (a bundle's folder)."""
    main = SubSelNet.from_bundle(place_of(model or data), splits_kept(data).train)
    main.fitted.examples(main.pool)  # W_x x: once a pool, no part of a selection
    return main


@functools.lru_cache(maxsize=8)
def made(
    data: str,
    name: str,
    targets: str,
    passes: int,
    scale: str,
    options: tuple[Any, ...],
    model: str,
) -> SubsetProvider:
    """A fitted provider, kept; `options` are pairs of its own."""
    kind, chosen = provider_class(name), dict(options)
    if name in ("random", "random-per-class") and targets == "soft":
        main = learned(data, model)
        return main.like(type(main), temperature=UNIFORM, per_class=name != "random")
    if issubclass(kind, PredictingProvider):
        return learned(data, model).like(kind, **chosen)
    chosen = {**adaptive_options(name, passes, settings.SCALES[scale]), **chosen}
    return provider(name, **chosen).fit(splits_kept(data).train)
