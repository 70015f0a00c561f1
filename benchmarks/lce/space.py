"""The recipes of NAS-Bench-NLP whose learning curves were released, as a space that is listed.

    nodes         input, the recipe's own in their order, output
    edges         as the recipe says; from the input where it reads x or a hidden state of before;
                  to the output from every new hidden state
    neighbours    the 8 nearest by structure counts of mean 0 and spread 1, either way
    curve         of the first training of a recipe

Source: this project; recipes and curves are those of `benchmarks/curves/nlp.py`.

Deviations:
    [1] Recipes that are equal as graphs are one architecture, with the curve of the first: 261 are
        left of 289. Neither the order of a node's inputs nor the number of a state is told apart.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np

from benchmarks.curves.nlp import OPERATIONS, curves, records
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import ArchitectureError
from subsel_automl.search.curve_objective import CurveTable
from subsel_automl.spaces.base import SearchSpace

NAME, NEAR = "nasbench-nlp", 8


class ListedSpace(SearchSpace):
    """Recipes that are known; each is drawn alike."""

    name = NAME
    operations = ("input", "x", "h_prev", *OPERATIONS, "output")
    max_nodes = 32
    max_edges = 96

    def __init__(self) -> None:
        first: dict[str, tuple[int, Architecture]] = {}
        for row, recipe in enumerate(curves().groups):
            found = graph(recipe)
            first.setdefault(found.key, (row, found))  # [1]
        self.rows = np.array([row for row, _ in first.values()])
        self.listed = [found for _, found in first.values()]
        self._place = {one.key: place for place, one in enumerate(self.listed)}
        self._near = nearest(curves().take(self.rows))

    def sample(self, rng: np.random.Generator) -> Architecture:
        return self.listed[int(rng.integers(len(self.listed)))]

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        return [self.listed[place] for place in self._near[self._at(architecture)]]

    def enumerate(self) -> Any:
        return self.listed

    def parameters(self, architecture: Architecture) -> int:
        return int(records()[self.rows[self._at(architecture)]]["num_params"])

    def module(self, architecture: Architecture, **sizes: Any) -> Any:
        raise NotImplementedError("these recipes were trained by others; there are their curves")

    def _at(self, architecture: Architecture) -> int:
        if architecture.key not in self._place:
            raise ArchitectureError(
                f"architecture {architecture.key} is none of the {len(self.listed)} recipes"
            )
        return self._place[architecture.key]


def graph(recipe: str) -> Architecture:
    """A recipe as nodes and edges."""
    nodes = json.loads(recipe)
    given = sorted({name for node in nodes.values() for name in node["input"]} - set(nodes))
    order, left = ["", *given], list(nodes)
    while left:
        free = [name for name in left if set(nodes[name]["input"]) <= set(order)]
        order += free
        left = [name for name in left if name not in free]
    at = {name: place for place, name in enumerate(order)}
    ops = ["input", *("x" if name == "x" else "h_prev" for name in given)]
    ops += [nodes[name]["op"] for name in order[len(ops) :]]
    edges = {(0, at[name]) for name in given}
    edges |= {(at[source], at[name]) for name, node in nodes.items() for source in node["input"]}
    edges |= {(at[name], len(order)) for name in nodes if name.startswith("h_new")}
    return Architecture(NAME, (*ops, "output"), tuple(sorted(edges)))


def nearest(known: Curves) -> list[list[int]]:
    """Rows near each, ascending."""
    x = np.asarray(known.x, np.float64)
    x = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1.0)
    apart = np.square(x[:, None] - x).sum(2)
    np.fill_diagonal(apart, np.inf)
    near = np.zeros(apart.shape, bool)
    order = apart.argsort(1, kind="stable")[:, :NEAR]
    near[np.arange(len(x))[:, None], order] = True
    return [np.flatnonzero(row).tolist() for row in near | near.T]


@functools.cache
def table() -> CurveTable:
    """Validation losses of the recipes, in nats."""
    space = ListedSpace()
    known = curves().take(space.rows)
    return CurveTable(space, Curves(known.values, "min", tuple(a.key for a in space.listed)))
