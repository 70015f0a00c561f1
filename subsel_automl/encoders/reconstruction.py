"""What a graph VAE rebuilds and generates: accuracy from mu, cells decoded from prior draws.

Deviations: none. (The paper measures neither; arch2vec's reconstruction, validity and uniqueness.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError
from ..spaces.nasbench101 import NASBench101
from .base import CHUNK
from .collate import GraphArrays
from .gvae import GVAE


@dataclass(frozen=True)
class Reconstruction:
    """Fractions of unordered node pairs, of nodes and of whole cells that are rebuilt exactly.

    A pair is right when the decoder tells for both directions whether an edge is there; a cell is
    right when all its pairs and operations are.
    """

    edges: float
    operations: float
    cells: float


def ordered_pairs(mask: Bool[Tensor, "m v"]) -> Bool[Tensor, "m v v"]:
    """Pairs u != v of real nodes."""
    other = ~torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)
    return mask[:, :, None] & mask[:, None, :] & other


@torch.no_grad()
def reconstruction(model: GVAE, graphs: GraphArrays, rows: Int[Tensor, " b"]) -> Reconstruction:
    """Rebuild cells from the mean of q(z | G), in evaluation mode."""
    was_training = model.training
    model.eval()
    right, total = torch.zeros(3), torch.zeros(3)
    for part in rows.split(CHUNK):
        batch = graphs.batch(part, model.mean.weight.device)
        op_logits, edge_logits = model.decoder(batch.padded(model(batch)[0]))
        pairs = ordered_pairs(batch.mask).triu()
        same = (edge_logits > 0) == (batch.adjacency > 0)
        edges = same & same.transpose(1, 2)
        ops = op_logits[batch.mask].argmax(1) == batch.ops
        wrong_ops = batch.padded((~ops)[:, None].float())[..., 0]
        cells = (edges | ~pairs).flatten(1).all(1) & (wrong_ops.sum(1) == 0)
        right += torch.tensor([edges[pairs].sum(), ops.sum(), cells.sum()])
        total += torch.tensor([pairs.sum(), len(ops), len(cells)])
    model.train(was_training)
    return Reconstruction(*(right.double() / total.double()).tolist())


@torch.no_grad()
def prior_cells(
    model: GVAE, nodes: Int[Tensor, " m"], samples: int, generator: torch.Generator
) -> list[Architecture]:
    """Decode draws of z ~ N(0, I); returns those that are cells of NAS-Bench-101.

    The number of nodes is drawn from `nodes`. The node that is most an input becomes the input, of
    the others the one that is most an output becomes the output, the rest take their best inner
    operation; an edge is there when its probability is above one half, except into the input and
    out of the output. A draw that is cyclic, cut or too large is no cell.
    """
    device = model.mean.weight.device
    counts = nodes[torch.randint(len(nodes), (samples,), generator=generator)]
    z = torch.randn(samples, model.max_nodes, model.width, generator=generator).to(device)
    op_logits, edge_logits = (logits.cpu() for logits in model.decoder(z))
    cells = []
    for count, ops, edges in zip(counts.tolist(), op_logits, edge_logits, strict=True):
        try:
            cells.append(_cell(model, ops[:count], edges[:count, :count]))
        except ArchitectureError:
            continue
    return cells


def _cell(model: GVAE, ops: Float[Tensor, "v ops"], edges: Float[Tensor, "v v"]) -> Architecture:
    score = ops.log_softmax(1)
    first = int(score[:, 0].argmax())
    ends = score[:, -1].clone()
    ends[first] = -torch.inf
    last = int(ends.argmax())
    inner = [node for node in range(len(ops)) if node not in (first, last)]
    order = [first, *inner, last]
    labels = [model.operations[1 + int(score[node, 1:-1].argmax())] for node in inner]
    present = edges[order][:, order] > 0
    present[:, 0] = present[-1, :] = False
    present.fill_diagonal_(False)
    listing = (model.operations[0], *labels, model.operations[-1])
    pairs = [(u, v) for u, v in present.nonzero().tolist()]
    return NASBench101().architecture(listing, pairs)
