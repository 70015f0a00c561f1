"""HM-NAS: warm start, schedule, masks, tuning."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from smoke_search import feed_of, searched, small

from subsel_automl.search.cells import NB201Plan
from subsel_automl.search.masks import Masks, counted
from subsel_automl.search.run import Run
from subsel_automl.search.supernet import Supernet

PRUNING = {"mask_epochs": 2, "tune_epochs": 2, "steps_an_epoch": 3, "mask_rate": 4e-3}


def supernet() -> Supernet:
    torch.manual_seed(0)
    sizes = {"in_channels": 1, "classes": 3, "channels": 2, "cells": 1}
    return Supernet(NB201Plan(), with_beta=True, **sizes)


def images() -> torch.Tensor:
    return torch.randn(6, 1, 4, 4, generator=torch.Generator().manual_seed(1))


def test_alpha_rests_while_weights_warm_up():
    options = {"epochs": 3, "warm_epochs": 3, "mask_epochs": 0, "tune_epochs": 0}
    assert searched("hm-nas", **options).costs["architecture_steps"] == 0


def test_the_chance_of_an_architecture_step_falls_from_one_to_none():
    search, rng = small("hm-nas", epochs=100), np.random.default_rng(0)
    moves = [np.mean([search._moves(at, rng) for _ in range(200)]) for at in (0, 50, 99.9)]
    assert moves[0] == 1.0
    assert moves[1] == pytest.approx(0.5, abs=0.1)
    assert moves[2] < 0.02


def test_new_masks_leave_the_supernet_as_it_is():
    net = supernet()
    masks = Masks(net)
    masked = torch.func.functional_call(net, masks.masked(net), (images(), masks.mix(net)))
    assert torch.allclose(masked, net(images(), net.mixture()), atol=1e-6)
    assert counted(net, masks)[0] == counted(net, masks)[1]


def test_the_gradient_passes_the_threshold_straight():
    masks = Masks(supernet())
    real = torch.tensor([0.0, 0.1], requires_grad=True)
    binary = masks.straight(real)
    (binary * torch.tensor([3.0, 5.0])).sum().backward()
    assert binary.tolist() == [0.0, 1.0]
    assert real.grad.tolist() == [3.0, 5.0]


def test_an_edge_that_is_masked_takes_its_operations_with_it():
    net = supernet()
    masks = Masks(net)
    masks.edges[0].data[2] = 0.0
    assert not masks.kept()[0, 2].any()
    assert masks.kept()[0, [0, 1, 3, 4, 5]].all()


def test_weights_of_removed_operations_are_counted_as_removed():
    net = supernet()
    masks = Masks(net)
    masks.operations[0].data[0, 3] = 0.0  # the 3x3 convolution of the first edge
    total, left = counted(net, masks)
    assert total - left == 9 * (2**2 + 4**2 + 8**2)  # in each of three stages


def test_pruning_removes_weights_and_tells_the_share():
    notes = searched("hm-nas", **PRUNING, weight_mask_rate=3e-3).notes
    assert 0 < notes["removed_share"] < 1
    assert notes["parameters_kept"] < notes["parameters"]


def test_masked_weights_stay_zero_while_the_rest_is_tuned():
    search = small("hm-nas", epochs=1, **PRUNING, weight_mask_rate=3e-3)
    run = Run(NB201Plan(), feed_of("random"), search._sizes(), 0)
    search._prepare(run)
    for run.epoch in range(search.total_epochs):
        search._epoch(run)
    weights = run.supernet.weight_parameters()
    binary = run.modules["masks"].binary()
    assert sum(int((mask == 0).sum()) for mask in binary.values()) > 0
    assert all((weights[name][mask == 0] == 0).all() for name, mask in binary.items())


def test_masks_and_tuning_see_the_whole_subset():
    found = searched("hm-nas", epochs=1, steps_an_epoch=0, mask_epochs=1, tune_epochs=1)
    steps = [one["steps"] for one in found.curve]
    assert steps == [3, 0, 7]  # 60 examples by 8: half of them, masks alone, all of them


def test_accuracies_after_each_phase_are_told():
    told = {name for name in searched("hm-nas").notes if name.endswith("_accuracy")}
    assert told == {"supernet_accuracy", "masked_accuracy", "tuned_accuracy"}


def test_single_level_has_no_edge_weights():
    assert (
        len(
            Run(
                NB201Plan(), feed_of("random"), small("hm-nas", with_beta=False)._sizes(), 0
            ).supernet.beta
        )
        == 0
    )
