"""Cells that a graph VAE generates: latent vectors drawn by a named protocol, decoded, counted.

    prior     z ~ N(0, I)
    pooled    z ~ N(mean, sd), both of mu over all nodes of the training cells
    position  z_i ~ N(mean_i, sd_i), both of mu over the training cells' nodes at place i

The number of nodes is drawn from the training cells'. Validity is the share of draws that decode to
a cell of the space, uniqueness the share of different cells among those.

Source: arch2vec (Yan 2022, 3.4.1). Its text names the prior; its released code draws a place's own
mean and deviation, which tells the operation by the place: numbers of the three do not compare.

Deviations:
    [1] mu and its deviation at place i are those of cells with the drawn number of nodes, since the
        output stands at another place in smaller cells; the released code mixes them, and slots.
    [2] `prior_cells` is for a decoder that is given no order of the nodes: it repairs the ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError
from ..spaces.base import SearchSpace
from ..spaces.named import search_space
from .collate import GraphArrays
from .reconstruction import GraphVae

PROTOCOLS = ("prior", "pooled", "position")
MOMENTS = 50_000  # training cells that means and deviations are taken of
Draw = Callable[[int], Float[Tensor, "v d"]]


@dataclass(frozen=True)
class Generated:
    """Shares of valid draws, and of different cells among them; of how many draws."""

    validity: float
    uniqueness: float
    samples: int


@torch.no_grad()
def generation(
    model: GraphVae,
    graphs: GraphArrays,
    rows: Int[Tensor, " n"],
    samples: int,
    generator: torch.Generator,
) -> dict[str, Generated]:
    """Validity and uniqueness under the three protocols; nodes stand in the order of their places.

    Args:
        rows: training cells, of which moments and numbers of nodes are taken.
    """
    some = rows[torch.randperm(len(rows), generator=generator)[:MOMENTS]]
    few = GraphArrays(graphs.ops[some], graphs.adjacency[some], graphs.nodes[some])
    was_training = model.training
    model.eval()
    mu = model.embed_nodes(few).cpu()
    counts = few.nodes[torch.randint(len(few), (samples,), generator=generator)]
    found = {}
    for protocol in PROTOCOLS:
        mean, deviation = _moments(mu, few.nodes, protocol)
        noise = torch.randn(samples, model.max_nodes, model.width, generator=generator)
        z = mean[counts] + deviation[counts] * noise
        cells = _decoded(model, z, counts)
        different = len({cell.key for cell in cells})
        found[protocol] = Generated(
            len(cells) / max(1, samples), different / max(1, len(cells)), samples
        )
    model.train(was_training)
    return found


def _moments(
    mu: Float[Tensor, "m v d"], nodes: Int[Tensor, " m"], protocol: str
) -> tuple[Float[Tensor, "v+1 v d"], Float[Tensor, "v+1 v d"]]:
    """Mean and standard deviation by number of nodes and place."""
    width = mu.shape[1]
    mean, deviation = mu.new_zeros(width + 1, *mu.shape[1:]), mu.new_ones(width + 1, *mu.shape[1:])
    if protocol == "pooled":
        real = mu[torch.arange(width) < nodes[:, None]]
        mean[:], deviation[:] = real.mean(0), real.std(0, correction=0)
    elif protocol == "position":
        for count in nodes.unique().tolist():  # [1]
            mean[count] = mu[nodes == count].mean(0)
            deviation[count] = mu[nodes == count].std(0, correction=0)
    return mean, deviation


def _decoded(
    model: GraphVae, z: Float[Tensor, "m v d"], counts: Int[Tensor, " m"]
) -> list[Architecture]:
    """The draws that are cells as decoded: an edge u -> v, u < v, where it is likelier than not."""
    space = search_space(model.space)
    op_logits, edge_logits = (x.cpu() for x in model.decoder(z.to(model.mean.weight.device)))
    codes, edges = op_logits.argmax(2), (edge_logits > 0).triu(1)
    cells = []
    for count, ops, present in zip(counts.tolist(), codes.tolist(), edges, strict=True):
        pairs = present[:count, :count].nonzero().tolist()
        _keep(cells, space, [model.operations[op] for op in ops[:count]], pairs)
    return cells


def _keep(
    cells: list[Architecture], space: SearchSpace, ops: list[str], pairs: list[list[int]]
) -> None:
    try:
        cells.append(space.architecture(ops, [(u, v) for u, v in pairs]))
    except ArchitectureError:  # cut, cyclic, too large, or ends that are none
        return


@torch.no_grad()
def prior_cells(
    model: GraphVae, nodes: Int[Tensor, " m"], samples: int, generator: torch.Generator
) -> list[Architecture]:
    """Decode draws of z ~ N(0, I); returns those that are cells of the model's space.  [2]

    The number of nodes is drawn from `nodes`. The node that is most an input becomes the input, of
    the others the one that is most an output becomes the output, the rest take their best inner
    operation; an edge is there when its probability is above one half, except into the input and
    out of the output. A draw that is cyclic, cut or too large is no cell.
    """
    device = model.mean.weight.device
    counts = nodes[torch.randint(len(nodes), (samples,), generator=generator)]
    z = torch.randn(samples, model.max_nodes, model.width, generator=generator).to(device)
    op_logits, edge_logits = (logits.cpu() for logits in model.decoder(z))
    cells: list[Architecture] = []
    space = search_space(model.space)
    for count, ops, edges in zip(counts.tolist(), op_logits, edge_logits, strict=True):
        _keep(cells, space, *_repaired(model, ops[:count], edges[:count, :count]))
    return cells


def _repaired(
    model: GraphVae, ops: Float[Tensor, "v ops"], edges: Float[Tensor, "v v"]
) -> tuple[list[str], list[list[int]]]:
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
    return [model.operations[0], *labels, model.operations[-1]], present.nonzero().tolist()
