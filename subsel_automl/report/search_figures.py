"""Charts of architecture searches: which operations the found cells have, accuracy against cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .figures import SERIES, Key, _figure, lines
from .words import plain

Genotype = Mapping[str, Sequence[Any]]


def operation_shares(genotypes: Iterable[Genotype]) -> dict[str, float]:
    """Share of each operation among the edges of some cells, all kinds of cell together."""
    seen: Counter[str] = Counter()
    for genotype in genotypes:
        for cell in genotype.values():
            seen.update(edge if isinstance(edge, str) else str(edge[0]) for edge in cell)
    total = sum(seen.values())
    return {name: count / total for name, count in seen.items()}


def edge_distribution(
    found: Mapping[str, Mapping[str, float]], operations: Sequence[str]
) -> tuple[str, list[Key]]:
    """A bar a group of searches, cut by the share of each operation (Moser et al. 2024, Fig. 5).

    Args:
        found: group -> operation -> share.
        operations: in the order in which they are stacked; at most eight.
    """
    keys = [
        Key(plain(name), place % SERIES, marker="None") for place, name in enumerate(operations)
    ]
    out: list[str] = []
    said = "Share of each operation among the edges of the found cells"
    with _figure(0.7 + 0.24 * len(found), said, out) as axes:
        for row, shares in enumerate(found.values()):
            start = 0.0
            for key, name in zip(keys, operations, strict=True):
                share = 100 * shares.get(name, 0.0)
                axes.barh(row, share, left=start, color=key.stand_in, height=0.75)
                start += share
        axes.set_yticks(range(len(found)), [plain(name, 28) for name in found])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.grid(visible=False)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("edges of the found cells (%)")
    return out[0], keys


def accuracy_against_cost(
    series: Mapping[str, Sequence[tuple[float, float, float]]], *, dashed: Sequence[str] = ()
) -> tuple[str, list[Key]]:
    """(CPU seconds of the search, test accuracy, its standard error) by name, in percent."""
    labels = ("CPU seconds of the search", "test accuracy of the found cell (%)")
    return lines(series, labels, dashed=dashed)
