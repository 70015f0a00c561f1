"""Which searches every table is made of, in their order of importance."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from benchmarks.nas.settings import REACH, SPACES
from benchmarks.run import RESULTS, identity

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
    """One search; `options` stand above those of nas/settings.py."""
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
