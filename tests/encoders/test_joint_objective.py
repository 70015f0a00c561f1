"""Joint training: what is never learnt from, what the head learns, baselines worked out by hand."""

from __future__ import annotations

import pytest
import torch
from kept_zoo import kept_zoo, zoo_cells

from subsel_automl.core.errors import BadInput, MissingNeed, UnknownName
from subsel_automl.encoders.joint_objective import (
    AccuracyObjective,
    IoObjective,
    class_means,
    correlation,
)
from subsel_automl.encoders.pretrain import pretrain
from subsel_automl.encoders.reconstruction import Reconstruction
from subsel_automl.spaces.enumeration import SPACE
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.worlds import some_cells

CELLS = some_cells(60)
TINY = {"samples": 5, "hidden": 16, "head": 16}
KINDS = {"io": IoObjective, "accuracy": AccuracyObjective}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    return kept_zoo(tmp_path_factory.mktemp("zoo"))


def objective(kind, zoo, **options):
    return KINDS[kind](kind, NASBench101(), CELLS, 0, {**TINY, **options}, zoo)


def batches(asked, rows=None, epochs=2):
    rows = torch.arange(len(CELLS)) if rows is None else rows
    return asked.batches(rows, epochs, 8, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", KINDS)
def test_unseen_networks_are_in_no_step_neither_with_labels_nor_without(kind, zoo):
    asked = objective(kind, zoo)
    steps = batches(asked, epochs=20)
    learnt = {cell.key for cell in zoo_cells()[:6]}
    unseen = {cell.key for cell in zoo_cells()[6:]}
    labelled = {int(n) for step in steps if step.ndim == 2 for n in step[:, 0]}
    assert {asked.networks.architectures[n].key for n in labelled} == learnt
    cells = {CELLS[int(row)].key for step in steps if step.ndim == 1 for row in step}
    assert not cells & unseen
    assert cells & learnt


def test_unseen_images_are_in_no_step(zoo):
    asked = objective("io", zoo, images=5)
    steps = [step for step in batches(asked, epochs=20) if step.ndim == 2]
    assert {int(n) for step in steps for n in step[:, 1]} == set(asked.seen_images.seen.tolist())


def test_three_steps_of_five_have_labels_and_all_pairs_of_what_they_drew(zoo):
    steps = batches(objective("io", zoo, networks=4, images=3))
    labelled = [step for step in steps if step.ndim == 2]
    assert abs(len(labelled) / len(steps) - 0.6) < 0.05
    assert all(len(step) == len(step.unique(dim=0)) == 12 for step in labelled)


def test_cells_that_the_head_learnt_from_measure_no_reconstruction(zoo, monkeypatch):
    asked, measured = objective("accuracy", zoo), []

    def noted(model, graphs, rows):
        measured.append(rows)
        return Reconstruction(0.0, 0.0, 0.0, 0.0)

    monkeypatch.setattr("subsel_automl.encoders.graph_vae.reconstruction", noted)
    everything = torch.arange(len(CELLS))
    asked.measures(asked.encoder(), everything, everything, torch.Generator())
    keys = {CELLS[int(row)].key for row in measured[0]}
    assert not keys & {cell.key for cell in zoo_cells()[:6]}
    assert len(keys) == len(CELLS) - 6


def trained(kind, zoo, **options):
    given = {**TINY, "head": 64, "head_dropout": 0.0, **options}
    return pretrain(kind, SPACE, CELLS, seed=1, epochs=25, batch=16, options=given, zoo=zoo)


def test_the_io_model_learns_what_cell_and_image_tell(zoo):
    """Targets are strength x brightness: nothing but both together tells them."""
    _, report = trained("io", zoo, images=8)
    found = report["foretold"]["learnt networks, learnt images"]
    assert found["io"] < 0.25 * min(found["mean_vector"], found["zoo_mean"], found["class_mean"])


def test_the_accuracy_model_learns_accuracies(zoo):
    _, report = trained("accuracy", zoo)
    found = report["foretold"]["learnt"]
    assert found["rmse"] < 0.4 * found["rmse_of_the_mean"]
    assert found["r"] > 0.9
    assert (report["networks_learnt"], report["networks_unseen"]) == (6, 3)


def test_the_head_moves_the_encoder_that_it_reads(zoo):
    """Joint: a labelled step gives the graph network a gradient of the head's own."""
    asked = objective("accuracy", zoo)
    model = asked.encoder().eval()
    pairs = torch.tensor([[0, 0], [1, 0]])
    gradients = []
    for accuracies in (asked.accuracies, asked.accuracies + 5):
        asked.accuracies = accuracies
        model.zero_grad()
        asked.loss(model, pairs, torch.Generator().manual_seed(0)).backward()
        gradients.append(model.layers[0].mlp[0].weight.grad.clone())
    assert not torch.allclose(*gradients)


def test_baselines_are_what_they_are_called(zoo):
    asked = objective("io", zoo)
    kept, networks = asked.seen_images, asked.networks
    found = asked.foretold(asked.encoder())["unseen networks, unseen images"]
    true = kept.targets[networks.unseen][:, kept.unseen].double()
    known = kept.targets[networks.seen].double()
    vector = known[:, kept.seen].reshape(-1, 10).mean(0)
    assert found["mean_vector"] == pytest.approx(float((true - vector).square().mean()), rel=1e-4)
    own = true.reshape(-1, 10).var(0, unbiased=False).mean()
    assert found["own_mean_vector"] == pytest.approx(float(own), rel=1e-4)
    by_image = known[:, kept.unseen].mean(0)
    assert found["zoo_mean"] == pytest.approx(float((true - by_image).square().mean()), rel=1e-4)


def test_class_means_are_over_networks_and_images_of_the_class():
    values = torch.tensor([[[1.0], [2.0], [9.0]], [[3.0], [4.0], [11.0]]])
    assert class_means(values, torch.tensor([0, 0, 2]))[:, 0].tolist() == [2.5, 0.0, 10.0]


def test_a_correlation_that_is_not_defined_is_none():
    assert correlation(torch.ones(3), torch.arange(3.0)) is None
    assert correlation(torch.arange(3.0), 2 * torch.arange(3.0)) == pytest.approx(1)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_zoo_it_is_refused(kind):
    with pytest.raises(MissingNeed, match="--zoo FOLDER"):
        pretrain(kind, SPACE, CELLS, options=TINY)


def test_a_zoo_for_a_kind_that_learns_from_none_is_refused(zoo):
    with pytest.raises(BadInput, match="leave the zoo out"):
        pretrain("arch2vec", SPACE, CELLS, zoo=zoo)


def test_another_zoo_is_not_gone_on_with(zoo, tmp_path):
    given = {"options": TINY, "epochs": 1, "batch": 16, "folder": tmp_path / "encoder"}
    pretrain("accuracy", SPACE, CELLS, zoo=zoo, **given)
    other = kept_zoo(tmp_path / "zoo", zoo_cells(5, 2))
    with pytest.raises(BadInput, match="has zoo"):
        pretrain("accuracy", SPACE, CELLS, zoo=other, resume=True, **given)


@pytest.mark.parametrize("kind", KINDS)
def test_presets_set_sizes_and_a_size_that_is_given_stands(kind, zoo):
    paper = objective(kind, zoo, preset="paper")
    assert paper.options["head"] == 16  # of TINY
    options = {"samples": 5, "preset": "paper"}
    made = KINDS[kind](kind, NASBench101(), CELLS, 0, options, zoo)
    assert made.options["head"] == 512
    with pytest.raises(UnknownName, match="preset"):
        objective(kind, zoo, preset="papers")


@pytest.mark.parametrize("bad", [{"networks": 1}, {"images": 0}])
def test_steps_that_learn_nothing_are_refused(bad, zoo):
    with pytest.raises(BadInput, match="give "):
        objective("io", zoo, **bad)
