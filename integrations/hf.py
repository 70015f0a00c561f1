"""Hugging Face: rows of a `datasets.Dataset`, and a training set for `transformers.Trainer` that
follows a feed from epoch to epoch.

    rows = select_from(dataset, subset)                                  # dataset.select(indices)

    train_set = SubsetDataset(dataset, feed)
    Trainer(model, args, train_dataset=train_set, callbacks=[train_set.callback()])
    print(train_set.summary())

Each `train` is a trial, those of `hyperparameter_search` too (backends "optuna" and "ray"): at its
end it teaches a provider that learns, and its bill is written. The search is `train_set.search`;
where trials run in processes of their own (Ray), its ledger becomes a file that they share.

The epoch's rows lie in memory that workers share, so that persistent workers see every redraw. The
callback shows the network to providers that ask it, and keeps where the feed stands beside the
Trainer's checkpoints. The Trainer computes its own loss from labels: soft targets and weights are
refused here. For them write the loop with `SubsetLoader`.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset, default_collate
from transformers import TrainerCallback

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.feed_file import RECORD, read_feed, save_feed
from ..core.modes import checked_mode
from ..core.subset import Subset
from ..core.summary import SearchSummary
from ..hosting.account import SearchAccount
from ..hosting.items import LABELS, require_rows
from ..hosting.search import SubsetSearch
from ..training.probe import ModelProbe

FOLDER = "subsel-feed"  # in a checkpoint of the Trainer


def select_from(dataset: Any, subset: Subset) -> Any:
    """The subset's rows of a `datasets.Dataset`, in order of choice.

    Raises:
        BadInput: the subset names a row that the dataset does not have.
    """
    if len(subset) and int(subset.indices.max()) >= len(dataset):
        raise BadInput(
            f"the subset names row {int(subset.indices.max())}, the dataset has {len(dataset)}; "
            "select from the examples of the subset's own pool"
        )
    return dataset.select(subset.indices.tolist())


class SubsetDataset(Dataset[Any]):
    """The rows of one epoch's subset; `callback()` moves it on.

    Args:
        dataset: a `datasets.Dataset` or any map-style Dataset: the pool's examples in its order.
        feed: with labels as targets; or a `SubsetSearch`.
        architecture: of the network, for providers that read it.
        metric, mode: of the Trainer's evaluations, which says how good the network is ("max" or
            "min" is better); where it is not reported, a provider that learns measures for itself.
        ledger: file of the search's ledger; None keeps it in memory.

    Raises:
        BadInput: another length than the pool's; soft targets, weights, a provider that warms up
            (its epochs have other lengths, and the Trainer counts steps once).
    """

    def __init__(
        self,
        dataset: Any,
        feed: SubsetFeed | SubsetSearch,
        architecture: Architecture | None = None,
        *,
        metric: str = "eval_accuracy",
        mode: str = "max",
        ledger: Path | str | None = None,
    ) -> None:
        require_rows(dataset)
        if isinstance(feed, SubsetSearch):
            self.search, feed = feed, feed.plan.feed()
        else:
            self.search = SubsetSearch.of(feed, ledger=ledger, host="transformers")
        provider = feed.provider
        if len(dataset) != len(provider.pool):
            raise BadInput(
                f"the dataset has {len(dataset)} examples, pool {provider.pool.name!r} "
                f"{len(provider.pool)}; give the pool's examples in its order"
            )
        if feed.targets != "labels" or feed.weighs or provider.warm_epochs:
            raise BadInput(
                f"transformers.Trainer computes its own loss over epochs of one length, so soft "
                f"targets, weights and warm epochs are not for it (provider {provider.name!r}, "
                f"targets {feed.targets!r}); write the loop with SubsetLoader"
            )
        self.dataset, self.feed, self.architecture = dataset, feed, architecture
        self.metric, self.mode, self._told = metric, checked_mode(mode), architecture
        self.probe: ModelProbe | None = None
        self.watch = None  # the Trainer's loader does not say which rows it reads
        self._rows = torch.zeros(len(dataset), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
        self._count = torch.zeros(1, dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
        self.move_to(0)

    def show(self, model: Any, collate: Any = None) -> None:
        """The network in training, for providers that ask it; `collate` is the Trainer's."""
        names = set(inspect.signature(model.forward).parameters)

        def read(dataset: Any, rows: npt.NDArray[np.int64]) -> Any:
            batch = (collate or default_collate)([dataset[int(row)] for row in rows])
            if not isinstance(batch, Mapping):
                raise BadInput("items of a Trainer's Dataset are mappings from argument to value")
            return {k: v for k, v in batch.items() if k in names and k not in LABELS}

        self.probe = ModelProbe(model, self.feed.provider.pool, self.dataset, read=read)

    def move_to(self, epoch: int) -> None:
        """Hold the subset of this epoch.

        Raises:
            BadInput: the provider weighs its examples after all.
        """
        self.subset = self.feed.at(epoch, self.architecture, self.probe)
        if self.subset.weights is not None:
            raise BadInput(
                f"provider {self.feed.provider.name!r} weighs its examples, which "
                "transformers.Trainer does not; write the loop with SubsetLoader"
            )
        count = len(self.subset)
        self._rows[:count] = torch.from_numpy(self.subset.indices)
        self._count[0] = count

    @property
    def examples(self) -> int:
        """Trained on so far, with repeats."""
        return self.feed.examples

    @property
    def size(self) -> int:
        """Examples of an epoch."""
        return len(self)

    def begin(self, config: Mapping[str, Any] | None, name: str) -> None:
        """The next trial; the first one has the feed that was given."""
        feed = self.feed if not self.search.trials else self.feed.fresh()
        self.feed, self.architecture = feed, self._told
        session = self.search.trial(config, name, feed)
        session.made = self

    def summary(self) -> SearchSummary:
        """What the trials cost, what they would have cost on all data, and who won."""
        return self.search.summary()

    def __getstate__(self) -> dict[str, Any]:
        """To trials in other processes: lessons and ledger are shared with them from now on."""
        account, plan = self.search.account, self.search.plan
        if account.path is None and _ray_runs():
            folder = tempfile.mkdtemp(prefix="subsel-")
            self.search.account = SearchAccount(
                account.name, Path(folder) / "ledger.sqlite", account.host
            )
        if plan.provider.learns and _ray_runs():
            from .ray.lessons import RayTeachers, shared

            if not isinstance(getattr(plan.provider, "teachers", None), RayTeachers):
                self.search.share(shared(plan.provider))
                self.feed = self.search.plan.feed()
        return {**self.__dict__, "probe": None}

    def __len__(self) -> int:
        return int(self._count[0])

    def __getitem__(self, place: int) -> Any:
        return self.dataset[int(self._rows[place])]

    def callback(self) -> TrainerCallback:
        """For `Trainer(callbacks=[...])`."""
        return _Follow(self)


