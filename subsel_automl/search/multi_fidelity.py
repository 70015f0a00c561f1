"""Any search, with trainings that end early: each architecture is trained for a few epochs, and
goes on only if its curve, extrapolated, ends among the best of all that were seen.

    found = MultiFidelity(search_class("local")(), epochs_total=2000).query(objective)
    found.best, found.stopped, [(one.spent, one.value) for one in found.trainings]

    the first `initial` architectures are trained to their end
    a further one is trained for `few` epochs, and to its end where `promise.py` says so

What the walk (`queries.py`) is told of a stopped training is STOPPED (`stopped.py`), never the
value of its few epochs. An architecture that was tried before costs nothing, and no training is
begun that may not fit into the epochs that are left.

Source: Yan 2022 (thesis), 5, the framework of learning curve extrapolation; 20 % of the epochs is
best there. The share of 0.2 is that of the released code.

Deviations: those of promise.py, and
    [1] A candidate is judged when it has its few epochs; the thesis judges those that a search asks
        about together (all neighbours in local search).
    [2] A predictor that learns is preceded by `last`, as `takeover.py` says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import BadInput, DamagedArtefact
from ..core.files import read_json, write_json
from ..predictors.curve_base import CurvePredictor
from ..predictors.named import curve_predictor
from ..predictors.takeover import Takeover
from .checkpoint import begin
from .curve_objective import CurveObjective
from .options import at_least
from .promise import Promise
from .queries import CIRCLES, KNOWN, Progress, Walker, followed
from .reach import Reach
from .trained import Trained, Training

TRAININGS = "trainings.json"
FEW, AFTER, DRAWS = 0.2, 10, 100
CONTROL, DIVERGED = "last", "diverged"


@dataclass(frozen=True, kw_only=True)
class MultiFidelity:
    """A search by queries, made one of several fidelities.

    Args:
        search: who proposes; without a number of queries.
        epochs_total: of all trainings.
        few: epochs after which a training is judged; 0: a fifth of a whole one.
        extrapolator: a predictor of curves by its name, or made; "" trains all to their end.
        options: of a named one; by default lcsvr tries 100 triples (`draws`).
        after: finished trainings before it takes over from `last`; by default 10, and 0 of one
            that learns from none.
        share: of the architectures seen that go on.
        initial: architectures that are trained to their end, before any is judged.

    Raises:
        BadInput: an option out of range, named. UnknownName: no such predictor.
    """

    search: Walker
    epochs_total: int
    few: int = 0
    extrapolator: str | CurvePredictor = CONTROL
    options: Mapping[str, Any] | None = None
    after: int | None = None
    share: float = 0.2
    initial: int = 10

    def __post_init__(self) -> None:
        for name, least in {"epochs_total": 1, "few": 0, "initial": 0}.items():
            at_least(name, getattr(self, name), least)
        if self.after is not None:
            at_least("after", self.after, 0)
        if not 0 < self.share < 1:
            raise BadInput(f"share is {self.share!r}; give a number between 0 and 1")
        if self.search.queries:
            raise BadInput(
                f"search {self.search.name!r} has {self.search.queries} queries, and how long it "
                "lasts is epochs_total here; leave queries out"
            )
        named = isinstance(self.extrapolator, str) and self.extrapolator
        if self.options is not None and not named:
            raise BadInput("options are of a predictor that is named; there is none")
        if self.extrapolator and self.waits < (least := self.made(0).least):
            raise BadInput(
                f"after is {self.after}, and predictor {self.foretells!r} is fitted on {least} "
                f"finished curves or more; give after={least} or more"
            )

    @property
    def foretells(self) -> str:
        """The predictor's name, or ""."""
        asked = self.extrapolator
        return asked if isinstance(asked, str) else asked.name

    @property
    def waits(self) -> int:
        """Finished trainings before the predictor takes over."""
        if self.after is not None:
            return self.after
        return AFTER if self.made(0).least else 0

    def made(self, seed: int) -> CurvePredictor:
        """The predictor, not fitted."""
        if not isinstance(self.extrapolator, str):
            return replace(self.extrapolator)
        usual = {"draws": DRAWS} if self.extrapolator == "lcsvr" else {}
        options = usual if self.options is None else dict(self.options)
        return curve_predictor(self.extrapolator, **{"seed": seed, **options})

    def epochs_judged(self, whole: int) -> int:
        """Epochs after which a training is judged.

        Raises:
            BadInput: more than a training has.
        """
        few = self.few or max(1, math.ceil(FEW * whole - 1e-9))
        if few > whole:
            raise BadInput(f"few is {few}, and a training has {whole} epochs; give 1..{whole}")
        return few

    def query(
        self,
        objective: CurveObjective,
        *,
        seed: int = 0,
        folder: Path | str | None = None,
        resume: bool = False,
        progress: Progress | None = None,
    ) -> Trained:
        """Train until the epochs are spent, or nothing new is proposed.

        Args:
            seed: of every draw of the search, and of a named predictor.
            folder: keeps every training that ended; `resume` goes on from there.
            progress: told of epochs done, of how many.

        Raises:
            BadInput: fewer epochs than a training has; another search is in the folder.
            DamagedArtefact: trainings of the folder that are no part of this search.
        """
        if self.epochs_total < objective.epochs:
            raise BadInput(
                f"epochs_total is {self.epochs_total}, and one training has {objective.epochs} "
                "epochs; give at least as many"
            )
        few = self.epochs_judged(objective.epochs)
        where = None if folder is None else Path(folder)
        if where is not None:
            begin(where, {**self._about(objective, few), "seed": seed}, resume)
        draws = np.random.default_rng([seed, 0x3EA7])
        reach = Reach(objective.space, draws, self.search.spell_none)
        host = _Host(self, objective, few, seed, where, progress)
        walk = self.search.walk(reach, np.random.default_rng([seed, 0x3A1C]), 1)  # [1]
        ended = followed(walk, host.ask, lambda: len(host.trainings))
        if ended == CIRCLES and (cells := reach.cells()) is not None:
            ended = KNOWN if all(one.key in host.known for one in cells) else CIRCLES
        return Trained(self.search.name, seed, tuple(host.trainings), ended)

    def _about(self, objective: CurveObjective, few: int) -> dict[str, Any]:
        """Of everything that the trainings follow from, in JSON's types."""
        predictor = None
        if self.extrapolator:
            made = {k: v for k, v in asdict(self.made(0)).items() if k not in ("_kept", "seed")}
            predictor = {"name": self.foretells, "after": self.waits, **made}
        return {
            "search": self.search.name,
            "options": asdict(self.search),
            "space": objective.space.name,
            "epochs_total": self.epochs_total,
            "few": few,
            "extrapolator": predictor,
            "share": self.share,
            "initial": self.initial,
            **objective.about(),
        }


