"""skorch: the iterator that trains on the subset of each epoch, and the end of each fit.

    search = SubsetSearch(provider, 0.1, redraw_every=1)
    NeuralNetClassifier(Module, ..., **subset_options(search))
    print(search.summary())

or, with one's own callbacks, `iterator_train=subset_iterator, iterator_train__feed=search,
callbacks=[..., SubsetCallback(search)]`; a `SubsetFeed` in the place of the search hands subsets
out and keeps no account.

`net.fit(X, y)` is given the pool's examples in the pool's order. What skorch holds out for
validation (`train_split`) leaves the pool's other rows, and the provider is fitted on them alone;
the folds of a `GridSearchCV` are pools of their own, made of what the fold holds, with lessons of
their own (with n_jobs in processes: give the provider a folder=, which they share). Epochs go on
over calls of `partial_fit`. With soft targets the criterion is `torch.nn.CrossEntropyLoss`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from skorch.callbacks import Callback
from torch.utils.data import Subset as Part

from ..core.architecture import Architecture
from ..core.feed import SubsetFeed
from ..core.modes import checked_mode
from ..core.pool import Pool
from ..hosting.loader import SubsetLoader
from ..hosting.search import SubsetSearch

TOLD = (str, int, float, bool)


def subset_options(search: SubsetSearch) -> dict[str, Any]:
    """Arguments of a skorch net whose every fit is a trial of the search."""
    return {
        "iterator_train": subset_iterator,
        "iterator_train__feed": search,
        "callbacks": [SubsetCallback(search)],
    }


class SubsetCallback(Callback):  # type: ignore[misc]
    """Begins a trial with each fit, shows it the network, and ends it.

    Args:
        search: that the fits are trials of.
        metric, mode: of the net's history, which says how good the network is.
    """

    def __init__(self, search: SubsetSearch, metric: str = "valid_acc", mode: str = "max") -> None:
        self.search, self.metric, self.mode = search, metric, checked_mode(mode)

    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **about: Any) -> None:
        session = self.search.trial(_settings(net))
        session.model = net.module_

    def on_epoch_end(self, net: Any, dataset_train: Any = None, **about: Any) -> None:
        value = net.history[-1].get(self.metric)
        if value is not None:
            self.search.tell(float(value), self.metric, self.mode)

    def on_train_end(self, net: Any, X: Any = None, y: Any = None, **about: Any) -> None:
        self.search.end()


def _settings(net: Any) -> dict[str, Any]:
    """What the net was made with, as far as it is a plain value."""
    told = net.get_params(deep=False)
    own = [name for name in told if "__" in name] + ["lr", "max_epochs", "batch_size"]
    return {name: told[name] for name in own if isinstance(told.get(name), TOLD)}


def subset_iterator(
    dataset: Any,
    batch_size: int = 64,
    *,
    feed: SubsetFeed | SubsetSearch,
    architecture: Architecture | None = None,
    **options: Any,
) -> SubsetLoader:
    """What skorch calls in the place of torch's DataLoader.

    Args:
        dataset: skorch's own around X and y, or a `torch.utils.data.Subset` of it.
        feed: or the search, whose running trial the loader then belongs to.
        options: of `SubsetLoader`; shuffle, which skorch's own loader takes, is its order.

    Raises:
        MissingNeed: a provider that asks the network, without `SubsetCallback`; one that learned
            from a zoo, where skorch holds examples out.
    """
    if not options.pop("shuffle", True):
        options.setdefault("order", "pool")
    whole: Any = dataset.dataset if isinstance(dataset, Part) else dataset
    session = None
    if isinstance(feed, SubsetSearch):
        session = feed.running or feed.trial()
        feed = session.feed
        options.setdefault("model", session.model)
    if len(whole) != len(feed.provider.pool):  # a fold: scikit-learn took rows of X and y
        feed = feed.over(_pool_of(whole, feed.provider.pool))
    options.setdefault("seed", feed.seed)
    options |= {"architecture": architecture, "batch_size": batch_size}
    if session is None:
        return SubsetLoader(feed, dataset=dataset, **options)
    session.feed = feed
    return session.loader(dataset, **options)


def _pool_of(fold: Any, whole: Pool) -> Pool:
    """What the fold holds, as a pool of its own, with the whole pool's classes."""
    made = Pool.from_dataset(fold, name=f"{whole.name}/{len(fold)} rows", task=whole.task)
    return replace(made, classes=whole.classes, class_names=whole.class_names)
