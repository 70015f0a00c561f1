"""Soft targets in the user's loop: what cannot take them says so in the first batch."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.hosting.soft import CheckedTargets
from subsel_automl.subselnet.online.provider import OnlineSubSelNet

RNG = np.random.default_rng(0)
X = RNG.random((40, 6)).astype(np.float32)
LABELS = np.arange(40) % 4
POOL = Pool("four", X, LABELS)
LOGITS = torch.from_numpy(RNG.normal(size=(8, 4)).astype(np.float32)).requires_grad_()


def feed(pool: Pool, targets: str = "soft") -> SubsetFeed:
    return SubsetFeed(OnlineSubSelNet().fit(pool), 16, redraw_every=1, targets=targets)


def loader(pool: Pool = POOL, y=None, targets: str = "soft") -> SubsetLoader:
    data = TensorDataset(torch.from_numpy(X), torch.from_numpy(LABELS) if y is None else y)
    model = nn.Linear(6, max(pool.outputs, 1))
    return SubsetLoader(feed(pool, targets), dataset=data, model=model, batch_size=8)


def first(**about) -> torch.Tensor:
    return next(iter(loader(**about)))[1]


WRONG = {
    "nll_loss": lambda y: F.nll_loss(LOGITS.log_softmax(1), y),
    "NLLLoss": lambda y: nn.NLLLoss()(LOGITS.log_softmax(1), y.to("cpu")),
    "==": lambda y: LOGITS.argmax(1) == y,
    "y ==": lambda y: (y == LOGITS.argmax(1)[:, None]).sum(),
    "eq": lambda y: LOGITS.argmax(1, keepdim=True).eq(y),
    "!=": lambda y: y != LOGITS,
    "long": lambda y: y.long(),
    "to": lambda y: y.to(torch.int64),
    "device and type": lambda y: y.to("cpu", torch.int64),
    "type": lambda y: y.type(torch.LongTensor),
    "view": lambda y: y.view(-1).long(),
    "one_hot": lambda y: F.one_hot(y, 4),
    "multi_margin_loss": lambda y: F.multi_margin_loss(LOGITS, y),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_wants_class_numbers_is_told_the_remedy(name):
    with pytest.raises(BadInput, match=r"argmax\(1\)|return logits") as refused:
        WRONG[name](first())
    assert "targets='labels'" in str(refused.value)


RIGHT = {
    "cross_entropy": lambda y: F.cross_entropy(LOGITS, y),
    "CrossEntropyLoss": lambda y: nn.CrossEntropyLoss()(LOGITS, y),
    "smoothing": lambda y: nn.CrossEntropyLoss(label_smoothing=0.1)(LOGITS, y.to("cpu").float()),
    "by hand": lambda y: -(y * LOGITS.log_softmax(1)).sum(1).mean(),
    "argmax": lambda y: (LOGITS.argmax(1) == y.argmax(1)).float().mean(),
    "long argmax": lambda y: F.nll_loss(LOGITS.log_softmax(1), y.argmax(1).long()),
    "half": lambda y: F.cross_entropy(LOGITS, y.half().float()),
    "kl": lambda y: F.kl_div(LOGITS.log_softmax(1), y, reduction="batchmean"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_takes_distributions_gives_a_plain_tensor(name):
    y = first()
    assert isinstance(y, CheckedTargets)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = RIGHT[name](y)
    assert type(result) is torch.Tensor
    assert torch.equal(result, RIGHT[name](y.as_subclass(torch.Tensor)))


def test_gradients_flow_as_they_do_from_a_plain_tensor():
    y, layer = first(), nn.Linear(4, 4)
    F.cross_entropy(layer(LOGITS), y).backward()
    assert type(layer.weight.grad) is torch.Tensor


def test_a_softmax_before_cross_entropy_is_warned_of():
    with pytest.warns(UserWarning, match="leave the softmax at the network's end out"):
        F.cross_entropy(LOGITS.softmax(1), first())


def test_later_batches_are_plain():
    made = loader()
    kinds = [type(y) for _ in range(2) for _, y in made]
    assert kinds == [CheckedTargets, *[torch.Tensor] * 3]


def test_labels_are_never_checked():
    y = first(targets="labels")
    assert type(y) is torch.Tensor
    assert y.dtype == torch.int64


def run(session: SubsetSession, error: Exception, batch: int) -> None:
    """A trial that raises in this batch."""
    with session:
        for place, _ in enumerate(session.loader(model=nn.Linear(6, 4), batch_size=8), 1):
            if place == batch:
                raise error


@pytest.mark.parametrize("error", [ValueError("multilabel-indicator"), TypeError("preds")])
def test_an_error_in_the_first_batch_is_explained(error):
    session = SubsetSession(feed(POOL))
    told = pytest.warns(UserWarning, match=r"given y.argmax\(1\); or train with targets='labels'")
    with told, pytest.raises(type(error)):
        run(session, error, 1)


def test_an_error_in_a_later_batch_is_the_users_own(recwarn):
    session = SubsetSession(feed(POOL))
    with pytest.raises(ValueError, match="mine"):
        run(session, ValueError("mine"), 2)
    assert not recwarn.list


@pytest.mark.parametrize("shape", [(40,), (40, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_two_classes_given_as_numbers_stay_in_the_users_form(shape, dtype):
    labels = LABELS % 2
    y = first(pool=Pool("two", X, labels), y=torch.from_numpy(labels).to(dtype).reshape(shape))
    assert y.shape == (8, *shape[1:])
    assert y.dtype == dtype
    logit = torch.zeros(y.shape, dtype=dtype)
    loss = F.binary_cross_entropy_with_logits(logit, y)
    assert type(loss) is torch.Tensor
    assert loss == pytest.approx(np.log(2), rel=1e-5)


def test_two_classes_given_by_number_become_two_columns():
    labels = LABELS % 2
    y = first(pool=Pool("two", X, labels), y=torch.from_numpy(labels))
    assert y.shape == (8, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_soft_labels_keep_the_users_shape_and_type(dtype):
    rows = (RNG.random((40, 3)) < 0.5).astype(np.float32)
    y = first(pool=Pool("many", X, rows), y=torch.from_numpy(rows).to(dtype))
    assert (y.shape, y.dtype) == ((8, 3), dtype)
    assert isinstance(y, CheckedTargets)


@pytest.mark.parametrize("shape", [(40,), (40, 1)])
def test_soft_regression_targets_are_plain_numbers_in_the_users_shape(shape):
    values = RNG.normal(size=40).astype(np.float32)
    y = first(pool=Pool("real", X, values), y=torch.from_numpy(values).reshape(shape))
    assert type(y) is torch.Tensor
    assert y.shape == (8, *shape[1:])
