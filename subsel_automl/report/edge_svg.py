"""Found cells drawn edge by edge, as inline SVG: a column a node, an arrow a row, coloured by what
the edge computes.

NAS-Bench-201: nodes 0 to 3, six edges. DARTS: the normal and the reduction cell, one below the
other; nodes c_{k-2}, c_{k-1}, 0 to 3; two edges into every inner node, whose outputs the cell
concatenates. `none` is a dashed line with a grey name plate.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..core.errors import BadInput
from ..spaces.cells import CELL_EDGES
from .cell_svg import COLOURS, ENDS

Arrow = tuple[int, int, str]  # from a node, to a node, operation
COLUMN, ROW, HEAD, LEFT = 118.0, 30.0, 46.0, 40.0  # pixels
PLATE = 96.0  # width of an operation's name
NOTHING = "none"
PALETTE = (*COLOURS, "#d5d9c4", "#c7e6e4")
OPERATIONS = (  # of both spaces; a place is a colour
    "skip_connect",
    "nor_conv_1x1",
    "nor_conv_3x3",
    "avg_pool_3x3",
    "max_pool_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
)
SHARED = {"dil_conv_5x5": "nor_conv_3x3"}  # never in one space


def draw_genotype(space: str, genotype: Mapping[str, Sequence[Any]]) -> str:
    """One `<svg>` element that needs no script, font or file.

    Args:
        space: "nasbench201" or "darts".
        genotype: as a search gives it: {"cell": six operations}, or {"normal": pairs of
            [operation, source], "reduce": the same}.

    Raises:
        BadInput: another space or another form.
    """
    parts = [_cell(kind, *_arrows(space, kind, cell)) for kind, cell in genotype.items()]
    width = max(width for width, _, _ in parts)
    height = sum(tall for _, tall, _ in parts)
    top, groups = 0.0, []
    for _, tall, body in parts:
        groups.append(f'<g transform="translate(0,{top:.0f})">{body}</g>')
        top += tall
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" font-family="sans-serif" '
            'font-size="11">',
            f"<title>{escape(_description(space, genotype))}</title>",
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
            *groups,
            "</svg>",
        ]
    )


def colour(operation: str) -> str:
    """The same in every drawing; unknown operations are grey."""
    operation = SHARED.get(operation, operation)
    if operation not in OPERATIONS:
        return ENDS
    return PALETTE[OPERATIONS.index(operation)]


def _arrows(space: str, kind: str, cell: Sequence[Any]) -> tuple[list[str], list[Arrow]]:
    """Names of the nodes, and the edges."""
    if space == "nasbench201" and len(cell) == len(CELL_EDGES):
        edges = [(u, v, str(op)) for (u, v), op in zip(CELL_EDGES, cell, strict=True)]
        return ["input", "1", "2", "output"], edges
    if space == "darts" and len(cell) == 8:
        pairs = [(int(u), 2 + place // 2, str(op)) for place, (op, u) in enumerate(cell)]
        return ["c_{k-2}", "c_{k-1}", "0", "1", "2", "3"], pairs
    raise BadInput(
        f"no drawing of cell {kind!r} of space {space!r} with {len(cell)} edges; cells of "
        "nasbench201 have 6 operations, those of darts 8 pairs of operation and source"
    )


def _cell(kind: str, nodes: list[str], arrows: list[Arrow]) -> tuple[float, float, str]:
    """Width, height and content of one cell."""
    x = [LEFT + COLUMN * place for place in range(len(nodes))]
    foot = HEAD + ROW * len(arrows)
    parts = [f'<text x="8" y="13" fill="#333" font-weight="bold">{escape(kind)}</text>']
    for place, name in zip(x, nodes, strict=True):
        parts.append(
            f'<line x1="{place:.0f}" y1="{HEAD - 6:.0f}" x2="{place:.0f}" y2="{foot:.0f}" '
            'stroke="#bbb" stroke-width="3"/>'
            f'<text x="{place:.0f}" y="{HEAD - 14:.0f}" text-anchor="middle" fill="#111">'
            f"{escape(name)}</text>"
        )
    for row, (u, v, op) in enumerate(arrows):
        parts.append(_arrow(x[u], x[v], HEAD + ROW * (row + 0.5), op))
    return x[-1] + LEFT, foot + 8, "".join(parts)


def _arrow(start: float, end: float, y: float, op: str) -> str:
    """A line with a head; its name plate stands between the first two columns that it spans."""
    dash = ' stroke-dasharray="4 4"' if op == NOTHING else ""
    left = start + (COLUMN - PLATE) / 2
    return (
        f'<line class="edge" x1="{start:.1f}" y1="{y:.1f}" x2="{end - 8:.1f}" y2="{y:.1f}" '
        f'stroke="#555" stroke-width="1.4"{dash}/>'
        f'<path d="M{end:.1f},{y:.1f} l-8,-4 l0,8 z" fill="#555"/>'
        f'<rect class="plate" x="{left:.1f}" y="{y - 10:.1f}" width="{PLATE:.0f}" height="20" '
        f'rx="5" fill="{colour(op)}" stroke="#333"/>'
        f'<text class="operation" x="{left + PLATE / 2:.1f}" y="{y + 4:.1f}" '
        f'text-anchor="middle" fill="#111">{escape(op)}</text>'
    )


def _description(space: str, genotype: Mapping[str, Sequence[Any]]) -> str:
    cells = "; ".join(
        f"{kind}: " + ", ".join(f"{u} to {v} {op}" for u, v, op in _arrows(space, kind, cell)[1])
        for kind, cell in genotype.items()
    )
    return f"Cell of {space}. {cells}."
