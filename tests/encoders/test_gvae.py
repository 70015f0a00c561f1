"""Truths of the graph VAE encoder."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import ArchitectureError, BadInput, DamagedArtefact
from subsel_automl.encoders.collate import graph_arrays
from subsel_automl.encoders.generation import prior_cells
from subsel_automl.encoders.gvae import GVAE
from subsel_automl.encoders.layers import EdgeMessages
from subsel_automl.encoders.pretrain import PretrainReport, pretrain_gvae
from subsel_automl.encoders.reconstruction import reconstruction
from subsel_automl.encoders.store import load_encoder, load_report, save_encoder
from subsel_automl.spaces.enumeration import INNER_OPS, MAX_NODES, OPERATIONS, SPACE, CellTable
from subsel_automl.spaces.nasbench101 import NASBench101

C3, C1, MP = INNER_OPS
CELLS = NASBench101()


def table_of(cells: list[Architecture]) -> CellTable:
    """The same cells as rows; bit x + y (y - 1) / 2 is the edge x -> y."""
    bits = [sum(1 << (x + y * (y - 1) // 2) for x, y in cell.edges) for cell in cells]
    ops = [sum(INNER_OPS.index(op) * 3**k for k, op in enumerate(cell.ops[1:-1])) for cell in cells]
    return CellTable([len(cell) for cell in cells], bits, ops)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """A second thread waits for its core more than it works on batches this small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def few() -> CellTable:
    rng = np.random.default_rng(0)
    unique = {cell.key: cell for cell in (CELLS.sample(rng) for _ in range(120))}
    return table_of(list(unique.values())[:64])


@pytest.fixture(scope="module")
def learnt(few) -> tuple[GVAE, PretrainReport]:
    return pretrain_gvae(few, seed=1, epochs=200, batch=64, holdout=0.0, prior_samples=500)


def fresh(directed: bool = True, seed: int = 0) -> GVAE:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return GVAE(space=SPACE, operations=OPERATIONS, max_nodes=MAX_NODES, directed=directed)


def embedding_set(model: GVAE, cell: Architecture) -> torch.Tensor:
    """Node embeddings in an order of their own."""
    nodes, mask = model.embed([cell])
    real = nodes[mask].double()
    return real[torch.argsort(real @ torch.linspace(1, 2, 16, dtype=torch.float64))]


def test_a_small_set_of_cells_is_learnt_by_heart(learnt):
    _, report = learnt
    assert (report.edge_accuracy, report.operation_accuracy, report.cell_accuracy) == (1, 1, 1)


def test_prior_draws_are_counted_once_decoded(learnt):
    _, report = learnt
    assert report.prior_samples == 500
    assert 0 <= report.validity <= 1
    assert 0 <= report.uniqueness <= 1


def test_cells_decoded_from_the_prior_are_cells_of_the_space(learnt, few):
    nodes = torch.from_numpy(few.n_vertices.astype("int64"))
    cells = prior_cells(learnt[0], nodes, 300, torch.Generator().manual_seed(0))
    assert cells
    assert [CELLS.validate(cell) for cell in cells] == [None] * len(cells)


def test_an_untrained_encoder_rebuilds_no_cell(few):
    graphs = graph_arrays(few, SPACE, OPERATIONS, MAX_NODES)
    assert reconstruction(fresh(), graphs, torch.arange(len(few))).cells == 0


def test_the_held_out_share_is_never_trained_on(few):
    _, report = pretrain_gvae(few, seed=0, epochs=1, batch=8, holdout=0.25, prior_samples=1)
    assert (report.trained_on, report.held_out, report.steps) == (48, 16, 6)


def test_nodes_come_in_bfs_order(learnt):
    model, _ = learnt
    cell = CELLS.architecture(
        ("input", C3, C1, MP, "output"), [(0, 1), (1, 2), (0, 3), (2, 4), (3, 4)]
    )
    graphs = graph_arrays([cell], SPACE, OPERATIONS, MAX_NODES)
    with torch.no_grad():
        listed = model.embed_nodes(graphs)[0]
    nodes, _ = model.embed([cell])
    assert cell.bfs_order() == (0, 1, 3, 2, 4)
    assert torch.equal(nodes[0, :5], listed[[0, 1, 3, 2, 4]])


def test_padding_stands_at_the_end_and_is_zero(learnt):
    nodes, mask = learnt[0].embed([CELLS.architecture(("input", C3, "output"), [(0, 1), (1, 2)])])
    assert nodes.shape == (1, 7, 16)
    assert mask.tolist() == [[True, True, True, False, False, False, False]]
    assert nodes[~mask].abs().max() == 0


@pytest.mark.parametrize("directed", [True, False])
def test_isomorphic_listings_have_the_same_set_of_embeddings(directed):
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (2, 4), (3, 4)]
    swapped = [(0, 2), (0, 1), (2, 3), (1, 3), (1, 4), (3, 4)]
    one = CELLS.architecture(("input", C1, C3, MP, "output"), edges)
    two = CELLS.architecture(("input", C3, C1, MP, "output"), swapped)
    model = fresh(directed).eval()
    assert one.key == two.key
    assert one.ops != two.ops
    torch.testing.assert_close(embedding_set(model, one), embedding_set(model, two))


TURNED = (
    CELLS.architecture(("input", C3, C1, "output"), [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]),
    CELLS.architecture(("input", C1, C3, "output"), [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]),
)


