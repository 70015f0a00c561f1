"""`subsel space`: enumerate, sample, show."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import ArchitectureText, Seed, architecture_of, spelled
from .output import Json

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..spaces.base import SearchSpace

app = output.group("Look at a search space.")
SpaceName = Annotated[str, typer.Argument(help="See `subsel list spaces`.")]


@app.command("enumerate")
def enumerate_space(
    name: SpaceName,
    out: Annotated[Path | None, typer.Option(help="Write the cells to this .npz file.")] = None,
    json: Json = False,
) -> None:
    """Every cell once, with its key."""
    import numpy as np

    from ..catalog import search_space

    began = time.perf_counter()
    cells = search_space(name).enumerate()
    found: dict[str, Any] = {
        "space": name,
        "cells": len(cells),
        "by_nodes": {n: int(c) for n, c in enumerate(np.bincount(cells.n_vertices)) if c},
        "seconds": time.perf_counter() - began,
        "out": None if out is None else str(_written(out, cells)),
    }
    if json:
        output.emit(found)
        return
    rows = found["by_nodes"].items()
    output.table(
        f"{len(cells):,} cells of {name} in {found['seconds']:.1f} s", ("nodes", "cells"), rows
    )
    if out is not None:
        output.note(f"written to {out}")


def _written(path: Path, cells: Any) -> Path:
    import io

    import numpy as np

    from ..core.files import write_atomic

    buffer = io.BytesIO()
    np.savez_compressed(buffer, **cells.columns())
    path = path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")
    write_atomic(path, buffer.getvalue())
    return path


@app.command()
def sample(
    name: SpaceName,
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 1,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Random cells, as JSON that `--architecture` reads."""
    import numpy as np

    from ..catalog import search_space
    from ..core.errors import BadInput

    if seed < 0:
        raise BadInput(f"seed {seed} is not usable; give a whole number from 0")
    space, rng = search_space(name), np.random.default_rng(seed)
    found = [_described(space, space.sample(rng)) for _ in range(count)]
    if json:
        output.emit({"space": name, "seed": seed, "architectures": found})
    else:
        _shown(found)


@app.command()
def show(name: SpaceName, architecture: ArchitectureText = None, json: Json = False) -> None:
    """One cell: its key, operations, edges, order of reading, size and fold."""
    from ..catalog import search_space
    from ..core.errors import BadInput

    if architecture is None:
        raise BadInput("which cell? give --architecture: JSON, @file.json or a key")
    space = search_space(name)
    cell = architecture_of(space, architecture)
    found = {**_described(space, cell), "bfs_order": list(cell.bfs_order())}
    if json:
        output.emit(found)
    else:
        output.table(f"cell {cell.key}", ("what", "value"), found.items())


def _described(space: SearchSpace, cell: Architecture) -> dict[str, Any]:
    from ..data.splits import architecture_role

    return {
        **spelled(cell),
        "role": architecture_role(cell),
        "parameters": space.parameters(cell),
    }


def _shown(cells: list[dict[str, Any]]) -> None:
    rows = [
        (
            cell["key"],
            cell["role"],
            cell["parameters"],
            " ".join(cell["ops"][1:-1]),
            " ".join(f"{u}-{v}" for u, v in cell["edges"]),
        )
        for cell in cells
    ]
    columns = ("key", "fold", "parameters", "operations", "edges")
    output.table(f"{len(cells)} cells", columns, rows)
