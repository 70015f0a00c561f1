"""An answer by training: new weights, the subset that was chosen for the cell, then its accuracy on
validation examples that are the same for all cells.

Source: the host of SubSelNet 5.2, with short trainings in place of a weight-sharing network.

Deviations: none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ..core.architecture import Architecture
from ..core.errors import BadInput, MissingNeed
from ..core.feed import SubsetFeed
from ..core.pool import Pool
from ..core.provider import SubsetProvider
from ..hosting.bill import facts_of
from ..spaces.base import SearchSpace
from ..spaces.named import search_space
from ..training.batches import steps_an_epoch
from ..training.meter import Meter
from ..training.recipes import Recipe
from ..training.seen import Seen
from ..training.stream import feed_batches
from ..training.trainer import Trainer
from ..training.trial import network
from .objective import Answer, Objective
from .options import at_least


class TrialObjective(Objective):
    """Trains the architecture on its own subset.

    A provider that learns is taught by every training.

    Args:
        recipe: how a network trains.
        feed: with a provider that is fitted on the pool; every training begins a fresh one.
        space: a name of `catalog.SPACES`, or a space.
        epochs: passes of a training over its subset.
        steps: of an epoch; 0 makes one pass over the subset.
        judged: validation examples that judge it.
        sizes: of the space's networks.
        seed: of weights and orders.
        device, precision: see `Trainer`.

    Raises:
        MissingNeed: the pool has no images, labels or validation images. BadInput: a count below 1.
    """

    kind = "trials"

    def __init__(
        self,
        recipe: Recipe,
        feed: SubsetFeed,
        *,
        space: str | SearchSpace = "nasbench201",
        epochs: int = 5,
        steps: int = 0,
        judged: int = 1000,
        sizes: Mapping[str, int] | None = None,
        seed: int = 0,
        device: str = "cpu",
        precision: str = "auto",
    ) -> None:
        for name, value, least in (
            ("epochs", epochs, 1),
            ("steps", steps, 0),
            ("judged", judged, 1),
        ):
            at_least(name, value, least)
        self.space = search_space(space) if isinstance(space, str) else space
        self.recipe, self.feed, self.epochs, self.steps = recipe, feed, epochs, steps
        self.sizes, self.judged, self.seed = dict(sizes or {}), judged, seed
        self.device, self.precision = device, precision
        self.held = self._held(feed.provider.pool)
        feed.epochs = feed.epochs or epochs

    def _held(self, pool: Pool) -> Pool:
        if pool.labels is None or (pool.images is None and not self.space.reads_vectors):
            raise MissingNeed(
                f"a search trains on images with labels; pool {pool.name!r} lacks them"
            )
        held = pool.validation
        if held is None or (held.images is None and not self.space.reads_vectors):
            raise MissingNeed(
                f"cells are judged on validation images; pool {pool.name!r} has none. Build it "
                "with Pool.split(validation=0.1)"
            )
        return held

    def ask(self, architecture: Architecture) -> Answer:
        feed, provider = self.feed.fresh(), self.feed.provider
        if provider.learns:
            provider.forget()  # trainings in other processes may have taught it since
        spent = provider.spent_seconds, provider.spent_cpu_seconds
        with Meter() as whole:
            done = list(self.epochs_of(architecture, feed))
            trainer, curve = done[-1][0], [row for _, row in done]
            with Meter() as judging:
                accuracy, _ = trainer.evaluate(self.held, self.judged)
            diverged = curve[-1]["loss"] is None
            with Meter() as teaching:
                lesson, untaught = self._taught(architecture, trainer, accuracy, diverged)
        costs = {
            "seconds": whole.seconds,
            "cpu_seconds": whole.cpu_seconds,
            "select_seconds": provider.spent_seconds - spent[0],
            "select_cpu_seconds": provider.spent_cpu_seconds - spent[1],
            "refresh_seconds": teaching.seconds,
            "refresh_cpu_seconds": teaching.cpu_seconds,
            "evaluate_seconds": judging.seconds,
            "evaluate_cpu_seconds": judging.cpu_seconds,
            "weight_steps": float(trainer.steps_done),
            "evaluations": 1.0,
        }
        return Answer(0.0 if diverged else accuracy, costs, tuple(curve), lesson, untaught)

    def epochs_of(
        self, architecture: Architecture, feed: SubsetFeed
    ) -> Iterator[tuple[Trainer, dict[str, Any]]]:
        """The training, an epoch each time it is asked on; a row says what the epoch was."""
        pool, batch = feed.provider.pool, self.recipe.batch
        once = self.steps or steps_an_epoch(feed.budget.resolve(len(pool)), batch)
        trainer = Trainer(
            network(self.space, architecture, pool, self.sizes, self.seed),
            pool,
            self.recipe,
            steps=once * self.epochs,
            seed=self.seed,
            device=self.device,
            precision=self.precision,
        )
        if feed.provider.learns:
            trainer.seen = Seen(pool, feed.redraw_every > 0)
        for epoch in range(self.epochs):
            size = len(feed.at(epoch, architecture, trainer))
            steps = self.steps or steps_an_epoch(size, batch)
            batches = feed_batches(feed, architecture, trainer, steps, first_epoch=epoch)
            loss = trainer.epoch(batches)
            finite = loss if math.isfinite(loss) else None
            yield trainer, {"epoch": epoch, "examples": size, "steps": steps, "loss": finite}

    def _taught(
        self, architecture: Architecture, trainer: Trainer, accuracy: float, diverged: bool
    ) -> tuple[bool, str]:
        provider = self.feed.provider
        if not provider.learns or diverged:
            return False, ""
        return provider.listen(
            architecture,
            trainer,
            name=f"{architecture.key}-{self.seed}",
            accuracy=accuracy,
            examples=trainer.steps_done * self.recipe.batch,
            heard=None if trainer.seen is None else trainer.seen.heard(),
        )

    def about(self) -> dict[str, Any]:
        plan = self.feed.plan()
        plan["provider_options"] = plan.pop("options")
        return {
            "objective": self.kind,
            "recipe": asdict(self.recipe),
            "epochs_of_a_training": self.epochs,
            "steps": self.steps,
            "judged": self.judged,
            "sizes": self.sizes,
            "training_seed": self.seed,
            **plan,
            "budget": str(self.feed.budget),
            "pool": self.feed.provider.pool.fingerprint,
        }

    @property
    def provider(self) -> SubsetProvider:
        return self.feed.provider

    def facts(self, answer: Answer) -> dict[str, Any]:
        n, seen = len(self.provider.pool), sum(one["examples"] for one in answer.curve)
        return {
            **facts_of(self.feed, self.feed.budget.resolve(n)),
            "examples": seen,
            "full_examples": seen if self.steps else n * len(answer.curve),
        }

    def check_resume(self) -> None:
        if self.feed.provider.learns:
            raise BadInput(
                f"provider {self.feed.provider.name!r} learns while a search runs, and what it "
                "learned is not kept; begin the search anew in another folder"
            )
