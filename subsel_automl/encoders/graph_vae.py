"""Unsupervised training of a graph VAE on the cells of a space (SubSelNet 4.1, D.3; arch2vec 3.5).

    max E_{Z ~ q} [log p(G | Z)] - KL(q || N(0, I))                                  (arch2vec 3.5)

Deviations:
    [1] The KL term has the weight 0.0045, arch2vec's 1 / (B N) at its batch of 32 and 7 nodes (with
        weight 1 the latent vectors keep too little to rebuild a cell); reconstruction terms are
        means over nodes and over ordered pairs of nodes.
    [2] D.3 trains 10 epochs in batches of 32 at 1e-3, arch2vec 8; here fewer epochs in batches of
        512, one cycle of the learning rate with peak 3e-3: minutes on one core.
    [3] 10 % of the cells, drawn, are held out to measure reconstruction; SubSelNet trains on all,
        arch2vec holds out the last 10 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from ..core.errors import BadInput
from .base import ArchitectureEncoder
from .collate import GraphBatch
from .generation import generation, prior_cells
from .objective import Objective
from .reconstruction import GraphVae, ordered_pairs, reconstruction, target_edges

KL_WEIGHT = 1 / (32 * 7)  # [1]
PEAK_LEARNING_RATE = 3e-3  # [2]


class GraphVaeObjective(Objective):
    """The evidence lower bound of a graph VAE; `samples` cells are generated for the report."""

    defaults: ClassVar[dict[str, Any]] = {"samples": 2_000}

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        if self.options["samples"] < 0:
            raise BadInput(f"samples={self.options['samples']} cannot be drawn; give 0 or more")

    def batches(
        self, rows: Int[Tensor, " n"], epochs: int, batch: int, generator: torch.Generator
    ) -> list[Tensor]:
        return list(shuffled(rows, epochs, batch, generator))

    def loss(
        self, model: ArchitectureEncoder, batch: Tensor, generator: torch.Generator
    ) -> Float[Tensor, ""]:
        device = model.mean.weight.device
        graphs = self.graphs.batch(batch, device)
        noise = torch.randn(len(graphs.ops), model.width, generator=generator)
        return negative_elbo(model, graphs, noise.to(device))

    def optimiser(
        self, model: ArchitectureEncoder, steps: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        adam = torch.optim.Adam(model.parameters(), PEAK_LEARNING_RATE)
        cycle = torch.optim.lr_scheduler.OneCycleLR(  # [2]
            adam, PEAK_LEARNING_RATE, total_steps=steps, pct_start=0.1
        )
        return adam, cycle

    def measures(
        self,
        model: ArchitectureEncoder,
        seen: Int[Tensor, " a"],
        unseen: Int[Tensor, " b"],
        generator: torch.Generator,
    ) -> dict[str, Any]:
        rebuilt = reconstruction(model, self.graphs, unseen if len(unseen) else seen)
        drawn = generation(model, self.graphs, seen, self.options["samples"], generator)
        return {
            "edge_accuracy": rebuilt.edges,
            "operation_accuracy": rebuilt.operations,
            "entry_accuracy": rebuilt.entries,
            "cell_accuracy": rebuilt.cells,
            "generated": {name: vars(found) for name, found in drawn.items()},
        }


class GvaeObjective(GraphVaeObjective):
    """Of the encoder that ships, whose cells are drawn from the prior with their ends repaired."""

    encoder_options = ("width", "states", "directed")

    def measures(
        self,
        model: ArchitectureEncoder,
        seen: Int[Tensor, " a"],
        unseen: Int[Tensor, " b"],
        generator: torch.Generator,
    ) -> dict[str, Any]:
        rebuilt = reconstruction(model, self.graphs, unseen if len(unseen) else seen)
        samples = self.options["samples"]
        valid = prior_cells(model, self.graphs.nodes[seen], samples, generator)
        return {
            "edge_accuracy": rebuilt.edges,
            "operation_accuracy": rebuilt.operations,
            "cell_accuracy": rebuilt.cells,
            "validity": len(valid) / max(1, samples),
            "uniqueness": len({cell.key for cell in valid}) / max(1, len(valid)),
            "prior_samples": samples,
        }


class Arch2vecObjective(GraphVaeObjective):
    """Of arch2vec."""

    encoder_options = ("width", "hidden", "layers", "dropout")


def negative_elbo(
    model: GraphVae, batch: GraphBatch, noise: Float[Tensor, "N d"]
) -> Float[Tensor, ""]:
    """Reconstruction plus weighted KL of one batch; noise is standard normal."""
    return latent_and_loss(model, batch, noise)[1]


def latent_and_loss(
    model: GraphVae, batch: GraphBatch, noise: Float[Tensor, "N d"]
) -> tuple[Float[Tensor, "m v d"], Float[Tensor, ""]]:
    """The latent vectors that the noise draws, and the negative ELBO of these."""
    mu, log_sigma = model(batch)
    z = batch.padded(mu + torch.exp(log_sigma) * noise)
    op_logits, edge_logits = model.decoder(z)
    pairs = ordered_pairs(batch.mask)
    edges = functional.binary_cross_entropy_with_logits(
        edge_logits[pairs], target_edges(model, batch)[pairs].to(edge_logits.dtype)
    )
    operations = functional.cross_entropy(op_logits[batch.mask], batch.ops)
    kl = 0.5 * (mu**2 + torch.exp(2 * log_sigma) - 1 - 2 * log_sigma).sum(1).mean()
    return z, edges + operations + KL_WEIGHT * kl  # [1]


def shuffled(
    rows: Int[Tensor, " n"], epochs: int, batch: int, generator: torch.Generator
) -> Iterator[Int[Tensor, " b"]]:
    """All rows once an epoch, in an order of its own; an incomplete last batch is left out."""
    for _ in range(epochs):
        order = rows[torch.randperm(len(rows), generator=generator)]
        whole = max(1, len(rows) // batch)  # BatchNorm refuses a last batch of one edge
        yield from order[: whole * batch].split(batch)
