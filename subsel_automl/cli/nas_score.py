"""What `subsel nas` does with a found cell: its accuracies in the real table, a training of its own
at the supernet's sizes, its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..data.images import Splits
    from ..search.base import Search

PICTURE = "cell.svg"


def table_file_of(space: str, asked: bool) -> Path | None:
    """The table that scores cells of a space; None when there is none and none was asked for.

    Looked for before the search, so that a missing table costs no search.

    Raises:
        BadInput: a score was asked for in a space without a table.
        MissingData: the table is not there; says what to do.
    """
    from ..core.errors import BadInput, MissingData
    from ..spaces.tables import NB101_FILE, NB201_FILE, table_file

    files = {"nasbench201": NB201_FILE, "nasbench101": NB101_FILE}
    if space not in files:
        if asked:
            raise BadInput(
                f"--score looks accuracies up in the tables of {' and '.join(files)}; cells of "
                f"space {space!r} are in no table: train the one that is found"
            )
        return None
    try:
        return table_file(files[space])
    except MissingData as error:
        if asked:
            raise
        output.note(f"the cell will not be scored: {error}")
        return None


def table_percents(architecture: Architecture, file: Path) -> dict[str, float]:
    """Test accuracy after the table's longest training, on each of its data sets."""
    from ..spaces.tables import DATA_SETS, Nasbench101Table, Nasbench201Table

    if architecture.space == "nasbench101":
        return {"cifar10": round(Nasbench101Table(file.parent).test_percent(architecture), 4)}
    table = Nasbench201Table(file.parent)
    return {data: round(table.test_percent(architecture, data), 4) for data in DATA_SETS}


def trained(
    architecture: Architecture, chosen: Search, splits: Splits, steps: int, seed: int
) -> dict[str, Any]:
    """Test accuracy of the cell's network, trained on all data from new weights."""
    from dataclasses import asdict

    from ..catalog import provider, search_space
    from ..core.feed import SubsetFeed
    from ..training.recipes import Recipe
    from ..training.trial import run_trial

    depth = "layers" if architecture.space == "darts" else "cells"
    sizes = {"channels": chosen.channels, depth: chosen.cells, "stem_stride": chosen.stem_stride}
    full = provider("full").fit(splits.train)
    done = run_trial(
        search_space(architecture.space),
        architecture,
        SubsetFeed(full, 1.0),
        Recipe(),
        steps=steps,
        test=splits.test,
        sizes=sizes,
        seed=seed,
        device=chosen.device,
    )
    return asdict(done)


def draw(shown: dict[str, Any], folder: Path) -> Path:
    """The found cell as SVG in the search's folder."""
    from ..core.architecture import Architecture
    from ..core.files import write_atomic
    from ..report.cell_svg import draw_cell
    from ..report.edge_svg import draw_genotype

    path, words = folder / PICTURE, shown["genotype"]
    if "ops" in words:  # a graph, no cell of operations on edges
        edges = tuple((int(u), int(v)) for u, v in words["edges"])
        drawn = draw_cell(Architecture(shown["space"], tuple(words["ops"]), edges))
    else:
        drawn = draw_genotype(shown["space"], words)
    write_atomic(path, drawn.encode())
    return path
