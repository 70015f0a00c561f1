"""Unsupervised training of the graph VAE on a whole search space (SubSelNet 4.1 and D.3).

    max E_{Z ~ q} [log p(G | Z)] - KL(q || N(0, I))

Deviations:
    [1] The KL term has the weight 0.0045, arch2vec's 1 / (B N) at its batch of 32 and 7 nodes (with
        weight 1 the latent vectors keep too little to rebuild a cell); reconstruction terms are
        means over nodes and over ordered pairs of nodes.
    [2] D.3 trains 10 epochs in batches of 32 at 1e-3; here fewer epochs in batches of 512, one
        cycle of the learning rate with peak 3e-3: minutes on one core.
    [3] 10 % of the cells are held out to measure reconstruction; the paper trains on all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from ..core.errors import BadInput
from ..spaces.enumeration import MAX_NODES, OPERATIONS, SPACE, CellTable
from .collate import GraphArrays, GraphBatch, graph_arrays
from .gvae import GVAE
from .reconstruction import ordered_pairs, prior_cells, reconstruction

KL_WEIGHT = 1 / (32 * 7)  # [1]
PEAK_LEARNING_RATE = 3e-3  # [2]
CLIP = 5.0  # the paper's released code
REPORT_EVERY = 50  # steps
Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class PretrainReport:
    """What a training run measured; accuracies are of held-out cells, rebuilt from mu.

    edge_accuracy counts unordered pairs of nodes: right when both directions are.
    validity: share of prior draws that decode to a cell of the space; uniqueness: share of
    different cells among the valid ones.
    """

    seed: int
    epochs: int
    batch: int
    directed: bool
    trained_on: int
    held_out: int
    steps: int
    seconds: float
    cpu_seconds: float
    edge_accuracy: float
    operation_accuracy: float
    cell_accuracy: float
    validity: float
    uniqueness: float
    prior_samples: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def pretrain_gvae(
    table: CellTable,
    *,
    seed: int,
    epochs: int = 3,
    batch: int = 512,
    holdout: float = 0.1,
    directed: bool = True,
    prior_samples: int = 2_000,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> tuple[GVAE, PretrainReport]:
    """Train on a random 1 - holdout of the table, measure on the rest.

    Args:
        seed: of split, weights, order and noise; equal seeds give equal weights on one CPU thread.
        batch: cells a step; an incomplete last batch of an epoch is left out.
        holdout: fraction that training never sees; with 0 the training cells are measured.
        directed: see `GVAE`.
        prior_samples: draws of which validity and uniqueness are measured.
        progress: called every 50 steps and after the last with (step, steps, loss).

    Raises:
        BadInput: epochs below 1, batch below 2, holdout outside [0, 1), or too few cells.
    """
    cut = _held_out(len(table), epochs, batch, holdout)
    noise = torch.Generator().manual_seed(seed)
    graphs = graph_arrays(table, SPACE, OPERATIONS, MAX_NODES)
    order = torch.randperm(len(graphs), generator=noise)
    unseen, seen = order[:cut], order[cut:]
    model = _fresh(seed, directed).to(device)
    cost = _train(model, graphs, list(_batches(seen, epochs, batch, noise)), noise, progress)
    asked = {"seed": seed, "epochs": epochs, "batch": batch, "directed": directed}
    rebuilt = _accuracies(model, graphs, unseen if cut else seen)
    drawn = _generation(model, graphs.nodes[seen], prior_samples, noise)
    report = PretrainReport(trained_on=len(seen), held_out=cut, **asked, **cost, **rebuilt, **drawn)
    return model, report


def _fresh(seed: int, directed: bool) -> GVAE:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return GVAE(space=SPACE, operations=OPERATIONS, max_nodes=MAX_NODES, directed=directed)


def _accuracies(model: GVAE, graphs: GraphArrays, rows: Int[Tensor, " b"]) -> dict[str, float]:
    rebuilt = reconstruction(model, graphs, rows)
    return {
        "edge_accuracy": rebuilt.edges,
        "operation_accuracy": rebuilt.operations,
        "cell_accuracy": rebuilt.cells,
    }


def _generation(
    model: GVAE, nodes: Int[Tensor, " n"], samples: int, generator: torch.Generator
) -> dict[str, Any]:
    valid = prior_cells(model, nodes, samples, generator)
    return {
        "validity": len(valid) / max(1, samples),
        "uniqueness": len({cell.key for cell in valid}) / max(1, len(valid)),
        "prior_samples": samples,
    }


def negative_elbo(model: GVAE, batch: GraphBatch, noise: Float[Tensor, "N d"]) -> Float[Tensor, ""]:
    """Reconstruction plus weighted KL of one batch; noise is standard normal."""
    mu, log_sigma = model(batch)
    z = batch.padded(mu + torch.exp(log_sigma) * noise)
    op_logits, edge_logits = model.decoder(z)
    pairs = ordered_pairs(batch.mask)
    edges = functional.binary_cross_entropy_with_logits(
        edge_logits[pairs], batch.adjacency[pairs].to(edge_logits.dtype)
    )
    operations = functional.cross_entropy(op_logits[batch.mask], batch.ops)
    kl = 0.5 * (mu**2 + torch.exp(2 * log_sigma) - 1 - 2 * log_sigma).sum(1).mean()
    return edges + operations + KL_WEIGHT * kl  # [1]


def _train(
    model: GVAE,
    graphs: GraphArrays,
    batches: list[Int[Tensor, " b"]],
    generator: torch.Generator,
    progress: Progress | None,
) -> dict[str, Any]:
    """One optimiser step a batch; returns the number of steps and the seconds that they took."""
    wall, cpu = time.perf_counter(), time.process_time()
    device = model.mean.weight.device
    optimiser = torch.optim.Adam(model.parameters(), PEAK_LEARNING_RATE)
    cycle = torch.optim.lr_scheduler.OneCycleLR(  # [2]
        optimiser, PEAK_LEARNING_RATE, total_steps=len(batches), pct_start=0.1
    )
    model.train()
    for step, rows in enumerate(batches, start=1):
        batch = graphs.batch(rows, device)
        noise = torch.randn(len(batch.ops), model.width, generator=generator)
        loss = negative_elbo(model, batch, noise.to(device))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        cycle.step()
        if progress is not None and (step % REPORT_EVERY == 0 or step == len(batches)):
            progress(step, len(batches), loss.item())
    model.eval()
    return {
        "steps": len(batches),
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
    }


def _batches(
    rows: Int[Tensor, " n"], epochs: int, batch: int, generator: torch.Generator
) -> Iterator[Int[Tensor, " b"]]:
    for _ in range(epochs):
        shuffled = rows[torch.randperm(len(rows), generator=generator)]
        whole = max(1, len(rows) // batch)  # BatchNorm refuses a last batch of one edge
        yield from shuffled[: whole * batch].split(batch)


def _held_out(cells: int, epochs: int, batch: int, holdout: float) -> int:
    """Cells to hold out, after checking what was asked."""
    if epochs < 1:
        raise BadInput(f"epochs {epochs} trains nothing; give 1 or more")
    if batch < 2:
        raise BadInput(f"batch {batch} is too small for batch normalisation; give 2 or more")
    if not 0 <= holdout < 1:
        raise BadInput(f"holdout {holdout} is no fraction of the cells; give 0 <= holdout < 1")
    cut = round(holdout * cells)
    if cells - cut < 2:
        raise BadInput(f"{cells} cells leave {cells - cut} to train on; give at least two")
    return cut
