"""Architecture search on subsets: SubSelNet Tables 4 and 12, Less-is-More Tables 1 to 4, ASP Tables
1 and 2, HM-NAS Table 2.5.

    python -m benchmarks.nas run  [--minutes 60] [--workers 2] [--tables subselnet,moser]
                                  [--methods random,full] [--searches spos,gdas]
    python -m benchmarks.nas show

One cell is one search. On NAS-Bench-201 (CIFAR-10 images) the cell that is found is scored by the
real table: test error after 200 epochs on three data sets. On DARTS cells (Fashion-MNIST) it is
trained on all data for the same steps and tested. The search cost is its CPU seconds with those of
fitting and asking the provider; the scoring is not in it.

"SubSelNet" on NAS-Bench-201 is `subselnet`, soft and redrawn, of the bundle of 16 networks in
bundles/cifar10-sprites/nasbench201; the same with labels and one subset a cell, as published, is
beside it. `zoo-mean` is the mean of the same networks, `random` with soft targets a uniform draw
with g_beta's predictions as targets. Their zoo is not on a search's bill; what it cost is told
below the table. `subselnet-online` needs none: the supernet itself teaches, after every epoch, as
search/base.py does. It is asked about 2.5 times the budget of examples, so that its lessons do not
cost more than the search. On DARTS cells "SubSelNet" is `subselnet-online`.

`proxy-entropy` trains its network for five epochs; `proxy-entropy-published` has Na et al.'s own
entropies of a ResNet-20 that was trained to the end. `transfer` reads EfficientNet features (extra
[features]), kept in the cache. What these two were given is not counted.

`full-equal-steps` searches on all data for as many steps an epoch as the subset allows. Subsets
that ignore the architecture and are not redrawn are fixed proxies (integrations/proxy_nas.py).
Sizes and deviations: nas_settings.py. In the hm-nas table all batches come from all data, STEPS an
epoch; the two cells of the heuristics are trained from new weights for three times the steps of the
tuning (600 against 200 epochs in the thesis), at the supernet's size.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any

from benchmarks import settings
from benchmarks.nas_settings import REACH, SPACES
from benchmarks.run import RESULTS, identity, run_cells

PATH = RESULTS / "nas.jsonl"
AGAIN = RESULTS / "nas_again.jsonl"  # the same cells where oneDNN rounds otherwise (AMX tiles)
SEEDS, STEPS = (0, 1, 2), 50
NEW_SEEDS = (3, 4, 5)  # at 10 %: asked for when the rows of the others were seen, none of these
BUDGETS, RATIOS, CELL_BUDGETS = (0.1, 0.25, 0.5), (0.25, 0.5, 0.75), (0.1, 0.2, 0.4)
Mode = tuple[str, str, int]  # subset, targets, redraw
Cell = dict[str, Any]
FULL: Mode = ("full", "labels", 0)
OURS: Mode = ("subselnet", "soft", 1)
PUBLISHED: Mode = ("subselnet", "labels", 0)
ONLINE: Mode = ("subselnet-online", "soft", 1)
SAMPLERS = {  # Moser et al.'s names
    "random": "RS",
    "outliers-kmeans": "KM-OR",
    "autoencoder": "AE",
    "random-per-class": "CC-RS",
    "outliers-per-class": "CC-OR",
    "transfer": "TL",
}
RIVALS: tuple[Mode, ...] = (
    OURS,
    ("full-equal-steps", "labels", 0),
    ("random", "labels", 0),
    ("proxy-entropy", "labels", 0),
    ("proxy-entropy-published", "labels", 0),
    *((name, "labels", 0) for name in SAMPLERS if name != "random"),
    ("random", "labels", 1),
    ("random", "soft", 1),
    ("zoo-mean", "soft", 1),
    ONLINE,
    PUBLISHED,
)
MAIN_SEARCHES, MOSER_SEARCHES = ("spos", "gdas"), ("darts", "gdas", "enas", "darts2")
METRICS = ("asp", "asp-random", "asp-loss", "asp-entropy", "asp-gradient", "asp-prediction")
NO_NONE = {"spell_none": False}
LEVELS: dict[str, dict[str, Any]] = {
    "single level": {"with_beta": False, "mask_epochs": 0, "tune_epochs": 0},
    "multi level": {"with_beta": True, "mask_epochs": 0, "tune_epochs": 0},
    "masks": {"with_beta": True, **REACH},
}


def cell(
    search: str,
    space: str,
    mode: Mode,
    budget: float,
    seed: int,
    *,
    data: str = "",
    options: dict[str, Any] | None = None,
) -> Cell:
    """One search; `options` stand above those of nas_settings.py."""
    subset, targets, redraw = mode
    given = {**SPACES[space].options(search), **(options or {})}
    return {
        "search": search,
        "space": space,
        "data": data or SPACES[space].data,
        "subset": subset,
        "targets": targets,
        "redraw": redraw,
        "budget": 1.0 if mode == FULL else budget,
        "epochs": given.get("epochs"),
        "options": options or {},
        "seed": seed,
    }


def seeds_of(budget: float) -> tuple[int, ...]:
    """Of the tables on NAS-Bench-201."""
    return (*SEEDS, *NEW_SEEDS) if budget == BUDGETS[0] else SEEDS


def subselnet_cells(budget: float) -> list[Cell]:
    """Tables 4 and 12 on NAS-Bench-201, one budget."""
    modes = [FULL, *RIVALS]
    return [
        cell(search, "nasbench201", mode, budget, seed)
        for seed in seeds_of(budget)
        for search in MAIN_SEARCHES
        for mode in modes
    ]


def no_none_cells(budget: float) -> list[Cell]:
    """The same with GDAS where no edge is spelled `none`, one budget."""
    return [
        cell("gdas", "nasbench201", mode, budget, seed, options=NO_NONE)
        for seed in seeds_of(budget)
        for mode in (FULL, *RIVALS)
    ]


def moser_cells(seed: int) -> list[Cell]:
    """Less-is-More Tables 1 to 4, one seed, the smallest proxies of all searches first."""
    modes = [(name, "labels", 0) for name in SAMPLERS]
    return [
        cell(search, "nasbench201", mode, ratio, seed)
        for ratio in RATIOS
        for search in MOSER_SEARCHES
        for mode in (*modes, FULL)
    ]


def asp_cells(search: str, space: str, budget: float) -> list[Cell]:
    """One of ASP's tables: all data, a plain random subset, every metric."""
    modes = [FULL, ("random", "labels", 0), *((metric, "labels", 0) for metric in METRICS)]
    return [cell(search, space, mode, budget, seed) for seed in SEEDS for mode in modes]