class _Follow(TrainerCallback):
    def __init__(self, train_set: SubsetDataset) -> None:
        self.train_set = train_set

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **about: Any
    ) -> None:
        held = self.train_set
        held.begin(_plain(state.trial_params), _trial_name(state))
        feed = held.feed
        feed.epochs = feed.epochs or max(1, round(args.num_train_epochs))
        if model is not None:
            loader = about.get("train_dataloader")
            held.show(model, getattr(loader, "collate_fn", None))
        folder = _folder(args, state)
        if state.global_step and (folder / RECORD).exists():
            feed.load_state_dict(read_feed(folder)[0])

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        held, refreshed = self.train_set, self.train_set.feed.refresh_seconds
        self._lap()
        held.move_to(int(state.epoch or 0))
        self._lap("REFRESH" if held.feed.refresh_seconds > refreshed else "SELECT")

    def on_step_end(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        self._lap("TRAIN")

    def on_epoch_end(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        held = self.train_set
        self._lap("TRAIN")
        held.feed.examples += len(held)
        if held.search.running is not None:
            held.search.running.clock.count(len(held), len(held.dataset))

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **about: Any
    ) -> None:
        held = self.train_set
        self._lap("EVALUATE")
        value = (metrics or {}).get(held.metric)
        if value is not None and held.search.running is not None:
            held.search.tell(float(value), held.metric, held.mode)

    def on_train_end(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        self._lap("EVALUATE")
        self.train_set.search.end()

    def on_save(self, args: Any, state: Any, control: Any, **about: Any) -> None:
        save_feed(self.train_set.feed, _folder(args, state))

    def _lap(self, stage: str | None = None) -> None:
        session = self.train_set.search.running
        if session is not None:
            session.clock.lap(stage)


def _ray_runs() -> bool:
    ray: Any = sys.modules.get("ray")
    return ray is not None and ray.is_initialized()


def _trial_name(state: Any) -> str:
    """Of a trial of `hyperparameter_search`; "" lets the search count."""
    if _ray_runs():
        from ray import tune

        try:
            return str(tune.get_context().get_trial_id() or "")
        except (RuntimeError, AttributeError):
            return ""
    return str(state.trial_name or "")


def _plain(params: Any) -> dict[str, Any] | None:
    return dict(params) if isinstance(params, Mapping) else None


def _folder(args: Any, state: Any) -> Path:
    return Path(args.output_dir) / f"checkpoint-{state.global_step}" / FOLDER
