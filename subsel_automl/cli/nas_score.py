"""What `subsel nas` does with a found cell: its accuracies in the real table, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..core.architecture import Architecture

TABLED, PICTURE = "nasbench201", "cell.svg"


def table_file_of(space: str, asked: bool) -> Path | None:
    """The table that scores cells of a space; None when there is none and none was asked for.

    Looked for before the search, so that a missing table costs no search.

    Raises:
        BadInput: a score was asked for in a space without a table.
        MissingData: the table is not there; says what to do.
    """
    from ..core.errors import BadInput, MissingData
    from ..spaces.tables import NB201_FILE, table_file

    if space != TABLED:
        if asked:
            raise BadInput(
                f"--score looks accuracies up in the table of {TABLED}; cells of space {space!r} "
                "are in no table: train the one that is found"
            )
        return None
    try:
        return table_file(NB201_FILE)
    except MissingData as error:
        if asked:
            raise
        output.note(f"the cell will not be scored: {error}")
        return None


def table_percents(architecture: Architecture, file: Path) -> dict[str, float]:
    """Test accuracy after 200 epochs on each data set of the table."""
    from ..spaces.tables import DATA_SETS, Nasbench201Table

    table = Nasbench201Table(file.parent)
    return {data: round(table.test_percent(architecture, data), 4) for data in DATA_SETS}


def draw(shown: dict[str, Any], folder: Path) -> Path:
    """The found cell as SVG in the search's folder."""
    from ..core.files import write_atomic
    from ..report.edge_svg import draw_genotype

    path = folder / PICTURE
    write_atomic(path, draw_genotype(shown["space"], shown["genotype"]).encode())
    return path
