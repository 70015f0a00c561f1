"""ASP: every epoch a new subset, by what the last epoch left behind of its examples.

    V_i  importance of example i, updated where i was trained on (proxy memory)
    m    from Algorithm 2;  the next subset: m of softmax(V / T) without repeats, or the top m of V

Metrics: loss; entropy; gradient ||p - y||; prediction s_i + 1 when wrong, s_i - 1 when right (Eq. 1
of B.3); random. `asp` draws one a epoch by three Gaussians over the training (`maths.schedules`).
All come free from the forward passes of the training (`Probe.recorded`).

Source: Yao et al. (ASP), Algorithms 1 and 2, 3.4, B.2, B.3. Deviations:
    [1] Not printed: the temperature T (1 here), the Gaussians' variance (an eighth of the
        training), the gradient metric (the last layer's error, EL2N, which costs nothing).
    [2] V has a row for every metric, since a loss and a count cannot stand in one memory. An
        example that was not trained on yet has the mean of the others (s_i = 0 for prediction).
    [3] A host that records nothing, or losses alone, is asked for a forward pass over the examples
        of the last epoch; the notes say so (`asked`).
    [4] N is `trial_epochs` where it is given, else what the host tells of the trial, else 10.
    [5] The text draws by softmax, Algorithm 1 takes the top m: `pick` has both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..core.probe import Probe, Recorded
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Array, Provenance, Subset
from ..maths import draws, scores
from ..maths.schedules import METRICS, metric_odds, sampling_ratio
from .options import number, one_of, told
from .options import trial_epochs as length_of
from .scored import whole

KEPT = ("loss", "entropy", "gradient", "prediction")  # rows of the memory
SOURCE = "Yao et al. (ASP), Algorithms 1 and 2, 3.4, B.2, B.3"


class AspBase(SubsetProvider):
    """One metric of ASP.

    Args:
        warm_epochs: first epochs, on the whole pool.
        ratio: "constant", or "dynamic": more examples first, fewer later, on average the budget.
        trial_epochs: N of the dynamic ratio (and of the mixture).
        pick: "softmax" or "top".
        temperature: T of the softmax; None is 1.

    Raises:
        BadInput, UnknownName: unusable options; a temperature for "top", which has none.
    """

    metric: ClassVar[str] = ""
    needs: ClassVar[Needs] = Needs.LABELS | Needs.PROBE
    source: ClassVar[str] = SOURCE
    refresh_every: ClassVar[int] = 1  # type: ignore[misc]
    warm_epochs: int = 1

    def __init__(
        self,
        warm_epochs: int = 1,
        ratio: str = "constant",
        trial_epochs: int | None = None,
        pick: str = "softmax",
        temperature: float | None = None,
    ) -> None:
        super().__init__()
        self.warm_epochs = whole(self.name, "warm_epochs", warm_epochs, least=0)
        self.ratio = one_of(self.name, "ratio", ratio, ("constant", "dynamic"))
        self.trial_epochs = told(self.name, "trial_epochs", trial_epochs)
        self.pick = one_of(self.name, "pick", pick, ("softmax", "top"))
        if pick == "top" and temperature is not None:
            raise BadInput(
                f"temperature of provider {self.name!r} is {temperature}, but pick='top' has none; "
                "leave it out, or use pick='softmax'"
            )
        given = 1.0 if temperature is None else temperature
        self.temperature = number(self.name, "temperature", given, open_=True)

    def options(self) -> Mapping[str, Any]:
        names = ("warm_epochs", "ratio", "trial_epochs", "pick", "temperature")
        return {name: getattr(self, name) for name in names}

    def _select(self, request: Request) -> Subset:
        """At random; the memory is empty."""
        n = len(request.pool)
        memory = {
            "values": np.zeros((len(KEPT), n), np.float32),
            "seen": np.zeros(n, np.bool_),
            "budget": np.array(request.count),
        }
        return Subset(draws.draw(np.zeros(n), request.count, self._key_of(request)), memory=memory)

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        assert request.previous is not None
        memory = dict(request.previous.memory)
        seen, asked = self._looked(request, probe)
        memory["values"], memory["seen"] = _remembered(memory, seen)
        metric = self._metric(request)
        size = self._size(int(memory["budget"]), request)
        rows = self._pick(metric, memory, size, request)
        notes = {"metric": metric, "asked": asked}
        return Subset(rows, memory=memory, provenance=Provenance(notes=notes))

    def _metric(self, request: Request) -> str:
        return self.metric

    def _looked(self, request: Request, probe: Probe) -> tuple[Recorded, int]:
        """What the last epoch left, and of how many examples the network was asked for it.  [3]"""
        seen = probe.recorded()
        if len(seen.indices) and seen.whole:
            return seen, 0
        assert request.previous is not None
        assert request.pool.labels is not None
        warmed = request.epoch == self.warm_epochs > 0
        rows = np.arange(len(request.pool)) if warmed else request.previous.indices
        log_p, labels = scores.log_softmax(probe.logits(rows)), request.pool.labels[rows]
        right = log_p.argmax(1) == labels
        loss, entropy, error = (
            part.astype(np.float32)
            for part in (
                scores.loss(log_p, labels),
                scores.entropy(log_p),
                scores.el2n(log_p, labels),
            )
        )
        return Recorded(seen.curve, rows, loss, entropy, error, right), len(rows)

    def _size(self, budget: int, request: Request) -> int:
        if self.ratio == "constant":
            return budget
        n = len(request.pool)
        share = sampling_ratio(budget / n, request.epoch, length_of(self.trial_epochs, request))
        return min(n, max(1, round(share * n)))

    def _pick(
        self, metric: str, memory: Mapping[str, Array], size: int, request: Request
    ) -> npt.NDArray[np.int64]:
        if metric == "random":
            return draws.draw(np.zeros(len(request.pool)), size, self._key_of(request))
        values = _filled(memory, metric)
        if self.pick == "top":
            return draws.top_b(values, size)
        return draws.draw(values / self.temperature, size, self._key_of(request))

    def _key_of(self, request: Request) -> tuple[int, ...]:
        return request.seed, request.draw, request.epoch

    def _finished(self, subset: Subset, request: Request, seconds: float) -> Subset:
        """A dynamic ratio hands out another number than the subset before had."""
        if request.previous is not None:
            request = replace(request, count=len(subset))
        return super()._finished(subset, request, seconds)


class Asp(AspBase):
    """The mixture: a metric an epoch, by three Gaussians over the training.

    Args:
        spread: standard deviation of the Gaussians, as a share of the training.
        warm_epochs, ratio, trial_epochs, pick, temperature: see AspBase.
    """

    name = "asp"

    def __init__(
        self,
        spread: float = 0.125,
        warm_epochs: int = 1,
        ratio: str = "constant",
        trial_epochs: int | None = None,
        pick: str = "softmax",
        temperature: float | None = None,
    ) -> None:
        super().__init__(warm_epochs, ratio, trial_epochs, pick, temperature)
        self.spread = number(self.name, "spread", spread, open_=True)

    def options(self) -> Mapping[str, Any]:
        return {"spread": self.spread, **super().options()}

    def _metric(self, request: Request) -> str:
        odds = metric_odds(request.epoch, length_of(self.trial_epochs, request), self.spread)
        return METRICS[int(request.rng(0xA59, request.epoch).choice(len(METRICS), p=odds))]


class AspLoss(AspBase):
    """The highest losses."""

    name, metric = "asp-loss", "loss"


class AspEntropy(AspBase):
    """The highest entropies."""

    name, metric = "asp-entropy", "entropy"


class AspGradient(AspBase):
    """The longest errors p - y.  [1]"""

    name, metric = "asp-gradient", "gradient"


class AspPrediction(AspBase):
    """Those that were wrong more often than right."""

    name, metric = "asp-prediction", "prediction"


class AspRandom(AspBase):
    """Drawn anew every epoch.

    Args: of AspBase, without those of the metric.
    """

    name, metric = "asp-random", "random"

    def __init__(
        self, warm_epochs: int = 1, ratio: str = "constant", trial_epochs: int | None = None
    ) -> None:
        super().__init__(warm_epochs, ratio, trial_epochs)

    def options(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in ("warm_epochs", "ratio", "trial_epochs")}

    def _looked(self, request: Request, probe: Probe) -> tuple[Recorded, int]:
        return Recorded(), 0  # it has no use for it


def _remembered(memory: Mapping[str, Array], seen: Recorded) -> tuple[Array, Array]:
    """The memory after an epoch; of an example that came twice the last time counts, and what is
    not finite is left out."""
    values, known = memory["values"].copy(), memory["seen"].copy()
    fine = np.isfinite(seen.losses) & np.isfinite(seen.entropies) & np.isfinite(seen.errors)
    rows, last = np.unique(seen.indices[fine][::-1], return_index=True)
    parts = seen.losses, seen.entropies, seen.errors
    for place, part in enumerate(parts):
        values[place, rows] = part[fine][::-1][last]
    values[3, rows] += np.where(seen.correct[fine][::-1][last], -1, 1)  # Eq. 1 of B.3
    known[rows] = True
    return values, known


def _filled(memory: Mapping[str, Array], metric: str) -> npt.NDArray[np.float64]:
    """V of a metric, with the mean where nothing is known.  [2]"""
    values: npt.NDArray[np.float64] = memory["values"][KEPT.index(metric)].astype(np.float64)
    known = memory["seen"]
    if metric != "prediction" and known.any():
        values[~known] = values[known].mean()
    return values
