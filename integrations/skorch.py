"""skorch: the iterator that trains on the subset of each epoch.

    NeuralNetClassifier(Module, ..., train_split=predefined_split(valid_set),
                        iterator_train=subset_iterator, iterator_train__feed=feed)

`net.fit(X, y)` is given the pool's examples in the pool's order, so skorch must hold none of them
out: `train_split=None`, or a validation set of its own. With soft targets the criterion is
`torch.nn.CrossEntropyLoss`.
"""

from __future__ import annotations

from typing import Any

from ..core.architecture import Architecture
from ..core.feed import SubsetFeed
from ..hosting.loader import SubsetLoader


def subset_iterator(
    dataset: Any,
    batch_size: int = 64,
    *,
    feed: SubsetFeed,
    architecture: Architecture | None = None,
    drop_last: bool = False,
    num_workers: int = 0,
) -> SubsetLoader:
    """What skorch calls in the place of torch's DataLoader, once a fit.

    Raises:
        BadInput: skorch held examples out: the Dataset is shorter than the pool.
        MissingNeed: a provider that asks the network, which skorch does not show its iterator.
    """
    return SubsetLoader(
        feed,
        architecture,
        dataset,
        batch_size=batch_size,
        seed=feed.seed,
        drop_last=drop_last,
        num_workers=num_workers,
    )
