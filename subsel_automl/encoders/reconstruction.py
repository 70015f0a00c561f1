"""What a graph VAE rebuilds from the mean of q(Z | G): entries, nodes, whole cells.

Deviations:
    [1] arch2vec's released code prints accuracy an entry under the name that its text gives to
        whole cells, over padded slots and the diagonal too; here each has its name, over real nodes
        and pairs u != v.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from .base import CHUNK
from .collate import GraphArrays, GraphBatch

GraphVae = (
    Any  # an encoder with `decoder_directed`, `mean`, `decoder`, and mu, log sigma when called
)


@dataclass(frozen=True)
class Reconstruction:
    """Fractions that are rebuilt exactly.

    Attributes:
        edges: of unordered node pairs; right when the decoder tells for both directions whether an
            edge is there (a decoder without directions: whether one is there at all).
        operations: of nodes.
        cells: of cells all of whose pairs and operations are right.
        entries: of ordered pairs, each entry of the matrix by itself; what arch2vec counts.  [1]
    """

    edges: float
    operations: float
    cells: float
    entries: float


def ordered_pairs(mask: Bool[Tensor, "m v"]) -> Bool[Tensor, "m v v"]:
    """Pairs u != v of real nodes."""
    other = ~torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)
    return mask[:, :, None] & mask[:, None, :] & other


def target_edges(model: GraphVae, batch: GraphBatch) -> Bool[Tensor, "m v v"]:
    """What the decoder is to say of each pair: A, or A + A^T where it knows no directions."""
    edges = batch.adjacency > 0
    return edges if model.decoder_directed else edges | edges.transpose(1, 2)


@torch.no_grad()
def reconstruction(model: GraphVae, graphs: GraphArrays, rows: Int[Tensor, " b"]) -> Reconstruction:
    """Rebuild cells from the mean of q(z | G), in evaluation mode."""
    was_training = model.training
    model.eval()
    right, total = torch.zeros(4), torch.zeros(4)
    for part in rows.split(CHUNK):
        batch = graphs.batch(part, model.mean.weight.device)
        op_logits, edge_logits = model.decoder(batch.padded(model(batch)[0]))
        every = ordered_pairs(batch.mask)
        pairs = every.triu()
        same = (edge_logits > 0) == target_edges(model, batch)
        edges = same & same.transpose(1, 2)
        ops = op_logits[batch.mask].argmax(1) == batch.ops
        wrong_ops = batch.padded((~ops)[:, None].float())[..., 0]
        cells = (edges | ~pairs).flatten(1).all(1) & (wrong_ops.sum(1) == 0)
        right += torch.tensor([edges[pairs].sum(), ops.sum(), cells.sum(), same[every].sum()])
        total += torch.tensor([pairs.sum(), len(ops), len(cells), every.sum()])
    model.train(was_training)
    return Reconstruction(*(right.double() / total.double()).tolist())
