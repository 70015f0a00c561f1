"""A cell drawn as inline SVG: one row a layer (longest path from the input), data flowing down.

Deviations: none.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from ..core.architecture import Architecture

WIDTH, HEIGHT = 600, 480  # pixels
NODE_WIDTH, LANE = 106.0, 34.0  # pixels: a node, and the room of an edge that passes a layer
COLOURS = ("#cfe3f7", "#fbdcb8", "#cdebc9", "#f3cfe2", "#e2d6f5", "#f6efb4")  # dark text on all
ENDS = "#e4e4e4"


Edge = tuple[int, int]
Point = tuple[float, float]


@dataclass(frozen=True)
class _Box:
    """Where a node stands; x, y is its centre."""

    x: float
    y: float
    width: float
    height: float


def draw_cell(architecture: Architecture) -> str:
    """One `<svg>` element, 600 x 480 pixels, that needs no script, font or file.

    Operations are told apart by their names in the nodes as well as by colour; the title lists
    nodes and edges for screen readers.
    """
    boxes, passes = _lay_out(architecture)
    lines = []
    for u, v in architecture.edges:
        between = [point for (_, edge), point in passes.items() if edge == (u, v)]
        lines.append(_edge(boxes[u], boxes[v], between))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="11">',
        f"<title>{escape(_description(architecture))}</title>",
        *lines,
        *(_node(architecture, boxes[node], node) for node in range(len(architecture))),
        "</svg>",
    ]
    return "\n".join(parts)


def _layers(architecture: Architecture) -> list[int]:
    """Longest path from a node without input, per node."""
    layer = [0] * len(architecture)
    for u, v in sorted(architecture.edges):  # u < v: layer[u] is final when it is read
        layer[v] = max(layer[v], layer[u] + 1)
    return layer


def _lay_out(architecture: Architecture) -> tuple[list[_Box], dict[tuple[int, Edge], Point]]:
    """A box for each node, and for each layer that an edge skips the point where it passes.

    Passing edges stand in the row of the layer that they pass, each edge on one side of the
    nodes, so that no line runs through a node.
    """
    layer = _layers(architecture)
    rows = max(layer) + 1
    long = [(u, v) for u, v in architecture.edges if layer[v] - layer[u] > 1]
    boxes: dict[int, _Box] = {}
    passes: dict[tuple[int, Edge], Point] = {}
    for row in range(rows):
        y = HEIGHT * (row + 0.5) / rows
        nodes = [node for node in range(len(layer)) if layer[node] == row]
        passing = [edge for edge in architecture.edges if layer[edge[0]] < row < layer[edge[1]]]
        right = [edge for edge in passing if long.index(edge) % 2 == 0]
        left = [edge for edge in passing if edge not in right]
        gap = min(LANE, WIDTH / (len(passing) + len(nodes)))
        column = min(NODE_WIDTH * 1.25, (WIDTH - gap * len(passing)) / len(nodes))
        x = (WIDTH - gap * len(passing) - column * len(nodes)) / 2
        for item in (*left, *nodes, *right):
            if isinstance(item, tuple):
                passes[row, item] = (x + gap / 2, y)
                x += gap
            else:
                height = min(28.0, 0.5 * HEIGHT / rows)
                boxes[item] = _Box(x + column / 2, y, min(NODE_WIDTH, 0.92 * column), height)
                x += column
    return [boxes[node] for node in range(len(layer))], passes


def _edge(source: _Box, target: _Box, between: list[Point]) -> str:
    """A smooth line by way of the points between, with an arrow head."""
    top, tip = source.y + source.height / 2, target.y - target.height / 2
    curve = f"M{source.x:.1f},{top:.1f}"
    x, y = source.x, top
    for to_x, to_y in [*between, (target.x, tip - 7)]:
        half = (y + to_y) / 2
        curve += f" C{x:.1f},{half:.1f} {to_x:.1f},{half:.1f} {to_x:.1f},{to_y:.1f}"
        x, y = to_x, to_y
    return (
        f'<path d="{curve}" fill="none" stroke="#555" stroke-width="1.3"/>'
        f'<path d="M{target.x:.1f},{tip:.1f} l-4,-8 l8,0 z" fill="#555"/>'
    )


def _node(architecture: Architecture, box: _Box, node: int) -> str:
    op = architecture.ops[node]
    left, top = box.x - box.width / 2, box.y - box.height / 2
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="5" fill="{_colour(architecture, op)}" stroke="#333"/>'
        f'<text x="{box.x:.1f}" y="{box.y + 4:.1f}" text-anchor="middle" fill="#111">'
        f"{escape(_fitting(op, box.width))}</text>"
    )


def _colour(architecture: Architecture, op: str) -> str:
    """By the operation's place among the cell's own; more than six operations share colours."""
    if op in ("input", "output"):
        return ENDS
    inner = sorted(set(architecture.ops) - {"input", "output"})
    return COLOURS[inner.index(op) % len(COLOURS)]


def _fitting(op: str, width: float) -> str:
    """The name, cut where it would leave its node; a character takes about 6.2 pixels."""
    most = max(1, int(width / 6.2))
    return op if len(op) <= most else op[: most - 1] + "…"


def _description(architecture: Architecture) -> str:
    nodes = ", ".join(f"{node} {op}" for node, op in enumerate(architecture.ops))
    edges = ", ".join(f"{u} to {v}" for u, v in architecture.edges)
    return f"Cell of {architecture.space}. Nodes: {nodes}. Edges: {edges or 'none'}."