def hm_cells() -> list[Cell]:
    """HM-NAS Table 2.5."""
    return [
        cell("hm-nas", "darts", FULL, 1.0, seed, options={**level, "steps_an_epoch": STEPS})
        for seed in SEEDS
        for level in LEVELS.values()
    ]


def darts_cells(budget: float) -> list[Cell]:
    """Tables 4 and 12 on the paper's own space."""
    modes = (ONLINE, *RIVALS[1:4])  # and equal steps, random, proxy-entropy
    wanted = [cell("darts", "darts", mode, budget, seed) for seed in SEEDS for mode in modes]
    return wanted + [cell("darts", "darts", FULL, 1.0, seed) for seed in SEEDS]


TABLES = {
    "subselnet": lambda: [c for budget in BUDGETS for c in subselnet_cells(budget)],
    "no-none": lambda: [c for budget in BUDGETS for c in no_none_cells(budget)],
    "moser": lambda: [c for seed in SEEDS for c in moser_cells(seed)],
    "asp": lambda: asp_cells("spos", "nasbench201", 0.5),
    "hm-nas": hm_cells,
    "asp-darts": lambda: asp_cells("darts", "darts", 0.1),
    "darts-cells": lambda: [c for budget in CELL_BUDGETS for c in darts_cells(budget)],
}


def cells(
    tables: Collection[str] = (), only: Collection[str] = (), searches: Collection[str] = ()
) -> list[Cell]:
    """In order of importance: the bars' cells first, then a seed of every table, then the rest."""
    ordered = {
        "subselnet": subselnet_cells(BUDGETS[0]),
        "moser": moser_cells(SEEDS[0]),
        "asp": TABLES["asp"](),
        "hm-nas": hm_cells(),
    }
    asked = [*ordered.items(), *((name, made()) for name, made in TABLES.items())]
    found: dict[str, Cell] = {}
    for name, group in asked:
        for one in group:
            chosen = (not only or one["subset"] in only) and (
                not searches or one["search"] in searches
            )
            if chosen and (not tables or name in tables):
                found.setdefault(identity(one), one)
    return list(found.values())


def measure(
    minutes: float = 1e9,
    workers: int = 2,
    wanted: list[Cell] | None = None,
) -> list[dict[str, Any]]:
    """Run what is missing; all rows."""
    from benchmarks.nas_search import run_search

    wanted = cells() if wanted is None else wanted
    return run_cells(PATH, wanted, run_search, (), workers, seconds_limit=60 * minutes)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=2)
    for name in ("tables", "methods", "searches"):
        parser.add_argument(f"--{name}", default="", help="names, with commas; all when left out")
    asked = parser.parse_args()
    if asked.what == "run":
        given = (asked.tables, asked.methods, asked.searches)
        chosen = cells(*([n for n in text.split(",") if n] for text in given))
        if not chosen:
            parser.error("no cell has such a table, method and search")
        measure(asked.minutes, asked.workers, chosen)
    from benchmarks.nas_table import everything

    print(everything())


if __name__ == "__main__":
    main()
