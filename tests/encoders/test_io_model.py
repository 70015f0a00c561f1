"""The IO and the Accuracy model as encoders: what they read, give and refuse."""

from __future__ import annotations

import pytest
import torch

from subsel_automl.core.errors import BadInput
from subsel_automl.encoders.accuracy_model import AccuracyModel
from subsel_automl.encoders.collate import graph_arrays
from subsel_automl.encoders.io_model import PRESETS, IoModel
from subsel_automl.encoders.labelled_vae import listed_order
from subsel_automl.encoders.store import load_encoder, save_encoder
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.testing.encoder import relisted
from subsel_automl.training.seeded import seeded
from subsel_automl.worlds import some_cells

SPACE = {"space": "nasbench101", "operations": NASBench101.operations, "max_nodes": 7}
CELLS = some_cells(5)


def made(kind, **sizes):
    with seeded(0):
        return kind(**SPACE, **sizes)


def images(count: int = 4, channels: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 8, 8, channels), generator=generator, dtype=torch.uint8)


def test_nodes_are_the_mean_of_the_latent_vectors():
    model = made(IoModel)
    h, mask = model.embed(CELLS)
    torch.testing.assert_close(model.embed_architectures(CELLS), h.sum(1) / mask.sum(1)[:, None])


@pytest.mark.parametrize("kind", [IoModel, AccuracyModel])
def test_latent_vectors_do_not_depend_on_how_nodes_are_listed(kind):
    model, others = made(kind), [relisted(cell, seed) for seed, cell in enumerate(CELLS)]
    both = [model.latent_vectors(listed) for listed in (CELLS, others)]
    assert both[0].shape == (5, 16)
    torch.testing.assert_close(*both, atol=1e-5, rtol=1e-4)


def test_training_reads_nodes_in_the_order_that_embedding_does():
    """Listings are shuffled, so that theirs is not the order that both read."""
    model = made(AccuracyModel)
    cells = [relisted(cell, seed) for seed, cell in enumerate(some_cells(20))]
    graphs = graph_arrays(cells, "nasbench101", NASBench101.operations, 7)
    with torch.no_grad():
        vectors = model.network_vectors(model.evaluated(graphs), listed_order(model, graphs))
    torch.testing.assert_close(vectors, model.latent_vectors(cells))


def test_features_are_of_every_network_and_image_and_do_not_depend_on_their_company():
    model = made(IoModel, top=6)
    found = model.train().features(CELLS, images())
    assert found.shape == (5, 4, 6)
    assert model.training
    torch.testing.assert_close(model.features(CELLS[2:3], images()[1:2])[0, 0], found[2, 1])
    assert not torch.equal(found[0], found[1])  # the cell matters
    assert not torch.equal(found[:, 0], found[:, 1])  # the image matters


def test_answers_come_in_the_units_of_what_was_learnt():
    model = made(AccuracyModel)
    before = model.accuracies(CELLS)
    model.learn_scale(torch.tensor([[2.0], [6.0]]))  # mean 4, deviation 2
    torch.testing.assert_close(model.accuracies(CELLS), before * 2 + 4)
    torch.testing.assert_close(model.unscaled(model.scaled(before[:, None])), before[:, None])


def test_what_was_learnt_is_kept_with_its_scale_and_images(tmp_path):
    model = made(IoModel, image_inputs=1, image_channels=4, top=3)
    model.learn_scale(torch.tensor([[2.0, 0.0, 1.0], [6.0, 1.0, 1.0]]))
    save_encoder(model, tmp_path)
    found = load_encoder(tmp_path)
    assert torch.equal(
        found.features(CELLS, images(channels=1)), model.features(CELLS, images(channels=1))
    )


def test_images_of_other_channels_are_refused():
    with pytest.raises(BadInput, match=r"not \[n, h, w, 3\]"):
        made(IoModel).features(CELLS, images(channels=1))


def test_the_papers_sizes_are_those_of_its_figure():
    model = made(IoModel, **PRESETS["paper"])
    assert model.images(images()).shape == (4, 512)
    assert model.head[0].in_features == 528
    assert model.flatten.in_features == 112


@pytest.mark.parametrize("bad", [{"head": 0}, {"head_dropout": 1.0}, {"vector": 0}, {"top": 0}])
def test_sizes_that_cannot_be_are_refused(bad):
    with pytest.raises(BadInput, match="cannot be"):
        made(IoModel, **bad)


def test_an_image_branch_that_cannot_be_is_refused():
    with pytest.raises(BadInput, match="cannot be"):
        made(IoModel, image_stride=0)
