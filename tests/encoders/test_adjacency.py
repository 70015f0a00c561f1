"""Truths of the adjacency encoder (Table 14's A)."""

from __future__ import annotations

import torch

from subsel_automl.core.architecture import Architecture
from subsel_automl.encoders.adjacency import AdjacencyEncoder
from subsel_automl.encoders.store import load_encoder, save_encoder
from subsel_automl.spaces.nasbench101 import NASBench101

CELL = Architecture(
    "nasbench101",
    ("input", "conv3x3-bn-relu", "maxpool3x3", "output"),
    ((0, 1), (0, 2), (1, 3), (2, 3)),
)


def encoder() -> AdjacencyEncoder:
    return AdjacencyEncoder(space="nasbench101", operations=NASBench101.operations, max_nodes=7)


def test_a_row_is_the_neighbours_and_the_operation():
    h, mask = encoder().embed([CELL])
    place = {op: CELL.bfs_order().index(node) for node, op in enumerate(CELL.ops)}
    row = h[0, place["conv3x3-bn-relu"]]
    assert row[:7].nonzero().flatten().tolist() == sorted([place["input"], place["output"]])
    operation = NASBench101.operations.index("conv3x3-bn-relu")
    assert row[7:].nonzero().flatten().tolist() == [operation]
    assert mask[0].tolist() == [True] * 4 + [False] * 3
    assert not h[0, 4:].any()


def test_saved_and_loaded_is_the_same(tmp_path):
    save_encoder(encoder(), tmp_path)
    loaded = load_encoder(tmp_path)
    assert torch.equal(loaded.embed([CELL])[0], encoder().embed([CELL])[0])
