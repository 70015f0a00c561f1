"""Truths of the encoder that is never trained."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.catalog import ENCODERS
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import ArchitectureError, BadInput
from subsel_automl.encoders.kinds import encoder_class
from subsel_automl.encoders.operations import OperationsEncoder, tokens
from subsel_automl.encoders.store import load_encoder, save_encoder
from subsel_automl.worlds import some_cells

OPS = ("input", "conv3x3-bn-relu:16", "maxpool3x3-s2", "add", "linear:10", "output")
EDGES = ((0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 5))
NET = Architecture("traced", OPS, EDGES)


def pooled(architecture, **options):
    h, mask = OperationsEncoder(**options).embed([architecture])
    return h.sum(1)[0] / mask.sum()


@given(st.integers(0, 2**16))
def test_isomorphic_graphs_have_the_same_vectors(seed):
    """Nodes are listed in another order that is topological, too."""
    cell = some_cells(1, seed=seed)[0]
    rng, order = np.random.default_rng(seed), []
    while len(order) < len(cell):
        free = [
            v
            for v in range(len(cell))
            if v not in order and all(u in order for u, w in cell.edges if w == v)
        ]
        order.append(int(rng.choice(free)))
    place = {old: new for new, old in enumerate(order)}
    edges = tuple((place[u], place[v]) for u, v in cell.edges)
    other = Architecture(cell.space, tuple(cell.ops[node] for node in order), edges)
    assert other.key == cell.key
    assert torch.allclose(pooled(other), pooled(cell), atol=1e-6)


@pytest.mark.parametrize(
    ("ops", "edges"),
    [
        ((*OPS[:1], "conv5x5-bn-relu:16", *OPS[2:]), EDGES),
        ((*OPS[:1], "conv3x3-bn-relu:32", *OPS[2:]), EDGES),
        (OPS, (*EDGES, (0, 3))),
        (OPS, ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))),
    ],
    ids=["operation", "width", "edge", "shape"],
)
def test_another_graph_has_another_vector(ops, edges):
    assert (pooled(Architecture("traced", ops, edges)) - pooled(NET)).abs().max() > 1e-3


def test_all_of_a_hundred_cells_are_told_apart():
    cells = some_cells(100, seed=4)
    h, mask = OperationsEncoder().embed(cells)
    vectors = (h.sum(1) / mask.sum(1, keepdim=True)).unique(dim=0)
    assert len(vectors) == 100


def test_operations_that_share_words_lie_nearer():
    encoder = OperationsEncoder(rounds=0)
    ops = ("conv3x3-bn-relu:16", "conv3x3-s2-bn-relu:16", "maxpool3x3-s2", "output")
    h = encoder.embed([Architecture("traced", ops, ((0, 1), (1, 2), (2, 3)))])[0][0].numpy()
    vectors = [encoder._word(op.partition(":")[0]) for op in ops]
    near = abs(vectors[0] - vectors[1]).sum()
    assert near < min(abs(vectors[0] - v).sum() for v in vectors[2:])
    assert h[:4].any(1).all()


def test_another_process_gets_the_same_numbers():
    code = (
        "import hashlib; from subsel_automl.encoders.operations import OperationsEncoder; "
        "from subsel_automl.core.architecture import Architecture; "
        f"a = Architecture('traced', {OPS!r}, {EDGES!r}); "
        "print(hashlib.sha256(OperationsEncoder().embed([a])[0].numpy().tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    mine = OperationsEncoder().embed([NET])[0].numpy().tobytes()
    assert done.stdout.strip() == hashlib.sha256(mine).hexdigest()


@pytest.mark.parametrize("option", ["width", "rounds", "seed"])
def test_every_option_changes_the_vectors(option):
    other = pooled(NET, **{option: 7})
    assert other.shape != pooled(NET).shape or not torch.equal(other, pooled(NET))


def test_it_has_its_name_and_comes_back_from_disk(tmp_path):
    assert ENCODERS["operations"].endswith(encoder_class("operations").__name__)
    save_encoder(OperationsEncoder(seed=3, max_nodes=9), tmp_path)
    loaded = load_encoder(tmp_path)
    assert loaded.config() == OperationsEncoder(seed=3, max_nodes=9).config()
    assert torch.equal(
        loaded.embed([NET])[0], OperationsEncoder(seed=3, max_nodes=9).embed([NET])[0]
    )


def test_nodes_are_padded_and_masked():
    h, mask = OperationsEncoder(max_nodes=8).embed([NET])
    assert h.shape == (1, 8, 16)
    assert mask[0].tolist() == [True] * 6 + [False] * 2
    assert not h[0, 6:].any()


@pytest.mark.parametrize("options", [{"max_nodes": 5}, {"space": "nasbench101"}])
def test_what_it_was_not_made_for_is_refused(options):
    with pytest.raises(ArchitectureError, match="does not know architecture"):
        OperationsEncoder(**options).embed([NET])


def test_an_unusable_width_is_refused():
    with pytest.raises(BadInput, match="width=0"):
        OperationsEncoder(width=0)


def test_words_are_cut_where_a_number_begins():
    assert tokens("dwconv3x3-s2-bn-relu6") == ["dwconv", "3x3", "s2", "bn", "relu", "6"]
    assert tokens("conv3x3-bn-relu") == ["conv", "3x3", "bn", "relu"]
