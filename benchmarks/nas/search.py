"""One cell: a search, and the score of the cell that it found."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.data import data_folder, splits_kept
from benchmarks.nas.settings import ASKED, SPACES, SpaceSettings, bundle_of, splits_of
from subsel_automl.catalog import (
    provider,
    provider_class,
    provider_names,
    search_class,
    search_space,
)
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.provider import Needs, SubsetProvider
from subsel_automl.maths.metrics import kendall_tau
from subsel_automl.search.base import Search
from subsel_automl.search.result import SearchResult
from subsel_automl.search.supernet import plan_of
from subsel_automl.selectors.fixed import FOLLOWING, fixed
from subsel_automl.spaces.tables import DATA_SETS, Nasbench201Table
from subsel_automl.subselnet.temperatures import UNIFORM
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import network, run_trial

Cell = dict[str, Any]
PUBLISHED, ENTROPIES = "proxy-entropy-published", "cifar10/cifar10_train_original_order.csv.gz"
SPRITES_NAME, SPRITES = "cifar10-sprites", 10_000  # the first rows of that file
FEWEST_RANKED = 10  # cells; a rank correlation of fewer says little
LONGER = 3  # trainings of a cell against the tuning of a masked network


def run_search(cell: Cell) -> dict[str, Any]:
    """A search and its score; shares of seconds are told apart."""
    about = SPACES[cell["space"]]
    options = {**about.options(cell["search"]), **cell["options"], "device": settings.DEVICE}
    steps = _steps(cell, options)
    chosen = search_class(cell["search"])(**options, **({} if steps is None else steps))
    chooser, pool_budget = _chooser(cell, chosen)
    feed = SubsetFeed(
        chooser,
        pool_budget,
        seed=cell["seed"],
        targets=cell["targets"],
        redraw_every=cell["redraw"],
    )
    found = chosen.run(cell["space"], feed, seed=cell["seed"])
    fitted = 0.0 if predicted(cell) else chooser.fit_cpu_seconds
    return {
        **_told(found),
        "cpu_seconds": round(found.costs["cpu_seconds"] + fitted, 3),
        "fit_cpu_seconds": round(fitted, 3),
        "wall_seconds": round(found.costs["seconds"], 3),
        **scored(cell, about, found, chosen),
    }


def _told(found: SearchResult) -> dict[str, Any]:
    names = ("select_cpu_seconds", "weight_steps", "architecture_steps", "evaluations")
    kept = ("supernet_accuracy", "masked_accuracy", "tuned_accuracy", "removed_share")
    return {
        "key": found.architecture.key,
        "genotype": dict(found.genotype),
        "collapsed": found.collapsed,
        "skip_share": found.skip_share,
        "collapsed_epochs": sum(bool(one["collapsed"]) for one in found.curve),
        "notes": {name: value for name, value in found.notes.items() if name in kept},
        **{name: found.costs[name] for name in names},
    }


def _steps(cell: Cell, options: dict[str, Any]) -> dict[str, int] | None:
    """Of an epoch: some passes over the weight half of the subset; when all data is asked for equal
    steps, over that of a subset of the budget. None leaves the search its one pass."""
    passes = SPACES[cell["space"]].passes.get(cell["search"], 1)
    if passes == 1 and cell["subset"] != "full-equal-steps":
        return None
    kind = search_class(cell["search"])
    share = options.get("weight_share", getattr(kind, "weight_share", 1.0))
    count = round(share * round(cell["budget"] * len(splits_of(cell["data"]).train)))
    return {"steps_an_epoch": passes * max(1, count // options.get("batch", kind.batch))}


def _chooser(cell: Cell, chosen: Search) -> tuple[SubsetProvider, float | int]:
    """(provider, budget); a provider that learns is new for every search."""
    name, pool = cell["subset"], splits_of(cell["data"]).train
    if name in ("full", "full-equal-steps"):
        return made(cell["data"], "full"), 1.0
    if name == PUBLISHED and cell["data"] != SPRITES_NAME:
        raise BadInput(f"{name!r} is about {SPRITES_NAME!r}; the cell is about {cell['data']!r}")
    if predicted(cell):
        bundle = bundle_of(cell["data"], cell["space"])
        return from_zoo(bundle, cell["data"], name), cell["budget"]
    if name == PUBLISHED:
        return fixed(published_entropies()), cell["budget"]
    kind = provider_class(name)
    if kind.learns:
        asked = min(len(pool), round(ASKED * cell["budget"] * len(pool)))
        return provider(name, sample=asked).fit(pool), cell["budget"]
    epochs = getattr(chosen, "trial_epochs", chosen.total_epochs)
    one = made(cell["data"], name, epochs if name.startswith("asp") else 0)
    follows = one.needs & FOLLOWING or one.refresh_every
    return (one if follows or cell["redraw"] else fixed(one)), cell["budget"]


def predicted(cell: Cell) -> bool:
    """Whether the subset, or its targets, come from a zoo's bundle."""
    kind = provider_class(cell["subset"]) if cell["subset"] in provider_names() else None
    uniform = cell["subset"] == "random" and cell["targets"] == "soft"
    return uniform or (kind is not None and Needs.ZOO in kind.needs)


