"""skorch: the iterator that trains on the subset of each epoch.

    NeuralNetClassifier(Module, ..., iterator_train=subset_iterator, iterator_train__feed=feed)

`net.fit(X, y)` is given the pool's examples in the pool's order. What skorch holds out for
validation (`train_split`) leaves the pool's other rows, and the provider is fitted on them alone;
the folds of a `GridSearchCV` are pools of their own, made of what the fold holds. Epochs go on over
calls of `partial_fit`. With soft targets the criterion is `torch.nn.CrossEntropyLoss`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch.utils.data import Subset as Part

from ..core.architecture import Architecture
from ..core.feed import SubsetFeed
from ..core.pool import Pool
from ..hosting.loader import SubsetLoader


def subset_iterator(
    dataset: Any,
    batch_size: int = 64,
    *,
    feed: SubsetFeed,
    architecture: Architecture | None = None,
    **options: Any,
) -> SubsetLoader:
    """What skorch calls in the place of torch's DataLoader.

    Args:
        dataset: skorch's own around X and y, or a `torch.utils.data.Subset` of it.
        options: of `SubsetLoader`.

    Raises:
        MissingNeed: a provider that asks the network, which skorch does not show its iterator; one
            that learned from a zoo, where skorch holds examples out.
    """
    seed = options.pop("seed", feed.seed)
    whole: Any = dataset.dataset if isinstance(dataset, Part) else dataset
    if len(whole) != len(feed.provider.pool):  # a fold: scikit-learn took rows of X and y
        feed = feed.over(_pool_of(whole, feed.provider.pool))
    return SubsetLoader(feed, architecture, dataset, batch_size=batch_size, seed=seed, **options)


def _pool_of(fold: Any, whole: Pool) -> Pool:
    """What the fold holds, as a pool of its own, with the whole pool's classes."""
    made = Pool.from_dataset(fold, name=f"{whole.name}/{len(fold)} rows")
    return replace(made, classes=whole.classes, class_names=whole.class_names)
