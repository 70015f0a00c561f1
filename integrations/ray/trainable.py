"""SubsetTrainable: a Ray Tune trial that trains on the subset that its architecture needs.

One Tune iteration is one epoch over the subset. Selection happens in `setup` (and again in
`reset_config`, since a reused actor gets another trial), which Ray's own `time_total_s` leaves out:
our seconds are reported as metrics. `LedgerCallback` writes them down in the driver; with a ledger
in the task the trial does, so that nothing is lost with a driver.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from ray import tune

from ...budgeting.final import FINAL
from ...budgeting.passes import RUNG
from ...core.errors import BadInput
from ...core.feed_file import read_feed, save_feed
from ...core.ledger import AmortizationLedger
from ...hosting.bill import facts_of
from ...hosting.clock import Clock
from ...training.allocator import keep_freed_memory
from ...training.batches import steps_an_epoch
from ...training.checkpoint import load_trainer, save_trainer
from ...training.meter import Meter
from ...training.recipes import Recipe
from ...training.seen import Seen
from ...training.stream import feed_batches
from ...training.trainer import Trainer
from ...training.trial import network
from .ledger import charge
from .lessons import RayTeachers
from .task import TrialTask

__all__ = ["SubsetTrainable", "TrialTask"]


class SubsetTrainable(tune.Trainable):
    """Class API; use with `tune.with_parameters(SubsetTrainable, task=TrialTask(...))`."""

    def setup(self, config: dict[str, Any], task: TrialTask | None = None) -> None:
        if task is None:
            raise BadInput("SubsetTrainable needs tune.with_parameters(..., task=TrialTask(...))")
        granted = self.trial_resources  # None outside of a search
        if granted is not None:
            torch.set_num_threads(max(1, int(granted.required_resources.get("CPU", 1))))
        keep_freed_memory()  # a worker of Ray's: this process is the trial's own
        self.whole = task  # without a rung
        self._begin(config)

    def _begin(self, config: Mapping[str, Any]) -> None:
        """A new trial: network, optimizer, schedule, random state and subset are all made anew."""
        task, self.clock = self.whole.of(config), Clock()
        self.task, self.rung, self.final = task, config.get(RUNG), FINAL in config
        settings = self.settings = task.optimizer_space.resolve(config)
        self.architecture = task.architectures[int(config.get("architecture", 0))]
        if task.provider.learns:
            task.provider.forget()  # other trials may have taught it since
        self.feed, self.taught = task.feed(), False
        pool = self.feed.provider.pool
        once = steps_an_epoch(self.feed.budget.resolve(len(pool)), task.batch)
        self.steps = task.steps or once
        recipe = Recipe(settings["optimizer"], settings["scheduler"], task.batch)
        model = network(task.space, self.architecture, pool, task.sizes, task.seed)
        self.trainer = Trainer(
            model, pool, recipe, steps=self.steps * task.epochs, seed=task.seed, device=task.device
        )
        if task.provider.learns:
            self.trainer.seen = Seen(pool, self.feed.redraw_every > 0)
        self.judged = task.validation
        self.attempt = uuid.uuid4().hex[:8]
        self.epoch, self.diverged = 0, False
        self.lessons, self.untaught = 0, ""  # stored by this trial, or why not
        self.curve: list[tuple[int, float]] = []  # (examples, accuracy)
        self.clock.lap()
        self.feed.at(0, self.architecture, self.trainer)
        self.clock.lap("SELECT")
        self._told = self._inside()

    def step(self) -> dict[str, Any]:
        self.clock.waited()
        with Meter() as train:
            loss = self.trainer.epoch(
                feed_batches(
                    self.feed, self.architecture, self.trainer, self.steps, first_epoch=self.epoch
                )
            )
        self._trained()
        accuracy, _ = self.trainer.evaluate(self.judged)
        self.clock.lap("EVALUATE")
        self.epoch += 1
        self._count()
        self.curve.append((self.trainer.steps_done * self.task.batch, accuracy))
        diverged = self.diverged = not math.isfinite(loss)
        done = diverged or self.epoch >= self.task.epochs
        if done:
            self._teach()
        result = {
            "accuracy": 0.0 if diverged else accuracy,
            "train_loss": loss if not diverged else float("inf"),
            "diverged": diverged,
            "done": done,
            **self._facts(),
            "gb_minutes": train.gb_minutes,
            **self.clock.take(),
        }
        self._charge(result)
        return result

    def _charge(self, result: dict[str, Any]) -> None:
        """Write the epoch down before anyone is told of it: a killed driver may never be."""
        if self.task.ledger is not None:
            self._write({**result, "training_iteration": self.iteration + 1})

    def _write(self, bill: dict[str, Any]) -> None:
        assert self.task.ledger is not None
        ledger = AmortizationLedger(self.task.ledger)
        charge(ledger, self.task.search, str(self.trial_id), bill, self.settings)
        ledger.close()

    def _teach(self) -> None:
        """A trial that ends, however, teaches the next ones, where the provider learns."""
        provider, self.taught = self.task.provider, True
        if not provider.learns or self.diverged:
            return
        stored, self.untaught = provider.listen(
            self.architecture,
            self.trainer,
            name=str(self.trial_id),
            accuracy=self.curve[-1][1],
            examples=self.trainer.steps_done * self.task.batch,
            curve=self.curve,
            heard=None if self.trainer.seen is None else self.trainer.seen.heard(),
        )
        self.lessons += stored
        self.clock.lap("REFRESH")

    def _end(self) -> None:
        """Of a trial that the scheduler stopped: its lesson, on a bill of its own."""
        if self.taught or not self.task.provider.learns or not self.curve:
            return
        self.clock.waited()
        self._teach()
        bill = {
            **self._facts(),
            "training_iteration": f"{self.iteration}-end",
            "gb_minutes": 0.0,
            **self.clock.take(),
        }
        teachers = getattr(self.task.provider, "teachers", None)
        if self.task.ledger is not None:
            self._write(bill)
        elif isinstance(teachers, RayTeachers):
            teachers.bill(str(self.trial_id), bill)

    def cleanup(self) -> None:
        self._end()

    def _facts(self) -> dict[str, Any]:
        return {
            **facts_of(self.feed, self.feed.budget.resolve(len(self.feed.provider.pool))),
            "lessons": self.lessons,
            "untaught": self.untaught,
            "last_training": self.final,
            "architecture_key": self.architecture.key,
            "attempt": self.attempt,
        }

    def _count(self) -> None:
        """An epoch's examples; with `steps` given, all data would be trained on for as many."""
        pool, batch = self.feed.provider.pool, self.task.batch
        seen = self.steps * batch
        once = steps_an_epoch(len(pool), batch) * batch
        full = seen if self.task.steps else once
        if self.rung is not None:  # it stands for a full training, which counts with its first
            full = 0 if self.rung["rung"] or self.epoch > 1 else self._whole_examples()
        if self.final:  # full training would have trained this configuration before
            full = 0
        self.clock.count(seen, full)

    def _whole_examples(self) -> int:
        whole = self.whole
        once = steps_an_epoch(len(self.feed.provider.pool), whole.batch)
        return whole.epochs * (whole.steps or once) * whole.batch

    def _trained(self) -> None:
        """An epoch is over; what its selections and refreshes took is not training."""
        self.clock.lap("TRAIN")
        now, before = self._inside(), self._told
        for stage, spent in now.items():
            wall, cpu = (a - b for a, b in zip(spent, before[stage], strict=True))
            self.clock.move("TRAIN", stage, wall, cpu)
        self._told = now

    def _inside(self) -> dict[str, tuple[float, float]]:
        """Wall and CPU seconds that the feed has spent so far."""
        feed = self.feed
        return {
            "SELECT": (feed.select_seconds, feed.select_cpu_seconds),
            "REFRESH": (feed.refresh_seconds, feed.refresh_cpu_seconds),
        }

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        save_trainer(self.trainer, checkpoint_dir, epoch=self.epoch)
        about = {
            "architecture": self.architecture.key,
            "settings": self.settings,
            "curve": [list(point) for point in self.curve],
        }
        save_feed(self.feed, checkpoint_dir, **about)

    def load_checkpoint(self, checkpoint_dir: dict[Any, Any] | str | None) -> None:
        """Go on where a trial was saved: this one (pause, restore), or another (PBT's clone).

        A clone keeps its own optimizer settings and asks for its own subset.
        """
        if not isinstance(checkpoint_dir, str):
            raise BadInput(f"Ray gave no checkpoint folder to load but {checkpoint_dir!r}")
        folder = Path(checkpoint_dir)
        state, extra = read_feed(folder)
        if extra["architecture"] != self.architecture.key:
            raise BadInput(
                f"the checkpoint is of architecture {extra['architecture']}, this trial trains "
                f"{self.architecture.key}; let a scheduler that clones trials leave "
                "config['architecture'] alone"
            )
        self.attempt = uuid.uuid4().hex[:8]
        own = extra["settings"] == self.settings
        self.epoch = int(load_trainer(self.trainer, folder, settings=own)["epoch"])
        if own:
            self.feed.load_state_dict(state)
            self._told = self._inside()
        self.curve = [(int(seen), float(share)) for seen, share in extra["curve"]]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._end()
        self._begin(new_config)
        return True
