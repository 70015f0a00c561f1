"""An architecture G_m: node i computes ops[i]; an edge (u, v) has u < v (SubSelNet, section 2).

`key` is a content hash that isomorphic graphs share: colour refinement over in- and out-neighbours
(as many rounds as nodes), the node labels hashed with blake2b, the mixing in two lanes of 64-bit
arithmetic, so that hundreds of thousands of graphs are hashed in one numpy call.

Deviations: none. (Graphs that colour refinement cannot tell apart share a key; NAS-Bench-101 and
NAS-Bench-201 have no such pair.)
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .errors import ArchitectureError

U64 = npt.NDArray[np.uint64]
UNTRACED = "untraced"  # the space of networks whose graph is not known
_SALTS = np.array([0x9E3779B97F4A7C15, 0xD1B54A32D192ED03], np.uint64)


@dataclass(frozen=True)
class Architecture:
    """A directed acyclic graph of operations.

    Args:
        space: name of the search space, for example "nasbench101".
        ops: operation of each node; nodes stand in topological order.
        edges: pairs (u, v) with u < v; duplicates are an error.

    Raises:
        ArchitectureError: no node, an edge out of range, a cycle (u >= v) or a repeated edge.
    """

    space: str
    ops: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    key: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.key:  # made by a space that has validated and hashed it already
            return
        ops = tuple(str(op) for op in self.ops)
        edges = tuple(sorted((int(u), int(v)) for u, v in self.edges))
        n = len(ops)
        if n == 0:
            raise ArchitectureError("an architecture needs at least one node; got none")
        for u, v in edges:
            if not (0 <= u < n and 0 <= v < n):
                raise ArchitectureError(f"edge ({u}, {v}) leaves the {n} nodes; use 0..{n - 1}")
            if u >= v:
                raise ArchitectureError(
                    f"edge ({u}, {v}) points backwards, so the graph may be cyclic; "
                    "list nodes in topological order, every edge (u, v) with u < v"
                )
        if len(set(edges)) != len(edges):
            raise ArchitectureError("an edge is listed twice; list each edge once")
        object.__setattr__(self, "ops", ops)
        object.__setattr__(self, "edges", edges)
        lanes = content_lanes(op_lanes(self.space, ops)[None], self.adjacency()[None], [n])
        object.__setattr__(self, "key", lanes_to_keys(lanes)[0])

    def __len__(self) -> int:
        return len(self.ops)

    def adjacency(self) -> npt.NDArray[np.uint64]:
        """Upper-triangular 0/1 matrix, shape [nodes, nodes], entry (u, v) = edge u -> v."""
        matrix = np.zeros((len(self.ops), len(self.ops)), np.uint64)
        for u, v in self.edges:
            matrix[u, v] = 1
        return matrix

    def bfs_order(self) -> tuple[int, ...]:
        """rho of SubSelNet 4.2: breadth first from the nodes without input.

        Ties go by the nodes' content, so isomorphic graphs give the same sequence of operations.
        """
        n = len(self.ops)
        colours = node_colours(op_lanes(self.space, self.ops)[None], self.adjacency()[None], [n])
        rank = [(int(colours[0, u, 0]), u) for u in range(n)]
        after: list[list[int]] = [[] for _ in range(n)]
        has_input = [False] * n
        for u, v in self.edges:
            after[u].append(v)
            has_input[v] = True
        order = sorted((u for u in range(n) if not has_input[u]), key=rank.__getitem__)
        seen, queue = set(order), deque(order)
        while queue:
            for v in sorted(after[queue.popleft()], key=rank.__getitem__):
                if v not in seen:
                    seen.add(v)
                    order.append(v)
                    queue.append(v)
        return tuple(order)


def bfs_orders(
    labels: U64, adjacency: U64, nodes: Sequence[int] | npt.ArrayLike
) -> npt.NDArray[np.int64]:
    """`Architecture.bfs_order` of m graphs at once, [m, v]; arguments as in `content_lanes`.

    Places beyond a graph's nodes hold their own number.
    """
    count, width = np.asarray(nodes, np.int64), labels.shape[1]
    places, edge = np.arange(width), adjacency.astype(bool)
    colour = node_colours(labels, adjacency, nodes)[..., 0]
    rank = colour.argsort(1, kind="stable").argsort(1)  # nodes of one colour go by their place
    waiting = places < count[:, None]
    order = np.broadcast_to(places, waiting.shape).copy()
    filled = np.zeros(len(order), np.int64)
    found = waiting & ~edge.any(1)
    for step in range(width):
        nearest = np.where(found, rank, width).argsort(1, kind="stable")
        many = found.sum(1)
        for place in range(int(many.max(initial=0))):
            rows = np.flatnonzero(many > place)
            order[rows, filled[rows] + place] = nearest[rows, place]
        filled += many
        waiting &= ~found
        found = edge[np.arange(len(order)), order[:, step]] & waiting & (step < count)[:, None]
    return order


@lru_cache(maxsize=4096)
def _label_lanes(space: str, op: str) -> tuple[int, int]:
    digest = hashlib.blake2b(f"{space}\0{op}".encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def op_lanes(space: str, ops: Sequence[str]) -> U64:
    """Hash of each operation name, shape [nodes, 2]."""
    return np.array([_label_lanes(space, op) for op in ops], np.uint64).reshape(-1, 2)


def _mix(x: U64) -> U64:
    """The splitmix64 finaliser, elementwise; overflow wraps by design."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def content_lanes(labels: U64, adjacency: U64, nodes: Sequence[int] | npt.ArrayLike) -> U64:
    """Isomorphism-invariant hash of m graphs at once.

    Args:
        labels: [m, v, 2] from `op_lanes`; rows at or after a graph's node count are ignored.
        adjacency: [m, v, v] of 0 and 1, upper triangular.
        nodes: [m] node counts.

    Returns:
        [m, 2] unsigned 64-bit lanes.
    """
    count = np.asarray(nodes, np.uint64)
    alive = np.arange(labels.shape[1])[None] < count[:, None].astype(np.int64)
    colours = node_colours(labels, adjacency, nodes)
    with np.errstate(over="ignore"):
        total = (_mix(colours) * alive[..., None]).sum(1) + count[:, None] * _SALTS
        return _mix(total)


def node_colours(labels: U64, adjacency: U64, nodes: Sequence[int] | npt.ArrayLike) -> U64:
    """Refined colour of every node, [m, v, 2]; arguments as in `content_lanes`."""
    count = np.asarray(nodes, np.uint64)
    width = labels.shape[1]
    colours = np.zeros(labels.shape, np.uint64)
    for lane, salt in enumerate(_SALTS):
        with np.errstate(over="ignore"):
            colour = _mix(labels[..., lane] + salt)
            for done in range(width):
                below = np.matmul(adjacency, _mix(colour ^ salt)[..., None])[..., 0]
                above = np.matmul(adjacency.transpose(0, 2, 1), _mix(colour + salt)[..., None])[
                    ..., 0
                ]
                mixed = _mix(colour * salt + _mix(above) + _mix(below ^ salt))
                colour = np.where(done < count[:, None], mixed, colour)  # rounds = own nodes
            colours[..., lane] = colour
    return colours


def lanes_to_keys(lanes: U64) -> list[str]:
    """32 hex digits a graph."""
    text = np.ascontiguousarray(lanes).astype(">u8").tobytes().hex()
    return [text[i : i + 32] for i in range(0, len(text), 32)]


def untraced(name: str) -> Architecture:
    """Stands for a network that cannot be traced; those of one name are one architecture."""
    return Architecture(UNTRACED, ("input", name, "output"), ((0, 1), (1, 2)))
