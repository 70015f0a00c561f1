"""Lightning: the user's own DataModule, its training loader replaced by one over the subset.

    trainer.fit(model, datamodule=SubsetDataModule(data, feed))    # was: datamodule=data

Everything that the DataModule's own training DataLoader has is kept: batch size, workers, pinning,
`worker_init_fn`, `collate_fn`, the order of a loader that does not shuffle; a sampler of the user's
own can't be and is refused. The other loaders are its own. An adaptive provider asks the
LightningModule, whose forward gives logits. Several processes read their parts of one subset.

In the place of the feed stands the session of the trial that the fit is part of (`subset` of an
Optuna objective, `current_subset()` in Ray), or a `SubsetSearch`, whose next trial it then is. With
a feed alone the fit is a trial of its own: a provider that learns is taught at its end.

A module that makes its own loader takes a `SubsetLoader` as it is: trainer.fit(model, loader).
`Trainer(reload_dataloaders_every_n_epochs=1)` lets Lightning see epochs of other lengths (of a
provider that warms up). Only `lightning`, not `pytorch_lightning`: their classes do not mix.
"""

from __future__ import annotations

from typing import Any

import lightning
from lightning.pytorch.utilities.model_helpers import is_overridden
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    RandomSampler,
    SequentialSampler,
)

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.modes import checked_mode
from ..hosting.loader import SubsetLoader
from ..hosting.options import WORKERS
from ..hosting.ranks import ranks
from ..hosting.search import SubsetSearch
from ..hosting.session import SubsetSession


