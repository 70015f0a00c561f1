"""A user's `tune.Trainable` whose every trial trains on its subset; see `wrap.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.result import DONE

from ...core.errors import BadInput
from ...core.feed_file import read_feed, save_feed
from ...core.plan import SubsetPlan
from ...hosting.session import SubsetSession
from .trial import add_bill, begin, end, running_as, tell

STATE = "subset_loader"  # in a checkpoint that is a dict


def subset_class(trainable: type[Any], metric: str, mode: str) -> type[tune.Trainable]:
    """A subclass of the user's class; give it `subset_plan=` by `tune.with_parameters`.

    Raises:
        BadInput: no subclass of `tune.Trainable`.
    """
    if not issubclass(trainable, tune.Trainable):
        raise BadInput(f"{trainable.__name__} is no tune.Trainable; with_subset takes those")
    about = {"subset_metric": metric, "subset_mode": mode}
    made = type(trainable.__name__, (_WithSubset, trainable), about)
    made.__module__ = __name__
    return made


class _WithSubset:
    """Mixed in before the user's class."""

    subset_metric: str
    subset_mode: str
    subset: SubsetSession | None = None
    trial_id: str

    def setup(self, config: dict[str, Any], subset_plan: SubsetPlan, **others: Any) -> None:
        self.subset_plan = subset_plan
        with running_as(self._begin_subset(config)):
            super().setup(config, **others)  # type: ignore[misc]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        kept = self._session.made
        session = self._begin_subset(new_config)
        with running_as(session):
            done = bool(super().reset_config(new_config))  # type: ignore[misc]
        if done and session.made is None and kept is not None:  # the user keeps the loader
            session.adopt(kept)
        return done

    def _begin_subset(self, config: dict[str, Any]) -> SubsetSession:
        self._end_subset()
        self.subset = begin(self.subset_plan, str(self.trial_id), config).__enter__()
        return self.subset

    def _end_subset(self) -> None:
        if self.subset is not None:
            end(self.subset)
            self.subset.__exit__(None, None, None)
            self.subset = None

    @property
    def _session(self) -> SubsetSession:
        assert self.subset is not None
        return self.subset

    def step(self) -> Any:
        self._session.clock.waited()
        with running_as(self._session):
            result = super().step()  # type: ignore[misc]
            if not isinstance(result, dict):
                return result  # Ray says what it makes of that
        if result.get(DONE):
            tell(self._session, result, self.subset_metric, self.subset_mode)
            self._session.teach()  # on this report's bill
        return add_bill(self._session, result, self.subset_metric, self.subset_mode)

    def save_checkpoint(self, checkpoint_dir: str) -> Any:
        with running_as(self._session):
            saved = super().save_checkpoint(checkpoint_dir)  # type: ignore[misc]
        loader = self._session.made
        if loader is None:
            return saved
        if isinstance(saved, dict):
            return {**saved, STATE: loader.state_dict()}
        save_feed(loader.feed, checkpoint_dir, epoch=loader.epoch, examples=loader.examples)
        return saved

    def load_checkpoint(self, checkpoint: Any) -> None:
        state: dict[str, Any] | None
        if isinstance(checkpoint, dict):
            checkpoint = dict(checkpoint)
            state = checkpoint.pop(STATE, None)
        else:
            feed, extra = read_feed(Path(checkpoint))
            state = {**extra, "feed": feed}
        with running_as(self._session):
            super().load_checkpoint(checkpoint)  # type: ignore[misc]
        loader = self._session.made
        if loader is not None and state is not None:
            loader.load_state_dict(state)

    def cleanup(self) -> None:
        self._end_subset()
        super().cleanup()  # type: ignore[misc]
