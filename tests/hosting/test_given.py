"""Other examples are given to the network as the loop gives its batches."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl import Pool, SubsetFeed, SubsetLoader, provider
from subsel_automl.core.errors import BadInput
from subsel_automl.hosting.given import Recipe

X = torch.randn(90, 1, 4, 4, generator=torch.Generator().manual_seed(0))
Y = torch.arange(90) % 3
DATA = TensorDataset(X, Y)
BATCH = [X[:6], Y[:6]]


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((X[:6].view(6, -1),), {}),
        ((X[:6].view(6, -1).double(),), {}),
        ((X[:6],), {"scale": 2.0}),
        ((), {"x": X[:6].squeeze(1), "labels": Y[:6]}),
        (({"pixels": X[:6]}, [Y[:6]]), {"mask": None}),
    ],
    ids=["view", "double", "constant", "by-name", "nested"],
)
def test_another_batch_becomes_the_same_call(args, named):
    recipe = Recipe.learned(BATCH, args, named)
    assert recipe is not None
    made = recipe.of([X[6:10], Y[6:10]])
    want = torch.utils._pytree.tree_leaves((args, named))
    got = torch.utils._pytree.tree_leaves((made.args, dict(made.named)))
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        if isinstance(other, torch.Tensor):
            assert (one.shape[1:], one.dtype) == (other.shape[1:], other.dtype)
            rows = Y[6:10] if other.shape == (6,) else X[6:10]
            assert torch.allclose(one.reshape(-1).float(), rows.reshape(-1).float())
        else:
            assert one == other


@pytest.mark.parametrize("given", [X[:6] * 2, X[:6].flip(0), X[:6].transpose(2, 3)])
def test_what_the_loop_computes_is_known_to_the_loop_alone(given):
    assert Recipe.learned(BATCH, (given,), {}) is None


class Net(nn.Module):
    """Reads rows of 16 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"logits": self.last(x)}


def trained(name: str, as_given, model: nn.Module) -> SubsetLoader:
    """Twelve epochs in a loop that changes its batches."""
    torch.manual_seed(0)
    feed = SubsetFeed(provider(name).fit(Pool.from_dataset(DATA)), 30)
    loader = SubsetLoader(feed, None, DATA, batch_size=10, model=model, with_weights=True)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    for _ in range(12):
        for x, y, w in loader:
            optimizer.zero_grad()
            losses = F.cross_entropy(model(as_given(x))["logits"], y, reduction="none")
            (losses * w).mean().backward()
            optimizer.step()
    return loader


@pytest.mark.parametrize("name", ["grad-match", "craig", "el2n"])
def test_a_loop_that_reshapes_and_casts_serves_providers_that_ask(name):
    loader = trained(name, lambda x: x.view(len(x), -1).double(), Net().double())
    first = SubsetFeed(provider(name).fit(Pool.from_dataset(DATA)), 30).at(0, None)
    assert len(loader.feed.subset) == 30
    assert set(loader.feed.subset.indices) != set(first.indices)


def test_a_loop_that_computes_its_inputs_is_told_where_that_belongs():
    with pytest.raises(BadInput, match="belongs into the Dataset or collate_fn"):
        trained("grad-match", lambda x: (x * 2).view(len(x), -1), Net())
