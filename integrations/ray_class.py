"""Ray Tune's class API: a user's own `tune.Trainable`, every trial on its subset.

A session begins before the user's `setup`, and anew before `reset_config` (a reused actor). A
checkpoint carries where the loader stands beside what the user saves. A provider that learns is
taught by a trial that reports `done=True`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.result import DONE

from ..core.errors import BadInput
from ..training.feed_checkpoint import read_feed, save_feed
from ..training.session import SubsetPlan, SubsetSession
from .ray_running import add_bill, begin, end, tell

STATE = "subset_loader"  # in a checkpoint that is a dict


def subset_class(trainable: type[Any], metric: str) -> type[tune.Trainable]:
    """A subclass of the user's class; give it `subset_plan=` by `tune.with_parameters`.

    Raises:
        BadInput: no subclass of `tune.Trainable`.
    """
    if not issubclass(trainable, tune.Trainable):
        raise BadInput(f"{trainable.__name__} is no tune.Trainable; with_subset takes those")
    made = type(trainable.__name__, (_WithSubset, trainable), {"subset_metric": metric})
    made.__module__ = __name__
    return made


class _WithSubset:
    """Mixed in before the user's class."""

    subset_metric: str
    subset: SubsetSession | None = None
    trial_id: str

    def setup(self, config: dict[str, Any], subset_plan: SubsetPlan) -> None:
        self.subset_plan = subset_plan
        self._begin_subset()
        super().setup(config)  # type: ignore[misc]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._begin_subset()
        return bool(super().reset_config(new_config))  # type: ignore[misc]

    def _begin_subset(self) -> None:
        if self.subset is not None:
            end(self.subset)
        self.subset = begin(self.subset_plan, str(self.trial_id))

    @property
    def _session(self) -> SubsetSession:
        assert self.subset is not None
        return self.subset

    def step(self) -> dict[str, Any]:
        result = super().step()  # type: ignore[misc]
        if result.get(DONE):
            tell(self._session, result, self.subset_metric)
            self._session.teach()
        return add_bill(result, self.subset_metric)

    def save_checkpoint(self, checkpoint_dir: str) -> Any:
        saved, loader = super().save_checkpoint(checkpoint_dir), self._session.made  # type: ignore[misc]
        if loader is None:
            return saved
        if isinstance(saved, dict):
            return {**saved, STATE: loader.state_dict()}
        save_feed(loader.feed, checkpoint_dir, epoch=loader.epoch, examples=loader.examples)
        return saved

    def load_checkpoint(self, checkpoint: Any) -> None:
        state: dict[str, Any] | None
        if isinstance(checkpoint, dict):
            state = checkpoint.pop(STATE, None)
        else:
            feed, extra = read_feed(Path(checkpoint))
            state = {**extra, "feed": feed}
        super().load_checkpoint(checkpoint)  # type: ignore[misc]
        loader = self._session.made
        if loader is not None and state is not None:
            loader.load_state_dict(state)

    def cleanup(self) -> None:
        super().cleanup()  # type: ignore[misc]
        if self.subset is not None:
            end(self.subset)
            self.subset = None