@functools.lru_cache(maxsize=4)
def from_zoo(bundle: str, data: str, name: str) -> SubsetProvider:
    """Of a bundle; "random" are uniform draws whose targets g_beta predicts."""
    main = SubSelNet.from_bundle(bundle, splits_of(data).train)
    main.fitted.examples(main.pool)  # W_x x: once a pool, no part of a selection
    if name == "random":
        return main.like(SubSelNet, temperature=UNIFORM, per_class=False)
    return main.like(provider_class(name))


@functools.lru_cache(maxsize=16)
def made(data: str, name: str, epochs: int = 0) -> SubsetProvider:
    """A fitted provider, once a process; its fit is on every search's bill.

    Args:
        epochs: of the search, for ASP's schedules.
    """
    options = {"trial_epochs": epochs} if epochs else {}
    pretrained = name == "transfer" and data == SPRITES_NAME
    pool = splits_kept("cifar10").train if pretrained else splits_of(data).train
    return provider(name, **options).fit(pool)


@functools.lru_cache(maxsize=1)
def published_entropies() -> SubsetProvider:
    """Na et al.'s own ResNet-20 on the sprites; labels that do not fit are refused."""
    order = np.random.default_rng(0).permutation(SPRITES)  # as the data set is split
    rows = np.sort(order[round(0.125 * SPRITES) :]).tolist()
    one = provider("proxy-entropy", entropies=data_folder() / ENTROPIES, rows=rows)
    return one.fit(splits_of(SPRITES_NAME).train)


@functools.lru_cache(maxsize=1)
def table() -> Nasbench201Table:
    """The real accuracies."""
    return Nasbench201Table(data_folder())


def scored(cell: Cell, about: SpaceSettings, found: SearchResult, chosen: Search) -> dict[str, Any]:
    """Test error in percent, by the table or by training the cell."""
    if cell["space"] == "nasbench201":
        percents = {data: table().test_percent(found.architecture, data) for data in DATA_SETS}
        return {"percent": percents, "test_error": 100 - percents["cifar10"], **_ranked(found)}
    if cell["search"] == "hm-nas":
        return _levels(cell, found, chosen)
    return _trained(cell, found.architecture, dict(about.network), about.steps)


def _ranked(found: SearchResult) -> dict[str, float]:
    """Kendall's tau of the judge's accuracies with the table's, over the cells that it judged."""
    judged = found.notes.get("candidates", [])
    if len(judged) < FEWEST_RANKED:
        return {}
    plan = plan_of(found.architecture.space)
    cells = [  # a supernet's as choices of edges, those of a search by queries as graphs
        plan.architecture(np.array(one["cells"]))
        if "cells" in one
        else Architecture(plan.space, tuple(one["ops"]), tuple(map(tuple, one["edges"])))
        for one in judged
    ]
    truth = [table().test_percent(cell, "cifar10") for cell in cells]
    tau = kendall_tau([one["accuracy"] for one in judged], truth)
    return {"judge_tau": round(float(np.nan_to_num(tau)), 4)}  # a judge of one mind ranks nothing


def _levels(cell: Cell, found: SearchResult, chosen: Any) -> dict[str, Any]:
    """HM-NAS: the tuned network's own validation error, or that of the cell, trained."""
    if chosen.tune_epochs:
        kept = found.notes["parameters_kept"]
        return {"test_error": 100 * (1 - found.notes["tuned_accuracy"]), "parameters": kept}
    whole = SPACES[cell["space"]].options("hm-nas")
    tuned = whole.get("tune_epochs", type(chosen).tune_epochs)
    sizes = {"channels": chosen.channels, "layers": chosen.cells, "stem_stride": chosen.stem_stride}
    return _trained(
        cell, found.architecture, sizes, LONGER * tuned * chosen.steps_an_epoch, held=True
    )


def _trained(
    cell: Cell, architecture: Architecture, sizes: dict[str, int], steps: int, held: bool = False
) -> dict[str, Any]:
    """On all data; tested on the test pool, or on the held-out images that tuned networks are."""
    space, splits = search_space(cell["space"]), splits_of(cell["data"])
    began = time.process_time()
    trial = run_trial(
        space,
        architecture,
        SubsetFeed(made(cell["data"], "full"), 1.0),
        Recipe(),
        steps=steps,
        test=splits.validation if held else splits.test,
        sizes=sizes,
        seed=1000 + cell["seed"],
        test_examples=settings.TEST_EXAMPLES,
        device=settings.DEVICE,
    )
    model = network(space, architecture, splits.train, sizes, 0)
    return {
        "test_error": 100 * (1 - trial.accuracy),
        "parameters": sum(p.numel() for p in model.parameters()),
        "scoring_cpu_seconds": round(time.process_time() - began, 1),
    }