def test_a_turned_edge_changes_the_embeddings_of_the_directed_encoder():
    one, two = (embedding_set(fresh(directed=True), cell) for cell in TURNED)
    assert (one - two).abs().max() > 1e-3


def test_a_turned_edge_is_invisible_in_the_sum_of_both_directions():
    one, two = (embedding_set(fresh(directed=False), cell) for cell in TURNED)
    torch.testing.assert_close(one, two)


def test_a_node_gets_the_sum_of_its_neighbours_messages():
    layer = EdgeMessages(4).eval()
    h = torch.randn(4, 4, generator=torch.Generator().manual_seed(0))
    found = layer(h, torch.tensor([[1, 2, 3], [0, 0, 2]]))  # 1 -> 0, 2 -> 0, 3 -> 2
    told = {(u, v): layer.edge_embedding(torch.cat([h[u], h[v]])[None])[0]
            for u, v in ((0, 1), (0, 2), (2, 3))}  # fmt: skip
    expected = torch.stack([told[0, 1] + told[0, 2], torch.zeros(4), told[2, 3], torch.zeros(4)])
    torch.testing.assert_close(found, expected)


def test_an_embedding_does_not_depend_on_its_company(learnt, few):
    alone, _ = learnt[0].embed([few[3]])
    together, _ = learnt[0].embed(few)
    torch.testing.assert_close(alone[0], together[3])


def test_a_table_and_its_cells_have_the_same_arrays(few):
    fast = graph_arrays(few, SPACE, OPERATIONS, MAX_NODES)
    slow = graph_arrays(list(few), SPACE, OPERATIONS, MAX_NODES)
    assert torch.equal(fast.ops, slow.ops)
    assert torch.equal(fast.adjacency, slow.adjacency)
    assert torch.equal(fast.nodes, slow.nodes)


def test_embedding_leaves_training_mode_and_gradients_alone(few):
    model = fresh().train()
    nodes, _ = model.embed(few[:2])
    assert model.training
    assert not nodes.requires_grad


def test_no_architecture_has_no_embedding():
    nodes, mask = fresh().embed([])
    assert nodes.shape == (0, 7, 16)
    assert mask.shape == (0, 7)


def test_equal_seeds_train_equal_weights_and_leave_the_global_state(few):
    state = torch.random.get_rng_state()
    one, first = pretrain_gvae(few, seed=3, epochs=3, batch=16, prior_samples=50)
    two, second = pretrain_gvae(few, seed=3, epochs=3, batch=16, prior_samples=50)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert first.cell_accuracy == second.cell_accuracy
    assert first.validity == second.validity


def test_another_seed_trains_other_weights(few):
    one, _ = pretrain_gvae(few, seed=3, epochs=1, batch=16, prior_samples=1)
    two, _ = pretrain_gvae(few, seed=4, epochs=1, batch=16, prior_samples=1)
    assert not torch.equal(one.mean.weight, two.mean.weight)


def test_progress_hears_of_the_last_step(few):
    heard: list[tuple[int, int, float]] = []
    pretrain_gvae(
        few, seed=0, epochs=2, batch=16, prior_samples=1, progress=lambda *step: heard.append(step)
    )
    assert heard[-1][:2] == (6, 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs 0"),
        ({"batch": 1}, "batch 1"),
        ({"holdout": 1.0}, "holdout 1.0"),
        ({"holdout": 0.99}, "leave 1 to train on"),
    ],
)
def test_a_training_that_cannot_be_is_refused(few, options, message):
    with pytest.raises(BadInput, match=message):
        pretrain_gvae(few, seed=0, **options)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (Architecture("darts", ("input", "output"), ((0, 1),)), "knows the space 'nasbench101'"),
        (Architecture(SPACE, ("input", "conv9x9", "output"), ((0, 1), (1, 2))), "'conv9x9'"),
        (
            Architecture(SPACE, ("input", *[C3] * 6, "output"), ((0, 1),)),
            "has 8 nodes; this encoder takes at most 7",
        ),
    ],
)
def test_an_architecture_of_elsewhere_is_refused(cell, message):
    with pytest.raises(ArchitectureError, match=message):
        fresh().embed([cell])


def test_a_stored_encoder_embeds_the_same(tmp_path, learnt, few):
    save_encoder(learnt[0], tmp_path, learnt[1].to_dict())
    again = load_encoder(tmp_path)
    assert torch.equal(again.embed(few)[0], learnt[0].embed(few)[0])
    assert load_report(tmp_path) == learnt[1].to_dict()


def test_a_stored_encoder_keeps_its_shape(tmp_path):
    save_encoder(fresh(directed=False), tmp_path)
    assert load_encoder(tmp_path).config() == fresh(directed=False).config()


def test_one_flipped_bit_is_refused(tmp_path):
    save_encoder(fresh(), tmp_path)
    path = tmp_path / "encoder.safetensors"
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedArtefact, match="does not match the sha256"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("name", ["encoder.json", "encoder.safetensors"])
def test_a_missing_file_is_refused(tmp_path, name):
    save_encoder(fresh(), tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DamagedArtefact, match="cannot be read"):
        load_encoder(tmp_path)


def test_a_record_of_another_format_is_refused(tmp_path):
    (tmp_path / "encoder.json").write_text('{"format": "elsewhere-9"}')
    with pytest.raises(DamagedArtefact, match="elsewhere-9"):
        load_encoder(tmp_path)
