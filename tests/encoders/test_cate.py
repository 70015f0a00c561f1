"""Truths of CATE: what its nodes see, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.encoders.cate import Cate, ancestors
from subsel_automl.encoders.cate_objective import CateObjective, corrupted
from subsel_automl.encoders.collate import GraphArrays, graph_arrays
from subsel_automl.encoders.pretrain import pretrain
from subsel_automl.spaces.enumeration import INNER_OPS, MAX_NODES, OPERATIONS, SPACE
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.seeded import seeded
from subsel_automl.worlds import some_cells

C3, C1, MP = INNER_OPS
CHAIN = Architecture(
    SPACE, ("input", C3, C1, MP, "output"), ((0, 1), (1, 2), (0, 3), (2, 4), (3, 4))
)
TINY = {"width": 32, "heads": 4, "layers": 2, "cross_layers": 1, "hidden": 32}


def fresh(seed: int = 0, **options) -> Cate:
    with seeded(seed):
        shape = {"space": SPACE, "operations": OPERATIONS, "max_nodes": MAX_NODES}
        return Cate(**shape, **{**TINY, **options}).eval()


def arrays(cells) -> GraphArrays:
    return graph_arrays(cells, SPACE, OPERATIONS, MAX_NODES)


def objective(cells, **options) -> CateObjective:
    return CateObjective("cate", NASBench101(), cells, 0, {**TINY, **options})


def vector(ops) -> torch.Tensor:
    return fresh().embed_architectures([Architecture(SPACE, tuple(ops), CHAIN.edges)])[0]


def test_pad_and_mask_are_tokens_of_their_own():
    model = fresh()
    tokens, real = model.tokens(arrays([CHAIN]))
    assert len({*range(len(OPERATIONS)), model.pad, model.mask}) == len(OPERATIONS) + 2
    assert tokens[0].tolist() == [0, 1, 2, 3, 4, model.pad, model.pad]
    assert real[0].tolist() == [True] * 5 + [False] * 2


@pytest.mark.parametrize("node", [1, 2, 3])
def test_the_output_s_vector_follows_every_ancestor(node):
    ops = list(CHAIN.ops)
    ops[node] = MP if ops[node] != MP else C3
    assert (vector(ops) - vector(CHAIN.ops)).abs().max() > 1e-3


def test_the_output_s_vector_does_not_follow_the_padding():
    graphs = arrays([CHAIN])
    other = GraphArrays(graphs.ops.clone(), graphs.adjacency.clone(), graphs.nodes)
    other.ops[0, 5:], other.adjacency[0, 5, 6], other.adjacency[0, 1, 5] = 2, 1, 1
    with torch.no_grad():
        one, two = (fresh().embed_nodes(g) for g in (graphs, other))
    assert torch.equal(one, two)


def test_a_node_does_not_see_what_comes_after_it_or_beside_it():
    with torch.no_grad():
        one = fresh().embed_nodes(arrays([CHAIN]))[0]
        other = Architecture(SPACE, ("input", C3, C1, C3, "output"), CHAIN.edges)
        two = fresh().embed_nodes(arrays([other]))[0]
    assert torch.equal(one[:3], two[:3])  # node 3 is no ancestor of 0, 1, 2
    assert (one[4] - two[4]).abs().max() > 1e-3


def test_a_node_sees_its_ancestors_and_itself():
    seen = ancestors(arrays([CHAIN]).adjacency, torch.tensor([[True] * 5 + [False] * 2]))[0]
    expected = [{0}, {0, 1}, {0, 1, 2}, {0, 3}, {0, 1, 2, 3, 4}, {5}, {6}]
    assert [set(row.nonzero().flatten().tolist()) for row in seen] == expected


def predicted(first: Architecture, second: Architecture, slots: int = MAX_NODES) -> torch.Tensor:
    """Logits of a pair whose first cell is masked."""
    with seeded(0):
        model = Cate(space=SPACE, operations=OPERATIONS, max_nodes=slots, **TINY).eval()
    graphs = graph_arrays([first, second], SPACE, OPERATIONS, slots)
    tokens, real = model.tokens(graphs)
    tokens[0, 1:4] = model.mask
    with torch.no_grad():
        return model.predictions(tokens[None], graphs.adjacency[None], real[None])[0]


def test_a_prediction_looks_at_the_partner_but_not_at_padding():
    other = Architecture(SPACE, ("input", MP, "output"), ((0, 1), (1, 2)))
    alike = predicted(CHAIN, CHAIN)[0, :5]
    assert (alike - predicted(CHAIN, other)[0, :5]).abs().max() > 1e-3
    torch.testing.assert_close(alike, predicted(CHAIN, CHAIN, slots=11)[0, :5])


def test_a_pair_with_itself_unmasked_is_copied():
    cells = some_cells(24, seed=1)
    model, graphs = fresh().train(), arrays(cells)
    tokens, real = (torch.stack([part, part], 1) for part in model.tokens(graphs))
    adjacency = torch.stack([graphs.adjacency] * 2, 1)
    adam = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(40):
        logits = model.predictions(tokens, adjacency, real)
        loss = functional.cross_entropy(logits[real], tokens[real])
        adam.zero_grad()
        loss.backward()
        adam.step()
    told = model.eval().predictions(tokens, adjacency, real).argmax(3) == tokens
    assert told[real].float().mean() > 0.95


def test_a_fifth_of_the_nodes_is_corrupted_and_no_pad_is():
    model = fresh()
    labels, real = (part.repeat(200, 1) for part in model.tokens(arrays(some_cells(20))))
    tokens, chosen = corrupted(labels, real, model, torch.Generator().manual_seed(0))
    assert chosen[real].float().mean() == pytest.approx(0.2, abs=0.01)
    assert (tokens[chosen] == model.mask).float().mean() == pytest.approx(0.8, abs=0.02)
    assert set(tokens[chosen].unique().tolist()) == {1, 2, 3, model.mask}
    assert torch.equal(tokens[~chosen], labels[~chosen])
    assert (tokens[~real] == model.pad).all()


def test_no_training_pair_holds_a_held_out_cell_or_one_twice():
    made = objective(some_cells(60), delta=3e6)
    order = torch.randperm(60, generator=torch.Generator().manual_seed(0))
    pairs = torch.cat(made.batches(order[3:], 4, 2, torch.Generator().manual_seed(0)))
    assert not set(order[:3].tolist()) & set(pairs.flatten().tolist())
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert (np.abs(np.subtract(*made.p[pairs.numpy()].T)) < 3e6).all()


def test_each_epoch_draws_other_partners():
    made = objective(some_cells(60), delta=1e9)
    first, second = made.batches(torch.arange(60), 2, 60, torch.Generator().manual_seed(0))
    partner = [dict(pairs.tolist()) for pairs in (first, second)]
    assert partner[0] != partner[1]
    assert partner[0].keys() == partner[1].keys()


def test_accuracy_counts_what_is_masked_in_held_out_pairs():
    """A partner with as many parameters has the same operations in this world."""
    ops = [C3, MP]
    cells = [
        Architecture(SPACE, ("input", *[op] * k, "output"), tuple((i, i + 1) for i in range(k + 1)))
        for op in ops
        for k in range(1, 6)
    ]
    given = {**TINY, "delta": 3e6, "partners": 4}
    _, trained = pretrain("cate", SPACE, cells * 6, epochs=25, batch=60, holdout=0.2, options=given)
    _, untrained = pretrain(
        "cate", SPACE, cells * 6, epochs=1, batch=60, holdout=0.2, options=given
    )
    assert trained["held_out"] == 12
    assert trained["masked_inner_nodes"] > 20
    assert trained["masked_inner_accuracy"] > max(0.75, untrained["masked_inner_accuracy"])


def test_the_learning_rate_warms_up_and_ends_at_nothing():
    adam, rate = objective(some_cells(4), delta=1e9).optimiser(fresh(), 1_000)
    share = rate.lr_lambdas[0]
    assert [share(0), share(99), share(100)] == [0.01, 1.0, 1.0]
    assert share(550) == pytest.approx(0.5)
    assert share(1_000) == 0
    assert [group["weight_decay"] for group in adam.param_groups] == [0.01, 0.0]


def test_the_thesis_sizes_are_a_preset():
    made = objective(some_cells(4), preset="thesis", delta=1e9)
    assert (made.options["dropout"], made.options["cross_layers"]) == (0.1, TINY["cross_layers"])
    plain = CateObjective("cate", NASBench101(), some_cells(4), 0, {"preset": "thesis"})
    assert (plain.options["layers"], plain.options["cross_layers"]) == (12, 24)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"delta": 0.0}, BadInput, "delta above 0"),
        ({"partners": 0}, BadInput, "at least one partner"),
        ({"delta": "many"}, BadInput, "is no float"),
        ({"preset": "little"}, UnknownName, "lite"),
        ({"delta_": 1.0}, UnknownName, "Did you mean 'delta'"),
        ({"width": 30, "heads": 4}, BadInput, "4 heads do not divide width 30"),
        ({"layers": 0}, BadInput, "sizes from 1"),
    ],
)
def test_a_training_that_cannot_be_is_refused(options, error, reason):
    with pytest.raises(error, match=reason):
        pretrain("cate", SPACE, some_cells(8), options=options, holdout=0)


def test_cells_that_all_differ_by_more_than_delta_are_refused():
    cells = [Architecture(SPACE, ("input", op, "output"), ((0, 1), (1, 2))) for op in (C3, MP)]
    with pytest.raises(BadInput, match="give a larger delta"):
        pretrain("cate", SPACE, cells, options={"delta": 1.0}, holdout=0)
