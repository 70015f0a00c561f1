"""`subsel select`: the subset of an architecture."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import (
    BUNDLE,
    ArchitectureText,
    BudgetText,
    BundleName,
    DataName,
    ProviderName,
    Seed,
    Targets,
    architecture_of,
    budget_of,
    provider_of,
    space_of,
)
from .output import Json

if TYPE_CHECKING:
    from ..core.subset import Subset

app = output.command()
FIRST = 10


@app.command()
def select(
    budget: BudgetText,
    architecture: ArchitectureText = None,
    bundle: BundleName = BUNDLE,
    provider: ProviderName = "subselnet",
    data: DataName = None,
    seed: Seed = 0,
    targets: Targets = "labels",
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Choose as for a fresh draw every epoch.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write the subset (.safetensors).")] = None,
    all_indices: Annotated[bool, typer.Option("--all", help="Show every index.")] = False,
    json: Json = False,
) -> None:
    """Choose the subset of an architecture."""
    from ..core.request import Mode

    wanted, mode = budget_of(budget), Mode(redraw, targets)
    began = time.perf_counter()
    cell = None if architecture is None else architecture_of(space_of(bundle), architecture)
    chooser = provider_of(provider, bundle, data)
    loaded = time.perf_counter() - began
    subset = chooser.subset_for(cell, wanted, seed=seed, mode=mode)
    if out is not None:
        subset.save(out)
    shown = _described(subset, all_indices)
    output.note(f"loaded in {loaded:.1f} s, selected in {1000 * shown['seconds']:.1f} ms")
    if json:
        output.emit({**shown, "out": None if out is None else str(out)})
        return
    rows = [(name, value) for name, value in shown.items() if name != "provenance"]
    rows += list(shown["provenance"].items())
    output.table(f"{len(subset):,} of {len(chooser.pool):,} examples", ("what", "value"), rows)


def _described(subset: Subset, all_indices: bool) -> dict[str, Any]:
    indices = subset.indices if all_indices else subset.indices[:FIRST]
    return {
        "count": len(subset),
        "indices": indices.tolist(),
        "complete": len(indices) == len(subset),
        "seconds": subset.provenance.seconds,
        "provenance": asdict(subset.provenance),
    }
