"""SubsetFeed: the one object that a host loop holds.

`feed.at(epoch, architecture, probe)` gives the subset to train on in that epoch: the same object
while nothing changed, another one when the architecture changed, a redraw or a refresh is due. A
provider with `warm_epochs` trains on the whole pool first, and looks at the network after that. A
refresh that falls between two visits is made at the next one.

The epoch has one owner: a host that counts its epochs passes them to `at`; loaders, which come and
go, share `next_epoch` of their feed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .architecture import Architecture
from .arrays import packed, unpacked
from .budget import Budget
from .classes import PRIORS, prior_weights
from .errors import BadInput, MissingNeed, UnknownName
from .pool import Pool
from .probe import Probe
from .provider import Mode, SubsetProvider
from .same_plan import same_plan
from .soft import SoftTargets
from .subset import Subset

__all__ = ["SoftTargets", "SubsetFeed"]
SPENT = ("select_seconds", "select_cpu_seconds", "refresh_seconds", "refresh_cpu_seconds")


class SubsetFeed:
    """Subsets of one provider, epoch by epoch.

    Args:
        provider: fitted.
        budget: examples an epoch: Budget, count or fraction.
        seed: of the draws.
        redraw_every: 0 keeps one subset; k draws afresh every k epochs; None: `provider.redraws`.
        targets: "labels", or "soft" to train on the predicted distributions.
        soft: temperature and share of the label; by default what the provider recorded.
        epochs: of a trial, where the host knows them: schedules of providers read it.
        prior: "change" leaves the classes' shares as chosen; "keep" weighs the examples so that
            each class counts for its share of the pool (`Subset.weights`; a class that was not
            chosen at all cannot be weighed back: `provenance.notes["classes_missing"]`).

    Attributes:
        next_epoch: of the next pass of a loader over this feed.
        examples: that loaders over this feed have handed out, with repeats.
        select_seconds, select_cpu_seconds, refresh_seconds, refresh_cpu_seconds: spent so far.

    Raises:
        BudgetError, BadInput: unusable values, named; an adaptive provider with `redraw_every`.
        MissingNeed: `prior="keep"` and the pool has no labels.
    """

    def __init__(
        self,
        provider: SubsetProvider,
        budget: Budget | int | float,
        *,
        seed: int = 0,
        redraw_every: int | None = None,
        targets: str = "labels",
        soft: SoftTargets | None = None,
        epochs: int | None = None,
        prior: str = "change",
    ) -> None:
        redraw_every = provider.redraws if redraw_every is None else redraw_every
        if isinstance(redraw_every, bool) or not isinstance(redraw_every, int) or redraw_every < 0:
            raise BadInput(f"redraw_every is {redraw_every!r}; give 0 (never) or epochs from 1")
        if redraw_every and provider.refresh_every:
            raise BadInput(
                f"provider {provider.name!r} refreshes its subset every {provider.refresh_every} "
                f"epochs from the running trial; redraw_every={redraw_every} would discard that. "
                "Use redraw_every=0"
            )
        self.mode = Mode(redraw_every > 0, targets)
        self.provider = provider
        self.budget = budget if isinstance(budget, Budget) else Budget(budget)
        self.budget.resolve(len(provider.pool))
        self.seed, self.redraw_every, self.targets = seed, redraw_every, targets
        if epochs is not None and (isinstance(epochs, bool) or epochs < 1):
            raise BadInput(f"epochs is {epochs!r}; give the length of a trial from 1, or None")
        self._soft, self.epochs = soft, epochs
        self.epoch = self.next_epoch = self.examples = 0
        self.select_seconds = self.select_cpu_seconds = 0.0
        self.refresh_seconds = self.refresh_cpu_seconds = 0.0
        self._period = 0  # of refreshes, the last one that was visited
        self._parts: dict[str, SubsetFeed] = {}
        self.prior = _prior(prior, provider)
        self._key: str | None = None
        self._draw = 0
        self._subset: Subset | None = None
        self._whole: Subset | None = None
        self._weighed: tuple[Subset, Subset] | None = None  # as chosen, as handed out

    def at(
        self, epoch: int, architecture: Architecture | None, probe: Probe | None = None
    ) -> Subset:
        """The subset for an epoch (counted from 0).

        Raises:
            MissingNeed: soft targets, and the provider predicts none.
        """
        key = architecture.key if architecture is not None else ""
        draw = epoch // self.redraw_every if self.redraw_every else 0
        warm = self.provider.warm_epochs
        if epoch < warm:
            self.epoch = epoch
            return self._checked(self._everything())
        first = self._subset is None
        changed = first or key != self._key or draw != self._draw
        if changed:
            before = self._spent()
            self._subset = self._ask(architecture, draw)
            wall, cpu = self._spent()
            self.select_seconds += wall - before[0]
            self.select_cpu_seconds += cpu - before[1]
        assert self._subset is not None
        if self._due(epoch, first, changed):
            before = self._spent()
            self._subset = self.provider.refresh(
                self._subset, architecture, epoch, probe, seed=self.seed, epochs=self.epochs
            )
            wall, cpu = self._spent()
            self.refresh_seconds += wall - before[0]
            self.refresh_cpu_seconds += cpu - before[1]
        self.epoch, self._key, self._draw = epoch, key, draw
        return self._checked(self._subset)

    def _due(self, epoch: int, first: bool, changed: bool) -> bool:
        """Whether a refresh falls on this epoch, or fell since the last visit."""
        every, warm = self.provider.refresh_every, self.provider.warm_epochs
        if not every:
            return False
        period, last = (epoch - warm) // every, self._period
        if changed and not first:  # another architecture's first choice
            return epoch == warm > 0
        self._period = max(period, last)
        return period > last or (first and warm > 0)

    def _spent(self) -> tuple[float, float]:
        return self.provider.spent_seconds, self.provider.spent_cpu_seconds

    def _everything(self) -> Subset:
        if self._whole is None:
            self._whole = Subset(np.arange(len(self.provider.pool)))
        return self._whole

    def _checked(self, subset: Subset) -> Subset:
        if self.targets == "soft" and subset.targets is None:
            raise MissingNeed(
                f"targets='soft' needs a provider that predicts distributions; "
                f"{self.provider.name!r} predicts none. Use targets='labels', or zoo-mean or "
                "subselnet as provider"
            )
        return self._handed(subset)

    def _handed(self, subset: Subset) -> Subset:
        """The subset that the host sees; what the provider refreshes keeps its own weights."""
        labels = self.provider.pool.labels
        if self.prior == "change" or labels is None:
            return subset
        if self._weighed is None or self._weighed[0] is not subset:
            weights = prior_weights(labels, subset.indices, subset.weights)
            notes = {**subset.provenance.notes, "prior": self.prior}
            provenance = replace(subset.provenance, notes=notes)
            self._weighed = subset, replace(subset, weights=weights, provenance=provenance)
        return self._weighed[1]

    def _ask(self, architecture: Architecture | None, draw: int) -> Subset:
        return self.provider.subset_for(
            architecture,
            self.budget,
            seed=self.seed,
            mode=self.mode,
            draw=draw,
            epochs=self.epochs,
        )

    def fresh(self) -> SubsetFeed:
        """The same plan, from its beginning: of the next trial."""
        return self._with(self.provider)

    def _with(self, provider: SubsetProvider) -> SubsetFeed:
        feed = copy.copy(self)
        feed.__init__(  # type: ignore[misc]
            provider,
            self.budget,
            seed=self.seed,
            redraw_every=self.redraw_every,
            targets=self.targets,
            soft=self._soft,
            epochs=self.epochs,
            prior=self.prior,
        )
        return feed

    def over(self, pool: Pool) -> SubsetFeed:
        """The same plan over other examples (a fold): the provider is copied and fitted on them,
        once a pool. Asked again, the same feed comes back, with its epoch.

        Raises:
            MissingNeed: the provider learned from a zoo of its own pool.
        """
        if pool.fingerprint == self.provider.pool.fingerprint:
            return self
        if pool.fingerprint not in self._parts:
            self._parts[pool.fingerprint] = self._with(self.provider.over(pool))
        return self._parts[pool.fingerprint]

    @property
    def weighs(self) -> bool:
        """Its subsets have weights."""
        return self.provider.weighs or self.prior == "keep"

    @property
    def subset(self) -> Subset | None:
        """The subset of now; None before the first epoch (and while warming up)."""
        return None if self._subset is None else self._handed(self._subset)

    @property
    def told_soft(self) -> SoftTargets | None:
        """What the host gave; None leaves it to the provider."""
        return self._soft

    @property
    def soft(self) -> SoftTargets:
        """Given by the host, or what the provider chose on its validation architectures."""
        if self._soft is not None:
            return self._soft
        notes: Mapping[str, Any] = self._subset.provenance.notes if self._subset else {}
        return SoftTargets(notes.get("target_temperature", 2.0), notes.get("label_share", 0.0))

    def plan(self) -> dict[str, Any]:
        """What it was asked for, in plain values: another plan is another search."""
        return {
            "provider": self.provider.name,
            "options": packed(self.provider.options()),
            "budget": self.budget.size,
            "seed": self.seed,
            "redraw_every": self.redraw_every,
            "targets": self.targets,
            "prior": self.prior,
        }

    def state_dict(self) -> dict[str, Any]:
        """Plain values alone (`core.arrays`), which `torch.load` takes with its defaults: enough to
        go on in another process."""
        state: dict[str, Any] = packed(
            {
                **self.plan(),
                "epoch": self.epoch,
                "next_epoch": self.next_epoch,
                "examples": self.examples,
                "draw": self._draw,
                "period": self._period,
                "architecture_key": self._key,
                **{name: getattr(self, name) for name in SPENT},
                "subset": None if self._subset is None else self._subset.plain(),
            }
        )
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken.

        Raises:
            BadInput: the state is another feed's (provider, an option of it, budget, seed, mode).
        """
        saved = {"prior": "change", **unpacked(state)}  # older states have none
        same_plan(saved, packed(self.plan()), "the saved feed")
        state = unpacked(state)
        self.epoch, self._draw = int(state["epoch"]), int(state["draw"])
        self.next_epoch = int(state.get("next_epoch", self.epoch))
        self.examples = int(state.get("examples", 0))
        self._key, every = state["architecture_key"], max(1, self.provider.refresh_every)
        passed = max(0, self.epoch - self.provider.warm_epochs) // every
        self._period = int(state.get("period", passed))
        for name in SPENT:
            setattr(self, name, float(state.get(name, 0.0)))
        self._subset = None if state["subset"] is None else Subset.of(state["subset"])


def _prior(prior: str, provider: SubsetProvider) -> str:
    if prior not in PRIORS:
        raise UnknownName("prior", prior, PRIORS)
    if prior == "keep" and provider.pool.labels is None:
        raise MissingNeed(
            f"prior='keep' weighs the examples of each class; pool {provider.pool.name!r} has no "
            f"{'classes' if provider.pool.task else 'labels'}. Give Pool(labels=...), or "
            "prior='change'"
        )
    return prior