class SubsetDataModule(lightning.LightningDataModule):
    """Around a DataModule whose training Dataset holds the pool's examples in the pool's order.

    Args:
        inner: the user's own.
        feed: provider, budget, redraws and targets; its epochs are the Trainer's. Or the session
            or the search that the fit belongs to.
        metric, mode: of `trainer.callback_metrics`, which says how good the network is ("max" or
            "min" is better); where it is not logged, a provider that learns measures for itself.
        options: of `SubsetLoader`: architecture, validation, with_weights, label, rows.

    Raises:
        BadInput: while training: no torch DataLoader inside or one with a sampler of its own, a
            provider that warms up without reloading.
    """

    def __init__(
        self,
        inner: lightning.LightningDataModule,
        feed: SubsetFeed | SubsetSession | SubsetSearch,
        *,
        metric: str = "val_acc",
        mode: str = "max",
        **options: Any,
    ) -> None:
        super().__init__()
        self.search = feed if isinstance(feed, SubsetSearch) else None
        self.session = feed if isinstance(feed, SubsetSession) else None
        self._own = isinstance(feed, SubsetFeed)
        if isinstance(feed, SubsetSession):
            feed = feed.feed
        elif isinstance(feed, SubsetSearch):
            feed = feed.plan.feed()
        self.inner, self.feed, self.options = inner, feed, options
        self.metric, self.mode = metric, checked_mode(mode)
        self.loader: SubsetLoader | None = None

    def prepare_data(self) -> None:
        self.inner.prepare_data()

    def setup(self, stage: str) -> None:
        self.inner.trainer = self.trainer
        self.inner.setup(stage)

    def teardown(self, stage: str) -> None:
        self.inner.teardown(stage)
        if stage == "fit" and self.session is not None:
            self._ended(self.session)

    def _ended(self, session: SubsetSession) -> None:
        """The fit is over: how good the network is, and where nobody else ends it, its lesson."""
        trainer: Any = self.trainer
        value = trainer.callback_metrics.get(self.metric)
        if value is not None and self.search is not None:
            self.search.tell(float(value), self.metric, self.mode)
        elif value is not None and session.feed.provider.learns:
            session.tell(float(value), self.mode)
        if self._own:
            if ranks()[1] == 0:
                session.teach()
            session.__exit__(None, None, None)
            self.session = None

    def _begun(self) -> SubsetSession:
        if self.search is not None:
            hparams = getattr(self.trainer.lightning_module, "hparams", {})  # type: ignore[union-attr]
            return self.search.trial(dict(hparams), feed=self.feed)
        if self.session is None:
            self.session = SubsetSession(self.feed).__enter__()
        return self.session

    def train_dataloader(self) -> SubsetLoader:
        trainer: Any = self.trainer
        if trainer is None:
            raise BadInput("SubsetDataModule trains inside trainer.fit")
        if self.feed.provider.warm_epochs and trainer.reload_dataloaders_every_n_epochs != 1:
            raise BadInput(
                f"provider {self.feed.provider.name!r} begins with epochs of another length; make "
                "Trainer(reload_dataloaders_every_n_epochs=1)"
            )
        model = trainer.lightning_module
        if self.loader is None or self.loader.model is not model:
            self.feed.epochs = self.feed.epochs or _length(trainer)
            self.loader = self._made(self.inner.train_dataloader(), model)
        self.loader.set_epoch(trainer.current_epoch)
        return self.loader

    def _made(self, given: Any, model: Any) -> SubsetLoader:
        if not isinstance(given, DataLoader) or given.batch_size is None:
            raise BadInput(
                f"{type(self.inner).__name__}.train_dataloader() gives "
                f"{type(given).__name__}; SubsetDataModule reads Dataset and batch size of one "
                "torch DataLoader"
            )
        session = self.session = self._begun()
        trainer: Any = self.trainer
        trainer.callbacks.append(_Validated(session))
        return session.loader(
            given.dataset,
            batch_size=given.batch_size,
            order=_order(given),
            seed=self.feed.seed,
            model=model,
            drop_last=given.drop_last,
            collate_fn=given.collate_fn,
            generator=given.generator,
            **{name: getattr(given, name) for name in WORKERS if _is_set(given, name)},
            **self.options,
        )

    def state_dict(self) -> dict[str, Any]:
        """In Lightning's checkpoint: where the subset stands, for providers that look at it."""
        return {"feed": self.feed.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.feed.load_state_dict(state_dict["feed"])

    def val_dataloader(self) -> Any:
        return self._theirs("val_dataloader")

    def test_dataloader(self) -> Any:
        return self._theirs("test_dataloader")

    def predict_dataloader(self) -> Any:
        return self._theirs("predict_dataloader")

    def _theirs(self, name: str) -> Any:
        """The user's loader, or none when the DataModule has none."""
        return getattr(self.inner, name)() if is_overridden(name, self.inner) else []


class _Validated(lightning.Callback):
    """Lightning validates inside of an epoch: those seconds are no training."""

    def __init__(self, session: SubsetSession) -> None:
        self.session = session

    def on_validation_start(self, *about: Any) -> None:
        self.session.clock.lap()

    def on_validation_end(self, *about: Any) -> None:
        self.session.clock.lap("EVALUATE")


def _length(trainer: Any) -> int | None:
    epochs = trainer.max_epochs
    return int(epochs) if epochs is not None and epochs > 0 else None


def _is_set(loader: DataLoader[Any], name: str) -> bool:
    value = getattr(loader, name, None)
    return value is not None and (name != "prefetch_factor" or loader.num_workers > 0)


def _order(loader: DataLoader[Any]) -> str:
    """Of the user's own loader.

    Raises:
        BadInput: a sampler that chooses or weighs examples itself.
    """
    sampler: Any = loader.sampler
    if type(loader.batch_sampler) is BatchSampler:
        if type(sampler) is SequentialSampler:
            return "pool"
        if type(sampler) is DistributedSampler:
            return "shuffled" if sampler.shuffle else "pool"
        plain = type(sampler) is RandomSampler and not sampler.replacement
        if plain and sampler.num_samples == len(loader.dataset):  # type: ignore[arg-type]
            return "shuffled"
    own = sampler if type(loader.batch_sampler) is BatchSampler else loader.batch_sampler
    raise BadInput(
        f"the training DataLoader has a {type(own).__name__} of its own, and the feed draws which "
        "examples an epoch has; leave it out and take a provider that weighs or balances (such as "
        "random-per-class), or write the loop without SubsetDataModule"
    )
