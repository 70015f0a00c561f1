"""Truths of the one step before a search: what can't train is said in a sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import ArrayImages, Pool
from subsel_automl.hosting.preflight import one_step
from subsel_automl.worlds import clump_pool

CLUMPS = clump_pool(60, classes=3)
POOL = Pool("vectors", CLUMPS.features, CLUMPS.labels)
WIDTH = POOL.features.shape[1]
IMAGES = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 1), dtype=np.uint8)


class Net(nn.Module):
    """A linear network that does something to its answer."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, x: Tensor) -> object:
        return self.answer(self.head(x))

    def answer(self, logits: Tensor) -> object:
        return logits


class Auxiliary(Net):
    """Logits, and in train mode those of a second head, too: as torchvision's Inception."""

    def answer(self, logits: Tensor) -> object:
        return (logits, logits) if self.training else logits


class Detached(Net):
    def answer(self, logits: Tensor) -> object:
        return logits.detach()


class Broken(Net):
    def answer(self, logits: Tensor) -> object:
        if self.training:
            raise RuntimeError("shape '[-1, 320]' is invalid\nfor input of size 7")
        return logits


class Overwritten(Net):
    """What backward needs is gone by then."""

    def answer(self, logits: Tensor) -> object:
        squashed = torch.sigmoid(logits)
        squashed += 1
        return squashed * squashed


class Infinite(Net):
    def answer(self, logits: Tensor) -> object:
        return logits / 0


def test_a_network_that_trains_passes_and_was_trained() -> None:
    net = Net()
    before = net.head.weight.detach().clone()
    one_step(net, POOL)
    assert not torch.equal(net.head.weight, before)


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (Auxiliary(), "answers tuple in train mode; give 3 logits an example"),
        (Net(classes=2), "answers [60, 2] in train mode; give 3 logits an example"),
        (Detached(), "without a gradient; look for detach()"),
        (Broken(), "fails in its forward pass: RuntimeError: shape '[-1, 320]' is invalid for inp"),
        (Overwritten(), "fails in its backward pass: RuntimeError: one of the variables"),
        (Infinite(), "has the loss nan on its first batch"),
        (Net().requires_grad_(False), "has no weight that requires a gradient"),
    ],
    ids=["tuple", "classes", "detached", "forward", "backward", "infinite", "frozen"],
)
def test_what_cannot_train_is_named_with_the_part_that_failed(net: nn.Module, says: str) -> None:
    with pytest.raises(BadInput, match=f"can't be trained on pool 'vectors': .*{re.escape(says)}"):
        one_step(net, POOL)


def test_the_sentence_is_one_line() -> None:
    with pytest.raises(BadInput) as caught:
        one_step(Broken(), POOL)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


class Viewed(nn.Module):
    """A tutorial's view of several channels: not for the trainer's memory layout."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(192, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.view(len(x), -1))


def test_a_view_that_the_trials_memory_layout_forbids_is_found_before_them() -> None:
    pixels = np.repeat(IMAGES, 3, axis=3)
    pool = Pool("red", IMAGES.reshape(30, -1) / 255, np.arange(30) % 3, images=ArrayImages(pixels))
    with pytest.raises(BadInput, match=r"forward pass: RuntimeError: view size is not compatible"):
        one_step(Viewed(), pool)


def test_nothing_is_drawn_from_the_global_random_state() -> None:
    net = nn.Sequential(nn.Linear(WIDTH, 8), nn.Dropout(0.5), nn.Linear(8, 3))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one_step(net, POOL)
    assert torch.equal(torch.rand(3), expected)
