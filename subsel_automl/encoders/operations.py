"""Node embeddings of any architecture by fixed random message passing: nothing is trained.

    x_u     = mean of the vectors of the operation's tokens + W_s [width, depth, in, out degree]
    h_u^0   = x_u
    h_u^t+1 = tanh(h_u W_self + mean_{v -> u} h_v W_in + mean_{u -> v} h_v W_out),  t < rounds

An operation such as "conv3x3-s2-bn-relu:64" has the tokens conv, 3x3, s2, bn, relu, so operations
that share some lie near each other; a token's vector is drawn by its hash, and so is never unknown.
A width enters as log2, depth as the longest path from the input over the longest of all, degrees as
log. All numbers follow from `seed` alone, in any process; nodes are worked on in BFS order and in
float64, so isomorphic graphs get the same vectors.

Source: random message passing as in Gallicchio & Micheli 2020 (fast and deep graph networks);
interface of SubSelNet 4.2. Deviations: [1] their reservoir is iterated to a fixed point and scaled
for stability; here a few rounds with an outer tanh.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput
from .base import ArchitectureEncoder
from .collate import GraphArrays

Array = npt.NDArray[np.float64]
SCALARS = 4


class OperationsEncoder(ArchitectureEncoder):
    """Embeds architectures of every space, whatever their operations.

    Args:
        space: the only space to accept, or "" for all of them.
        max_nodes: of an architecture; embeddings are padded to it.
        width: of a node's embedding.
        rounds: of message passing.
        seed: of the vectors and weights.

    Raises:
        BadInput: no node, no width, or fewer than no rounds.
    """

    kind = "operations"

    def __init__(
        self,
        *,
        space: str = "",
        max_nodes: int = 128,
        width: int = 16,
        rounds: int = 3,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if max_nodes < 1 or width < 1 or rounds < 0 or seed < 0:
            raise BadInput(
                f"max_nodes={max_nodes}, width={width}, rounds={rounds}, seed={seed}: give at "
                "least 1, 1, 0, 0"
            )
        self.space, self.operations, self.max_nodes = space, (), max_nodes
        self.width, self.rounds, self.seed = width, rounds, seed
        rng = np.random.default_rng([seed, 0x0FE])
        scale = 1 / np.sqrt(width)
        self._messages = rng.normal(0, scale, (3, width, width))  # W_self, W_in, W_out
        self._scalars = rng.normal(0, 0.5, (SCALARS, width))  # W_s

    def config(self) -> dict[str, Any]:
        names = ("space", "max_nodes", "width", "rounds", "seed")
        return {name: getattr(self, name) for name in names}

    def unknown(self, architecture: Architecture) -> str:
        if self.space and architecture.space != self.space:
            return f"space {architecture.space!r}, not {self.space!r}"
        if len(architecture) > self.max_nodes:
            return f"{len(architecture)} nodes, above the encoder's {self.max_nodes}"
        return ""

    def embed_nodes(self, graphs: GraphArrays) -> Float[Tensor, "m v d"]:
        raise BadInput("the operations encoder reads architectures, not arrays; call embed")

    def embed(
        self, architectures: Sequence[Architecture]
    ) -> tuple[Float[Tensor, "m v d"], Bool[Tensor, "m v"]]:
        """Node embeddings in BFS order, padded to `max_nodes`, and a mask of real nodes.

        Raises:
            ArchitectureError: another space than `space`, or more nodes than `max_nodes`.
        """
        out = torch.zeros(len(architectures), self.max_nodes, self.width)
        mask = torch.zeros(len(architectures), self.max_nodes, dtype=torch.bool)
        for row, architecture in enumerate(architectures):
            reason = self.unknown(architecture)
            if reason:
                raise ArchitectureError(
                    f"this encoder does not know architecture {architecture.key[:8]}: {reason}; "
                    "make one with another space or max_nodes"
                )
            nodes = self._nodes(architecture)
            out[row, : len(nodes)] = torch.from_numpy(nodes.astype(np.float32))
            mask[row, : len(nodes)] = True
        return out, mask

    def _nodes(self, architecture: Architecture) -> Array:
        """[nodes, width], in BFS order."""
        order = list(architecture.bfs_order())
        edge = architecture.adjacency().astype(np.float64)[np.ix_(order, order)]
        into, out = edge.sum(0), edge.sum(1)
        words = [architecture.ops[node].partition(":") for node in order]
        vectors = np.stack([self._word(name) for name, _, _ in words])
        sizes = [np.log2(1 + int(size)) / 8 if size.isdigit() else 0.0 for _, _, size in words]
        depth = _depths(architecture)[order]
        scalars = [sizes, depth / max(1.0, depth.max()), np.log1p(into), np.log1p(out)]
        h = vectors + np.stack(scalars, 1) @ self._scalars
        own, in_, out_ = self._messages
        before = edge.T / np.maximum(into, 1)[:, None]
        after = edge / np.maximum(out, 1)[:, None]
        for _ in range(self.rounds):
            h = np.tanh(h @ own + before @ h @ in_ + after @ h @ out_)
        return h

    def _word(self, name: str) -> Array:
        vectors = [_token_vector(token, self.width, self.seed) for token in tokens(name)]
        return np.asarray(np.mean(vectors, axis=0))


def tokens(name: str) -> list[str]:
    """ "dwconv3x3-s2-bn" -> dwconv, 3x3, s2, bn; "maxpool3x3" -> maxpool, 3x3."""
    found: list[str] = []
    for part in re.split(r"[-_]", name):
        match = re.fullmatch(r"([a-z]{2,})(\d+(?:x\d+)*)", part)
        found += list(match.groups()) if match else [part]
    return found


@lru_cache(maxsize=4096)
def _token_vector(token: str, width: int, seed: int) -> Array:
    digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
    rng = np.random.default_rng([seed, int.from_bytes(digest, "little")])
    vector = rng.normal(size=width)
    vector.flags.writeable = False
    return vector


def _depths(architecture: Architecture) -> Array:
    """Longest path from a node without input, [nodes]."""
    depth = np.zeros(len(architecture))
    for u, v in sorted(architecture.edges):  # u < v: depth[u] is final when it is read
        depth[v] = max(depth[v], depth[u] + 1)
    return depth
