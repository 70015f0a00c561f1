"""report.html of `subsel nas --objective table --out FOLDER`: regret by query, where among vectors
the search went, and whether near vectors are near architectures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..search.objective import TableObjective

REPORT, SHOWN, WALKS, STEPS = "report.html", 2_000, 25, 8


def write_query_report(
    folder: Path, found: Sequence[Mapping[str, Any]], objective: TableObjective, encoder: str
) -> Path | None:
    """The page; None, with a note, where charts can not be drawn.

    Args:
        found: results of one search, a seed each.
        encoder: of the map.
    """
    from ..core.errors import MissingData
    from ..core.files import write_atomic
    from ..report.page import document

    try:
        sections = _sections(found, objective, encoder)
    except MissingData as error:
        output.note(f"no report: {error}")
        return None
    one = found[0]
    title = f"{one['search']} on {one['space']}, {len(found)} searches of {one['queries']} queries"
    path = folder / REPORT
    write_atomic(path, document(title, _facts(found), sections).encode())
    return path


def _sections(
    found: Sequence[Mapping[str, Any]], objective: TableObjective, encoder: str
) -> list[tuple[str, str, str]]:
    import numpy as np

    from ..encoders.choose import encoder_of_space
    from ..encoders.embeddings import vectors
    from ..report.page import legend
    from ..report.query_figures import edits_against_distance, embedding_map, regret_bands

    rng = np.random.default_rng(0)
    what = "regret of test accuracy (points)"
    curve, _ = regret_bands({found[0]["search"]: [one["regrets"] for one in found]}, what)
    cells: Any = objective.table.cells
    rows = np.sort(rng.choice(len(cells), min(SHOWN, len(cells)), replace=False))
    shown = [cells[int(row)] for row in rows]
    shown += [cells[cells.row_of(key)] for one in found for key in one["asked"]]
    made = encoder_of_space(objective.space.name, encoder)
    x = vectors(made, shown, "listed").numpy()
    drawn, keys = embedding_map(x, [objective.truth(cell) for cell in shown])
    edits, apart = _walked(objective, lambda some: vectors(made, some, "listed").numpy(), rng)
    return [
        ("regret", "Regret by query", _figure(curve, "Mean over searches; the band holds 80 %.")),
        (
            "map",
            "The space, and where the search asked",
            _figure(drawn, f"Vectors of {made.kind}, coloured by test accuracy.", legend(keys)),
        ),
        (
            "edits",
            "Are near vectors near architectures?",
            _figure(
                edits_against_distance(edits, apart), "From random cells, along walks of one edit."
            ),
        ),
    ]


def _walked(objective: TableObjective, encode: Any, rng: Any) -> tuple[list[int], list[float]]:
    """Edits and L2 from the beginning of random walks."""
    import numpy as np

    from ..search.reach import Reach

    reach, cells = Reach(objective.space, rng), objective.table.cells
    edits: list[int] = []
    apart: list[float] = []
    for _ in range(WALKS):
        walk = [reach.sample()]
        for _ in range(STEPS):
            near = reach.neighbours(walk[-1])
            walk.append(near[int(rng.integers(len(near)))])
        x = encode([cells[cells.row_of(one.key)] for one in walk])
        edits += range(1, STEPS + 1)
        apart += np.linalg.norm(x[1:] - x[0], axis=1).tolist()
    return edits, apart


def _figure(chart: str, said: str, keys: str = "") -> str:
    return f'<p class="caption">{said}</p>{keys}<div class="charts"><figure>{chart}</figure></div>'


def _facts(found: Sequence[Mapping[str, Any]]) -> str:
    import numpy as np

    regrets = [one["regret"] for one in found]
    best = max(found, key=lambda one: one["test_percent"])
    rows = {
        "regret, mean": f"{np.mean(regrets):.3f} points",
        "test accuracy of the best": f"{best['test_percent']:.2f} %",
        "its key": best["key"],
        "noise of a reading": f"{found[0]['noise']:g} points",
    }
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows.items())
        + "</dl>"
    )
