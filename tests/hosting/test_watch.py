"""What a network says in the user's own loop is heard, whatever the loop does to a batch."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import sys
from collections import deque
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.subselnet.online.provider import OnlineSubSelNet
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.worlds import clump_pool

POOL = clump_pool(60)
DATA = PoolDataset(POOL)


@dataclass
class Out:
    logits: torch.Tensor
    loss: float = 0.0


class Flat(nn.Module):
    """Reads rows of 16 numbers only: what the Dataset hands out is [1, 4, 4]."""

    def __init__(self, output=lambda logits: logits) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head, self.output, self.calls = nn.Linear(16, 4), output, 0

    def forward(self, x, scale=1):
        assert x.ndim == 2
        self.calls += 1
        return self.output(self.head(x) * scale)


def loader_of(model, redraw_every: int = 1) -> SubsetLoader:
    feed = SubsetFeed(OnlineSubSelNet().fit(POOL), 20, redraw_every=redraw_every)
    subset = SubsetSession(feed, "t")
    made = subset.loader(DATA, model=model, batch_size=5)
    made.session = subset
    return made


def expected(model: nn.Module, rows: np.ndarray) -> np.ndarray:
    """What it says of the rows, asked by hand."""
    x = torch.stack([DATA[int(row)][0] for row in rows]).view(len(rows), -1)
    with torch.no_grad():
        return model.head(x.to(model.head.weight.dtype)).float().log_softmax(1).numpy()


def agrees(loader: SubsetLoader, model: nn.Module, count: int = 20) -> None:
    heard = loader.watch.heard()
    assert len(heard.indices) == count
    assert np.allclose(heard.answers, expected(model, heard.indices), atol=2e-3)
    assert not model._forward_hooks


def test_a_batch_that_the_loop_reshapes_is_heard():
    model = Flat()
    loader = loader_of(model)
    for x, _ in loader:
        model(x.view(len(x), -1))
    agrees(loader, model)
    assert loader.probe is not None
    assert loader.watch.example[0][0].shape == (5, 16)


def test_a_batch_that_the_loop_casts_is_heard():
    model = Flat().double()
    loader = loader_of(model)
    for x, _ in loader:
        model(x.flatten(1).to(torch.float64))
    agrees(loader, model)


OUTPUTS = {
    "dict": lambda out: {"logits": out},
    "tuple": lambda out: (out, None),
    "dataclass": Out,
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_logits_are_found_in_what_the_network_returns(name):
    model = Flat(OUTPUTS[name])
    loader = loader_of(model)
    for x, _ in loader:
        model(x.flatten(1))
    agrees(loader, model)


def test_named_arguments_are_heard():
    model = Flat()
    loader = loader_of(model)
    for x, _ in loader:
        model(x=x.flatten(1), scale=1)
    agrees(loader, model)


def test_of_two_passes_a_batch_the_first_is_heard():
    model = Flat()
    loader = loader_of(model)
    for x, _ in loader:
        model(x.flatten(1))
        model(x.flatten(1) * 0)
    agrees(loader, model)


def test_evaluation_inside_an_epoch_is_not_heard():
    model = Flat()
    loader = loader_of(model)
    for x, _ in loader:
        model.eval()
        model(torch.zeros(5, 16))
        model.train()
        with torch.no_grad():
            model(torch.zeros(5, 16))
        model(x.flatten(1))
    agrees(loader, model)


def test_a_host_that_reads_one_batch_ahead_is_followed():
    model = Flat()
    loader = loader_of(model)
    ahead = deque()
    for x, _ in loader:
        ahead.append(x)
        if len(ahead) == 2:
            model(ahead.popleft().flatten(1))
    model(ahead.popleft().flatten(1))  # the pass is over: nobody listens any more
    agrees(loader, model, 15)


def test_batches_that_the_loop_skips_shift_nothing():
    model = Flat()
    loader = loader_of(model)
    for place, (x, _) in enumerate(loader):
        if place == 1:
            continue
        model(x.flatten(1))
    agrees(loader, model, 15)


def test_outputs_of_another_number_of_examples_are_not_taken_for_the_batchs():
    model = Flat()
    loader = loader_of(model)
    for x, _ in loader:
        model(torch.cat([x, x]).flatten(1))
    assert loader.watch.heard() is None


def outer(model):
    compiled = torch.compile(model, backend="eager")
    return compiled, compiled


def inner(model):
    return torch.compile(model, backend="eager"), model


def in_place(model):
    model.compile(backend="eager")
    return model, model


def parallel(model):
    wrapped = nn.DataParallel(model)
    return wrapped, wrapped


@pytest.mark.parametrize("wrapped", [outer, inner, in_place, parallel])
def test_a_wrapped_network_is_heard_and_left_without_a_hook(wrapped):
    torch._dynamo.reset()
    model = Flat()
    called, shown = wrapped(model)
    loader = loader_of(shown)
    for _ in range(2):
        for x, _ in loader:
            called(x.flatten(1)).sum().backward()
    heard = loader.watch.heard()
    assert len(heard.indices) > 20  # two draws
    assert np.allclose(heard.answers, expected(model, heard.indices), atol=2e-3)
    loader.session.tell(0.5)
    loader.session.teach()
    assert loader.session.lessons == 1
    assert not model._forward_hooks
    assert not shown._forward_hooks


def saved(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "torch.save": saved,
}


@pytest.mark.parametrize("compiling", [False, True])
@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_is_made_in_a_pass_is_deaf(name, compiling, monkeypatch):
    torch.compile(nn.Identity(), backend="eager")  # torch._dynamo is there
    if not compiling:
        monkeypatch.delitem(sys.modules, "torch._dynamo")
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    loader = loader_of(model)
    for x, _ in loader:
        twin = COPIES[name](model)
        twin(x * 0)  # an averaged network, say
        model(x).sum().backward()
    assert len(twin._forward_hooks) == 1
    assert len(loader.watch.heard().indices) == 20
    model.head = model[1]
    agrees(loader, model)


def test_a_loop_that_breaks_off_leaves_no_hook():
    model = Flat()
    loader = loader_of(model)
    for x, _ in loader:
        model(x.flatten(1))
        break
    gc.collect()
    assert not model._forward_hooks
    assert len(loader.watch.heard().indices) == 5


def test_ages_are_shares_of_the_examples_trained_on():
    model = Flat()
    loader = loader_of(model, 0)
    for _ in range(2):
        for x, _ in loader:
            model(x.flatten(1))
    heard = loader.watch.heard()
    assert sorted(set(heard.ages.tolist())) == [0.625, 0.75, 0.875, 1.0]
    assert not heard.once.any()
    assert not heard.redrawn


def test_what_cannot_be_read_is_noted_and_the_loop_goes_on():
    model = Flat(lambda out: {"scores": out})
    loader = loader_of(model)
    for x, _ in loader:
        model(x.flatten(1))
    assert loader.watch.heard() is None
    assert "return them as a tensor" in loader.watch.said


def test_a_provider_that_does_not_learn_sets_no_hook():
    from subsel_automl.selectors.random import Random

    model = Flat()
    loader = SubsetLoader(SubsetFeed(Random().fit(POOL), 20), dataset=DATA, model=model)
    for _ in loader:
        assert not model._forward_hooks
    assert loader.watch is None