class _Host:
    """Trains what the walk asks about, and remembers."""

    def __init__(
        self,
        about: MultiFidelity,
        objective: CurveObjective,
        few: int,
        seed: int,
        folder: Path | None,
        progress: Progress | None,
    ) -> None:
        self.about, self.objective, self.few = about, objective, few
        self.folder, self.progress = folder, progress
        self.kept = [] if folder is None else _kept(folder)
        self.trainings: list[Training] = []
        self.known: dict[str, float] = {}
        self.spent = 0
        self.promise = None
        if about.extrapolator:
            takeover = Takeover(lambda: about.made(seed), about.waits, objective.epochs)
            self.promise = Promise(takeover, about.share)

    def ask(self, wanted: Sequence[Architecture]) -> list[float] | None:
        """Final values or STOPPED; None when another whole training may not fit."""
        for one in wanted:
            if one.key in self.known:
                continue
            if self.spent + self.objective.epochs > self.about.epochs_total:
                return None
            found = self._trained(one)
            self.trainings.append(found)
            self.known[one.key] = found.told
            if self.folder is not None and len(self.trainings) > len(self.kept):
                self.kept = [_row(one) for one in self.trainings]
                write_json(self.folder / TRAININGS, {"trainings": self.kept})
            if self.progress is not None:
                self.progress(self.spent, self.about.epochs_total)
        return [self.known[one.key] for one in wanted]

    def _trained(self, architecture: Architecture) -> Training:
        """As far as it is worth."""
        whole, place = self.objective.epochs, len(self.trainings)
        epochs = self._epochs_of(architecture, place)
        values = _taken(epochs, self.few)
        goes_on, by = self._decided(values)
        if goes_on:
            values += _taken(epochs, whole - self.few)
        fine = _finite(values)
        if fine and len(values) < (whole if goes_on else self.few):
            raise DamagedArtefact(
                f"the training of {architecture.key} ends after {len(values)} of {whole} epochs; "
                "if it is kept in a folder, begin anew in another one"
            )
        self.spent += len(values)
        value = values[-1] if fine and goes_on else None
        found = Training(architecture, tuple(values), value, by if fine else DIVERGED, self.spent)
        if place < len(self.kept) and self.kept[place] != _row(found):
            raise DamagedArtefact(
                f"{self.folder} holds other trainings than this search makes after {place}; begin "
                "anew in another folder"
            )
        return found

    def _decided(self, prefix: Sequence[float]) -> tuple[bool, str]:
        """Whether a training goes on after its few epochs, and who says so."""
        if not _finite(prefix):
            return False, DIVERGED
        if self.promise is None or self.few == self.objective.epochs:
            return True, ""
        self.promise.seen(prefix)
        if len(self.trainings) < self.about.initial:
            return True, ""
        done = [one.values for one in self.trainings if one.value is not None]
        by = CONTROL if len(done) < self.about.waits else self.about.foretells  # [2]
        return self.promise.latest_goes_on(done), by

    def _epochs_of(self, architecture: Architecture, place: int) -> Iterator[float]:
        """From the folder as far as it goes, else a training."""
        if place >= len(self.kept):
            return self.objective.begin(architecture)
        kept = self.kept[place]["values"]
        return (math.nan if value is None else value for value in kept)


def _taken(epochs: Iterator[float], count: int) -> list[float]:
    """So many further values; the first that is not finite is the last."""
    values: list[float] = []
    while len(values) < count and _finite(values):
        try:
            values.append(float(next(epochs)))
        except StopIteration:
            break
    return values


def _finite(values: Sequence[float]) -> bool:
    return all(map(math.isfinite, values))


def _row(training: Training) -> dict[str, Any]:
    values = [value if math.isfinite(value) else None for value in training.values]
    return {"key": training.architecture.key, "values": values}


def _kept(folder: Path) -> list[dict[str, Any]]:
    """Trainings that the folder holds."""
    path = folder / TRAININGS
    return list(read_json(path)["trainings"]) if path.exists() else []
