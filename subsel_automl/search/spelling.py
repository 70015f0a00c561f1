"""An architecture in words, and whether it is nothing but skip connections, in every space.

Deviations: none.
"""

from __future__ import annotations

from typing import Any

from ..core.architecture import Architecture
from ..spaces.darts import Darts
from ..spaces.nasbench201 import NASBench201

SKIP, NONE = "skip_connect", "none"


def spelled(architecture: Architecture) -> dict[str, Any]:
    """JSON values: {"cell": six operations}, {"normal": [[operation, source], ...], "reduce": ...},
    or of other spaces {"ops": ..., "edges": ...}."""
    if architecture.space == NASBench201.name:
        return {"cell": list(architecture.ops[1:-1])}
    if architecture.space == Darts.name:
        pairs = Darts().to_genotype(architecture)
        return {kind: [list(pair) for pair in getattr(pairs, kind)] for kind in pairs._fields}
    return {"ops": list(architecture.ops), "edges": [list(edge) for edge in architecture.edges]}


def skip_share(architecture: Architecture) -> float:
    """Of skip_connect among the first cell's edges that are no `none`."""
    kept = [op for op in _first(architecture) if op != NONE]
    return kept.count(SKIP) / len(kept) if kept else 0.0


def collapsed(architecture: Architecture) -> bool:
    """No edge of the first cell computes anything."""
    return set(_first(architecture)) <= {SKIP, NONE}


def _first(architecture: Architecture) -> list[str]:
    """Operations of the first kind of cell."""
    words = spelled(architecture)
    if "cell" in words:
        return list(words["cell"])
    if "normal" in words:
        return [op for op, _ in words["normal"]]
    return list(architecture.ops[1:-1]) or [SKIP]
