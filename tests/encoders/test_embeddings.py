"""Embeddings on disk, and which encoder is chosen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from subsel_automl.core.architecture import bfs_orders, op_lanes
from subsel_automl.core.errors import ArchitectureError, BadInput, DamagedArtefact, UnknownName
from subsel_automl.encoders import embeddings
from subsel_automl.encoders.cate import Cate
from subsel_automl.encoders.choose import choose_encoder, encoder_of_space
from subsel_automl.encoders.collate import graph_arrays
from subsel_automl.encoders.embeddings import (
    POOLS,
    RECORD,
    VECTORS,
    load_embeddings,
    vectors,
    write_embeddings,
)
from subsel_automl.encoders.kinds import ENCODERS
from subsel_automl.encoders.store import save_encoder
from subsel_automl.spaces.enumeration import MAX_NODES, OPERATIONS, SPACE
from subsel_automl.spaces.named import SPACES, search_space
from subsel_automl.training.seeded import seeded
from subsel_automl.worlds import some_cells

CELLS = some_cells(11)


@pytest.fixture(scope="module")
def cate() -> Cate:
    with seeded(0):
        return Cate(space=SPACE, operations=OPERATIONS, max_nodes=MAX_NODES, width=16, heads=2)


@pytest.mark.parametrize("pool", POOLS)
def test_what_is_written_is_read(pool, cate, tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings, "CHUNK", 4)
    heard: list[tuple[int, int]] = []
    write_embeddings(cate, CELLS, tmp_path, pool, lambda *told: heard.append(told))
    found = load_embeddings(tmp_path)
    expected = vectors(cate, CELLS, pool).numpy()
    np.testing.assert_allclose(found.vectors, expected, atol=1e-6)
    assert found.row_of(CELLS[7].key) == 7
    assert isinstance(found.vectors, np.memmap)
    assert heard == [(4, 11), (8, 11), (11, 11)]
    assert {path.name for path in tmp_path.iterdir()} == {VECTORS, RECORD, "keys.npy"}


def test_poolings_are_what_they_say(cate):
    h, mask = cate.embed(CELLS)
    assert torch.equal(vectors(cate, CELLS, "flat"), h.flatten(1))
    torch.testing.assert_close(vectors(cate, CELLS, "sum"), h.sum(1))
    torch.testing.assert_close(
        vectors(cate, CELLS, "mean") * mask.sum(1, keepdim=True), vectors(cate, CELLS, "sum")
    )
    outputs = [cell.bfs_order().index(len(cell) - 1) for cell in CELLS]
    torch.testing.assert_close(vectors(cate, CELLS, "own"), h[torch.arange(len(h)), outputs])


def test_an_unknown_pooling_or_cell_is_refused(cate, tmp_path):
    with pytest.raises(UnknownName, match="Did you mean 'mean'"):
        write_embeddings(cate, CELLS, tmp_path, "men")
    with pytest.raises(BadInput, match="no cells"):
        write_embeddings(cate, [], tmp_path)
    write_embeddings(cate, CELLS, tmp_path)
    with pytest.raises(ArchitectureError, match="has the key"):
        load_embeddings(tmp_path).row_of("0" * 32)


@pytest.mark.parametrize("name", [VECTORS, "keys.npy", RECORD])
def test_a_changed_or_missing_file_is_refused(name, cate, tmp_path):
    write_embeddings(cate, CELLS, tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[-2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedArtefact):
        load_embeddings(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DamagedArtefact):
        load_embeddings(tmp_path)


@pytest.mark.parametrize("name", SPACES)
def test_all_orders_at_once_are_those_of_each(name):
    space, rng = search_space(name), np.random.default_rng(0)
    cells = [space.sample(rng) for _ in range(40)]
    graphs = graph_arrays(cells, name, space.operations, space.max_nodes)
    labels = op_lanes(name, space.operations)[graphs.ops.numpy()]
    orders = bfs_orders(labels, graphs.adjacency.numpy().astype(np.uint64), graphs.nodes.numpy())
    assert [tuple(row[: len(c)]) for row, c in zip(orders, cells, strict=True)] == [
        cell.bfs_order() for cell in cells
    ]


def test_a_folder_of_an_encoder_is_an_encoder(cate, tmp_path):
    save_encoder(cate, tmp_path)
    chosen = choose_encoder(CELLS, str(tmp_path))
    assert torch.equal(chosen.embed(CELLS)[0], cate.embed(CELLS)[0])
    with pytest.raises(BadInput, match="made for space 'nasbench101', not 'nasbench201'"):
        encoder_of_space("nasbench201", tmp_path)


@pytest.mark.parametrize(
    ("space", "kind", "found"),
    [
        ("nasbench101", "auto", "gvae"),
        ("nasbench101", "gvae", "gvae"),
        ("nasbench201", "auto", "adjacency"),
        ("nasbench101", "operations", "operations"),
        ("traced", "auto", "operations"),
    ],
)
def test_a_space_has_its_encoder(space, kind, found):
    assert encoder_of_space(space, kind).kind == found


@pytest.mark.parametrize(
    ("kind", "error", "reason"),
    [
        ("gva", UnknownName, "Did you mean 'gvae'"),
        ("cate", BadInput, r"subsel encode nasbench201 FOLDER --encoder cate --pretrain"),
        ("gvae", BadInput, "spaces with a gvae: nasbench101"),
    ],
)
def test_an_encoder_that_is_not_there_is_refused(kind, error, reason):
    with pytest.raises(error, match=reason):
        encoder_of_space("nasbench201", kind)
    assert "auto" not in ENCODERS


def test_a_folder_without_an_encoder_is_refused(tmp_path):
    with pytest.raises(DamagedArtefact, match=r"encoder\.json"):
        encoder_of_space(SPACE, tmp_path)
