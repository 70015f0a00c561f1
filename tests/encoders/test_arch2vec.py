"""Truths of arch2vec."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput
from subsel_automl.encoders.arch2vec import Arch2vec, GinLayer
from subsel_automl.encoders.collate import graph_arrays
from subsel_automl.encoders.graph_vae import negative_elbo
from subsel_automl.encoders.pretrain import pretrain
from subsel_automl.spaces.enumeration import INNER_OPS, MAX_NODES, OPERATIONS, SPACE
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.spaces.nasbench201 import NASBench201
from subsel_automl.testing.encoder import relisted
from subsel_automl.training.seeded import seeded
from subsel_automl.worlds import some_cells

C3, C1, MP = INNER_OPS
CELLS = NASBench101()


def fresh(**options) -> Arch2vec:
    with seeded(0):
        return Arch2vec(space=SPACE, operations=OPERATIONS, max_nodes=MAX_NODES, **options)


def arrays(cells):
    return graph_arrays(cells, SPACE, OPERATIONS, MAX_NODES)


@pytest.fixture(scope="module")
def few():
    space, rng = NASBench201(), np.random.default_rng(0)
    return list({c.key: c for c in (space.sample(rng) for _ in range(12))}.values())


@pytest.fixture(scope="module")
def learnt(few):
    options = {"dropout": 0.0, "hidden": 64, "samples": 100}
    return pretrain(
        "arch2vec", "nasbench201", few, epochs=200, batch=12, holdout=0, options=options
    )


@pytest.mark.parametrize("seed", range(5))
def test_isomorphic_listings_have_one_embedding_up_to_the_order_of_nodes(seed):
    cell = some_cells(5, seed=11)[seed]
    other, model = relisted(cell, seed), fresh().eval()
    for layer in model.layers:  # at 0, nodes that share their neighbours and themselves are one
        layer.epsilon.data.fill_(0.3)
    with torch.no_grad():
        one, two = (model.embed_nodes(arrays([c]))[0] for c in (cell, other))
    near = torch.cdist(one[: len(cell)], two[: len(cell)]).argmin(1)
    assert [other.ops[v] for v in near] == list(cell.ops)
    torch.testing.assert_close(one[: len(cell)], two[near], atol=1e-4, rtol=1e-4)


def test_a_small_set_of_cells_is_learnt_by_heart(learnt):
    _, report = learnt
    assert report["operation_accuracy"] == 1
    assert report["entry_accuracy"] == 1
    assert report["cell_accuracy"] == 1
    assert set(report["generated"]) == {"prior", "pooled", "position"}


def test_a_layer_is_its_equation():
    layer = GinLayer(2, 3).eval()
    layer.epsilon.data.fill_(0.5)
    h = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]])
    both = torch.tensor([[[0.0, 1, 0], [1, 0, 0], [0, 0, 0]]])
    mask = torch.tensor([[True, True, False]])
    expected = layer.mlp(torch.tensor([[1.5 + 3, 3 + 4], [4.5 + 1, 6 + 2]]))
    assert torch.allclose(layer(h, both, mask)[0, :2], expected)
    assert not layer(h, both, mask)[0, 2].any()


def test_the_vector_is_the_sum_over_nodes():
    cells = some_cells(4, seed=3)
    h, mask = fresh().embed(cells)
    expected = torch.stack([row[real].sum(0) for row, real in zip(h, mask, strict=True)])
    torch.testing.assert_close(fresh().embed_architectures(cells), expected)


def test_padded_slots_change_neither_loss_nor_batch_norms():
    cells = [CELLS.architecture(("input", C3, "output"), [(0, 1), (1, 2)]), *some_cells(3, seed=2)]
    narrow, wide = (
        Arch2vec(space=SPACE, operations=OPERATIONS, max_nodes=v, dropout=0.0) for v in (7, 11)
    )
    wide.load_state_dict(narrow.state_dict())
    losses = []
    for model in (narrow, wide):
        batch = graph_arrays(cells, SPACE, OPERATIONS, model.max_nodes).batch(torch.arange(4))
        noise = torch.randn(len(batch.ops), 16, generator=torch.Generator().manual_seed(0))
        losses.append(negative_elbo(model, batch, noise))
    torch.testing.assert_close(*losses)
    torch.testing.assert_close(*(m.layers[0].mlp[1].running_mean for m in (narrow, wide)))


@pytest.mark.parametrize("option", ["width", "hidden", "layers"])
def test_every_size_has_its_part_in_the_weights(option):
    twice = fresh(**{option: fresh().config()[option] * 2})
    assert _numbers(twice) > _numbers(fresh())


def _numbers(model: Arch2vec) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    "options", [{"width": 0}, {"layers": 0}, {"hidden": -1}, {"dropout": 1.0}, {"dropout": -0.1}]
)
def test_an_encoder_that_cannot_be_is_refused(options):
    with pytest.raises(BadInput, match="arch2vec with"):
        fresh(**options)
