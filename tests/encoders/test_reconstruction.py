"""What is rebuilt and generated, of decoders whose answers are known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from subsel_automl.encoders.collate import graph_arrays
from subsel_automl.encoders.generation import PROTOCOLS, generation
from subsel_automl.encoders.reconstruction import reconstruction
from subsel_automl.spaces.enumeration import INNER_OPS, MAX_NODES, OPERATIONS, SPACE
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.worlds import some_cells

FULL = [cell for cell in some_cells(100, seed=1) if len(cell) == 5][:20]
GRAPHS = graph_arrays(FULL, SPACE, OPERATIONS, MAX_NODES)
ROWS = torch.arange(len(FULL))


class Known(nn.Module):
    """A graph VAE whose latent vector spells each node: its operation, and its edges out."""

    space, operations, max_nodes = SPACE, OPERATIONS, MAX_NODES
    width = len(OPERATIONS) + MAX_NODES

    def __init__(self, directed: bool = True, wrong_edge: bool = False) -> None:
        super().__init__()
        self.decoder_directed, self.wrong_edge = directed, wrong_edge
        self.mean = nn.Linear(1, 1)

    def forward(self, batch):
        one_hot = nn.functional.one_hot(batch.ops, len(OPERATIONS)).float() * 2 - 1
        out = (batch.adjacency.float() * 2 - 1)[batch.mask]
        return torch.cat([one_hot, out], 1), torch.zeros(len(one_hot), self.width)

    def embed_nodes(self, graphs):
        batch = graphs.batch(torch.arange(len(graphs)))
        return batch.padded(self(batch)[0])

    def decoder(self, z):
        ops, edges = z[..., : len(OPERATIONS)], z[..., len(OPERATIONS) :].clone()
        if not self.decoder_directed:
            edges = torch.maximum(edges, edges.transpose(1, 2))
        if self.wrong_edge:
            edges[:, 0, 1] *= -1
        return ops, edges


@pytest.mark.parametrize("directed", [True, False])
def test_what_is_rebuilt_is_right_everywhere(directed):
    found = reconstruction(Known(directed), GRAPHS, ROWS)
    assert (found.edges, found.operations, found.cells, found.entries) == (1, 1, 1, 1)


def test_one_wrong_entry_spoils_the_cell_and_one_pair():
    found = reconstruction(Known(wrong_edge=True), GRAPHS, ROWS)
    assert (found.operations, found.cells) == (1, 0)
    assert found.edges == pytest.approx(9 / 10)  # of 10 unordered pairs
    assert found.entries == pytest.approx(19 / 20)


def generated(model, graphs=GRAPHS):
    rows = torch.arange(len(graphs))
    return generation(model, graphs, rows, 300, torch.Generator().manual_seed(0))


def test_a_decoder_of_one_cell_is_always_valid_and_never_new():
    cell = NASBench101().architecture(
        ("input", *INNER_OPS, "output"), [(0, 1), (1, 2), (2, 3), (3, 4)]
    )
    graphs = graph_arrays([cell] * 3, SPACE, OPERATIONS, MAX_NODES)
    found = generated(Known(), graphs)
    assert set(found) == set(PROTOCOLS)
    assert found["position"].validity == 1  # the deviation at every place is 0
    assert found["position"].uniqueness == pytest.approx(1 / 300)


def test_a_place_s_own_moments_tell_more_than_those_of_all_places():
    found = generated(Known())
    assert found["position"].validity > found["pooled"].validity + 0.02
    assert found["position"].samples == 300


def test_the_protocols_follow_the_generator():
    assert generated(Known()) == generated(Known())


class Backwards(Known):
    """The ends are exchanged: no draw is a cell."""

    def decoder(self, z):
        ops, edges = super().decoder(z)
        return ops.flip(2), edges


def test_draws_whose_ends_are_wrong_are_not_valid():
    cell = NASBench101().architecture(
        ("input", C3 := INNER_OPS[0], C3, "output"), [(0, 1), (1, 2), (2, 3)]
    )
    graphs = graph_arrays([cell] * 2, SPACE, OPERATIONS, MAX_NODES)
    assert generated(Backwards(), graphs)["position"].validity == 0
