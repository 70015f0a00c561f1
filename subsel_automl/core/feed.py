"""SubsetFeed: the one object that a host loop holds.

`feed.at(epoch, architecture, probe)` gives the subset to train on in that epoch: the same object
while nothing changed, another one when the architecture changed, a redraw or a refresh is due. A
provider with `warm_epochs` trains on the whole pool first, and looks at the network after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from .architecture import Architecture
from .budget import Budget
from .classes import PRIORS, prior_weights
from .errors import BadInput, MissingNeed, UnknownName
from .probe import Probe
from .provider import Mode, SubsetProvider
from .subset import Provenance, Subset


@dataclass(frozen=True)
class SoftTargets:
    """How predicted distributions are used: temperature T and share of the label in the loss."""

    temperature: float = 2.0
    label_share: float = 0.0

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise BadInput(f"temperature is {self.temperature}; give a number above 0")
        if not 0 <= self.label_share <= 1:
            raise BadInput(f"label_share is {self.label_share}; give a number in [0, 1]")


class SubsetFeed:
    """Subsets of one provider, epoch by epoch.

    Args:
        provider: fitted.
        budget: examples an epoch: Budget, count or fraction.
        seed: of the draws.
        redraw_every: 0 keeps one subset; k draws a fresh one every k epochs.
        targets: "labels", or "soft" to train on the predicted distributions.
        soft: temperature and share of the label; by default what the provider recorded.
        prior: "change" leaves the classes' shares as chosen; "keep" weighs the examples so that
            each class counts for its share of the pool (`Subset.weights`; a class that was not
            chosen at all cannot be weighed back: `provenance.notes["classes_missing"]`).

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
        redraw_every: int = 0,
        targets: str = "labels",
        soft: SoftTargets | None = None,
        prior: str = "change",
    ) -> None:
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
        self._soft = soft
        self.prior = _prior(prior, provider)
        self.epoch = 0
        self.select_seconds = 0.0
        self.refresh_seconds = 0.0
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
            MissingNeed: soft targets are asked for and the provider predicts none.
        """
        key = architecture.key if architecture is not None else ""
        draw = epoch // self.redraw_every if self.redraw_every else 0
        warm = self.provider.warm_epochs
        if epoch < warm:
            self.epoch = epoch
            return self._checked(self._everything())
        changed = self._subset is None or key != self._key or draw != self._draw
        if changed:
            before = self.provider.spent_seconds
            self._subset = self._ask(architecture, draw)
            self.select_seconds += self.provider.spent_seconds - before
        assert self._subset is not None
        every = self.provider.refresh_every
        due = every and (epoch - warm) % every == 0
        if due and (epoch == warm > 0 if changed else epoch > self.epoch):
            before = self.provider.spent_seconds
            self._subset = self.provider.refresh(
                self._subset, architecture, epoch, probe, seed=self.seed
            )
            self.refresh_seconds += self.provider.spent_seconds - before
        self.epoch, self._key, self._draw = epoch, key, draw
        return self._checked(self._subset)

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
            architecture, self.budget, seed=self.seed, mode=self.mode, draw=draw
        )

    @property
    def subset(self) -> Subset | None:
        """The subset of now; None before the first epoch (and while warming up)."""
        return None if self._subset is None else self._handed(self._subset)

    @property
    def soft(self) -> SoftTargets:
        """Given by the host, or what the provider chose on its validation architectures."""
        if self._soft is not None:
            return self._soft
        notes: Mapping[str, Any] = self._subset.provenance.notes if self._subset else {}
        return SoftTargets(notes.get("target_temperature", 2.0), notes.get("label_share", 0.0))

    def state_dict(self) -> dict[str, Any]:
        """Plain values and arrays: enough to go on in another process."""
        subset = self._subset
        return {
            "provider": self.provider.name,
            "budget": self.budget.size,
            "seed": self.seed,
            "redraw_every": self.redraw_every,
            "targets": self.targets,
            "prior": self.prior,
            "epoch": self.epoch,
            "draw": self._draw,
            "architecture_key": self._key,
            "select_seconds": self.select_seconds,
            "refresh_seconds": self.refresh_seconds,
            "subset": None
            if subset is None
            else {
                "indices": subset.indices,
                "weights": subset.weights,
                "targets": subset.targets,
                "memory": dict(subset.memory),
                "provenance": asdict(subset.provenance),
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken.

        Raises:
            BadInput: the state is another feed's (provider, budget, seed, mode).
        """
        mine = self.state_dict()
        state = {"prior": "change", **state}  # older states have none
        for name in ("provider", "budget", "seed", "redraw_every", "targets", "prior"):
            if state[name] != mine[name]:
                raise BadInput(
                    f"the saved feed has {name} {state[name]!r}, this one {mine[name]!r}; "
                    "restore into a feed made with the same arguments"
                )
        self.epoch, self._draw = int(state["epoch"]), int(state["draw"])
        self._key = state["architecture_key"]
        self.select_seconds = float(state["select_seconds"])
        self.refresh_seconds = float(state["refresh_seconds"])
        saved = state["subset"]
        if saved is not None:
            saved = {**saved, "provenance": Provenance(**saved["provenance"])}
        self._subset = None if saved is None else Subset(**saved)


def _prior(prior: str, provider: SubsetProvider) -> str:
    if prior not in PRIORS:
        raise UnknownName("prior", prior, PRIORS)
    if prior == "keep" and provider.pool.labels is None:
        raise MissingNeed(
            f"prior='keep' weighs the examples of each class; pool {provider.pool.name!r} has no "
            "labels. Give Pool(labels=...), or use prior='change'"
        )
    return prior
