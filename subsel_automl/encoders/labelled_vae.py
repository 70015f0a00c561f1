"""arch2vec with a head: a variational autoencoder of cells that foretells something of networks.

    v = W_f [z_1 ... z_V] + b_f          the network's vector, before its ReLU
    y = head([relu(v), ...])             dense, twice (ReLU, dropout, dense)

Source: Suchopárová and Neruda 2022 (info-NAS), section 4, Fig. 1 and appendix E; what they do not
say, as in their released code.

Deviations:
    [1] z_1 ... z_V stand in BFS order, so that isomorphic listings are read alike; there, as they
        are listed.
    [2] The head learns (y - mean) / scale, mean and scale of the training networks' values, and
        gives y: how large the values are does not decide what the autoencoder learns.
    [3] The architecture's own vector is the mean over its nodes (appendix G, first method), over
        real nodes alone; `latent_vectors` is the second method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from ..core.architecture import Architecture
from ..core.errors import BadInput
from .arch2vec import Arch2vec
from .base import ArchitectureEncoder
from .collate import GraphArrays

LITE_HEAD, PAPER_HEAD = 128, 512


class LabelledVae(Arch2vec):
    """Arch2vec, the flatten layer, and a head.

    Args:
        vector: length of v.
        head: width of the head's layers.
        head_dropout: of the head, in training.
        beside: numbers that the head reads beside v.
        outputs: that the head gives.
        shape: arguments of `Arch2vec`.

    Raises:
        BadInput: a size below 1, or a dropout outside [0, 1).
    """

    def __init__(
        self,
        *,
        vector: int = 16,
        head: int = LITE_HEAD,
        head_dropout: float = 0.5,
        beside: int = 0,
        outputs: int = 1,
        **shape: Any,
    ) -> None:
        super().__init__(**shape)
        if min(vector, head, outputs) < 1 or not 0 <= head_dropout < 1:
            raise BadInput(
                f"a head with vector={vector}, head={head}, outputs={outputs}, "
                f"head_dropout={head_dropout} cannot be: give sizes from 1 and 0 <= dropout < 1"
            )
        self.vector, self.head_width, self.head_dropout = vector, head, head_dropout
        self.outputs = outputs
        self.flatten = nn.Linear(self.max_nodes * self.width, vector)  # W_f, b_f
        self.head = nn.Sequential(
            nn.Linear(vector + beside, head),
            *(nn.ReLU(), nn.Dropout(head_dropout), nn.Linear(head, head)),
            *(nn.ReLU(), nn.Dropout(head_dropout), nn.Linear(head, outputs)),
        )
        self.target_mean: Tensor
        self.target_scale: Tensor
        self.register_buffer("target_mean", torch.zeros(outputs))  # [2]
        self.register_buffer("target_scale", torch.ones(1))

    def config(self) -> dict[str, Any]:
        own = {"vector": self.vector, "head": self.head_width, "head_dropout": self.head_dropout}
        return {**super().config(), **own}

    def pooled(self, h: Float[Tensor, "m v d"], mask: Bool[Tensor, "m v"]) -> Float[Tensor, "m d"]:
        return ArchitectureEncoder.pooled(self, h, mask)  # [3]

    def network_vectors(
        self, z: Float[Tensor, "m v d"], order: Int[Tensor, "m v"]
    ) -> Float[Tensor, "m k"]:
        """v of latent vectors as listed, zero where there is no node, and their BFS order.  [1]"""
        listed: Tensor = self.flatten(z.gather(1, order[..., None].expand_as(z)).flatten(1))
        return listed

    def latent_vectors(self, architectures: Sequence[Architecture]) -> Float[Tensor, "m k"]:
        """v of each architecture, from the mean of q(Z | G); evaluation mode, no gradient.

        Raises:
            ArchitectureError: as `embed`.
        """
        h, _ = self.embed(architectures)  # in BFS order already
        with torch.no_grad():
            vectors: Tensor = self.flatten(h.flatten(1))
        return vectors

    def scaled(self, y: Float[Tensor, "... out"]) -> Float[Tensor, "... out"]:
        """What the head is to say for y.  [2]"""
        return (y - self.target_mean) / self.target_scale

    def unscaled(self, said: Float[Tensor, "... out"]) -> Float[Tensor, "... out"]:
        """y of what the head says.  [2]"""
        return said * self.target_scale + self.target_mean

    def learn_scale(self, y: Float[Tensor, "... out"]) -> None:
        """Mean and scale of the training networks' values.  [2]"""
        flat = y.flatten(0, -2)
        self.target_mean.copy_(flat.mean(0))
        spread = (flat - self.target_mean).square().mean().sqrt()
        self.target_scale.fill_(max(float(spread), 1e-6))


def listed_order(model: ArchitectureEncoder, graphs: GraphArrays) -> Int[Tensor, "m v"]:
    """BFS order of each graph, as a tensor."""
    return torch.from_numpy(model.bfs_orders(graphs))
