"""What a search cost, what it would have cost on all data, and what came out, from its ledger.

A pass over a subset of s of n examples that hands out g of them stands for g n / s examples of all
data. With t seconds of training, e of validation, a trial on all data would have taken

    t (full examples / examples trained on) + e

without selection, lessons and preparation. That is an estimate: seconds an example are measured,
and are taken to be the same on all data. Preparation, and selections that belong to no trial, are
counted for a search that is alone in its ledger; of several, each is shown the whole preparation.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .charge import PER_ARCHITECTURE, PREPARATION, Stage
from .errors import UnknownName
from .ledger_totals import LedgerTotals
from .summary_text import block

PARTS = {  # stages by the name that the summary gives them, in its order
    "training": (Stage.TRAIN,),
    "validation": (Stage.EVALUATE,),
    "selection": (Stage.SELECT,),
    "lessons": (Stage.REFRESH,),
    "preparation": PREPARATION,
}
FACTS = (  # what all trials of a search have in common; the last one that says so is believed
    "host",
    "provider",
    "budget",
    "subset_size",
    "pool",
    "pool_size",
    "targets",
    "redraw_every",
    "classes",
    "stopper",
)
LOST = ("failed", "pruned", "stopped")  # states of trials that are no winner


@dataclass(frozen=True)
class Seconds:
    """CPU seconds and wall seconds; of a factor, one number for each."""

    cpu: float = 0.0
    wall: float = 0.0

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.cpu + other.cpu, self.wall + other.wall)

    def times(self, factor: float) -> Seconds:
        return Seconds(self.cpu * factor, self.wall * factor)


@dataclass(frozen=True)
class Winner:
    """The best trial; what is not known is None."""

    trial: str
    metric: str | None = None
    value: float | None = None
    mode: str | None = None
    config: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class SearchSummary:
    """What one search cost and saved; what is not known is None, and left out of the text.

    Attributes:
        subset_size, pool_size: examples an epoch, examples in all.
        states: trials by how they ended, where the host says so.
        examples: trained on, with repeats.
        learns: finished trials teach the provider; `lessons` are those stored, `untaught` the
            trials that ended without one, `untaught_reason` the most frequent reason; `outdone`
            ended well too, and were not among the best that are listened to.
        spent: by the names of `PARTS`, and "total".
        full: estimate of the same trials on all data; `factor` is full / spent, in both units.
        classes: what the subset did to the pool's classes, in words.
        stopper: who stops trials by their curves, in words; `stopped`: how many, by who decided,
            `unspent`: the epochs that those did not train.
        no_winner: why there is none, where the host says so.
    """

    search: str
    trials: int
    spent: Mapping[str, Seconds]
    host: str | None = None
    provider: str | None = None
    budget: float | str | None = None
    subset_size: int | None = None
    pool: str | None = None
    pool_size: int | None = None
    targets: str | None = None
    redraw_every: int | None = None
    classes: str | None = None
    states: Mapping[str, int] = field(default_factory=dict)
    examples: int | None = None
    learns: bool | None = None
    lessons: int | None = None
    untaught: int | None = None
    untaught_reason: str | None = None
    outdone: int | None = None
    full: Seconds | None = None
    stopper: str | None = None
    stopped: Mapping[str, int] = field(default_factory=dict)
    unspent: int | None = None
    winner: Winner | None = None
    no_winner: str | None = None

    @property
    def factor(self) -> Seconds | None:
        """full / spent; None where there is no estimate, 0 of a unit in which nothing was spent."""
        if self.full is None:
            return None
        total = self.spent["total"]
        return Seconds(
            self.full.cpu / total.cpu if total.cpu > 0 else 0.0,
            self.full.wall / total.wall if total.wall > 0 else 0.0,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; None for what is not known."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        plain["spent"] = {name: _both(spent) for name, spent in self.spent.items()}
        plain["states"], plain["stopped"] = dict(self.states), dict(self.stopped)
        plain["winner"] = None if self.winner is None else asdict(self.winner)
        for name, pair in (("full", self.full), ("factor", self.factor)):
            plain[name] = None if pair is None else _both(pair)
        return plain

    def __str__(self) -> str:
        return block(self.as_dict())


def _both(pair: Seconds) -> dict[str, float]:
    return {"cpu_seconds": pair.cpu, "seconds": pair.wall}


@dataclass
class _Trial:
    """The reports of one trial, added up."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    examples: float = 0.0
    full_examples: float = 0.0
    spent: dict[str, Seconds] = field(default_factory=dict)

    def full(self) -> Seconds:
        """On all data; a trial that counted no examples stands for what it took."""
        ratio = self.full_examples / self.examples if self.examples else 1.0
        nothing = Seconds()
        train, held = (self.spent.get(name, nothing) for name in ("TRAIN", "EVALUATE"))
        return train.times(ratio) + held


def summary_of(ledger: LedgerTotals, search: str | None = None) -> SearchSummary:
    """The summary of a search in the ledger.

    Args:
        search: its name; None takes the last one that reported. A ledger in which no trial
            reported (an older one) tells what was spent, and no more.

    Raises:
        UnknownName: no search of that name reported.
    """
    found = summaries_of(ledger)
    if search is not None and search not in {one.search for one in found}:
        raise UnknownName("search of this ledger", search, [one.search for one in found])
    if not found:
        return _unreported(ledger)
    return found[-1] if search is None else next(one for one in found if one.search == search)


def summaries_of(ledger: LedgerTotals) -> list[SearchSummary]:
    """One summary for each search that reported, in the order of their first reports."""
    rows = ledger.rows()
    charges = {row[0]: (row[1], Seconds(row[5], row[4])) for row in rows["charges"]}
    searches: dict[str, dict[str, _Trial]] = {}
    for event, search, name, examples, full_examples, said in rows["reports"]:
        trial = searches.setdefault(search, {}).setdefault(name, _Trial(name))
        facts = json.loads(said)
        known = [one.get("lessons") or 0 for one in (trial.facts, facts)]
        stored = max(known)  # a clone counts from nothing
        trial.facts |= {key: value for key, value in facts.items() if value not in (None, "")}
        trial.facts |= {"lessons": stored} if stored else {}
        trial.examples += examples
        trial.full_examples += full_examples
        for stage in PER_ARCHITECTURE:
            charge = charges.pop(f"{event}/{stage.value}", None)
            if charge is not None:
                trial.spent[stage.value] = trial.spent.get(stage.value, Seconds()) + charge[1]
    trialless = {row[0] for row in rows["charges"] if row[3] is None}
    once = [charge for charge in charges.values() if charge[0] in PREPARATION]
    if len(searches) == 1:
        chosen = ("SELECT", "REFRESH")
        once += [c for event, c in charges.items() if c[0] in chosen and event in trialless]
    return [_summed(name, list(trials.values()), once) for name, trials in searches.items()]


def _unreported(ledger: LedgerTotals) -> SearchSummary:
    totals = ledger.totals()
    charges = [(name, Seconds(row["cpu"], row["wall"])) for name, row in totals.items()]
    return SearchSummary("", ledger.trials, _spent(charges))


def _spent(charges: Iterable[tuple[str, Seconds]]) -> dict[str, Seconds]:
    """By part, and in all."""
    listed = list(charges)
    found = {
        part: sum((spent for stage, spent in listed if stage in stages), Seconds())
        for part, stages in PARTS.items()
    }
    return {**found, "total": sum(found.values(), Seconds())}


def _summed(
    search: str, trials: Sequence[_Trial], once: Iterable[tuple[str, Seconds]]
) -> SearchSummary:
    facts: dict[str, Any] = {}
    for trial in trials:
        facts |= trial.facts
    of_trials = [charge for trial in trials for charge in trial.spent.items()]
    examples = round(sum(trial.examples for trial in trials))
    return SearchSummary(
        search=search,
        trials=len(trials),
        spent=_spent([*of_trials, *once]),
        states=dict(Counter(t.facts["state"] for t in trials if "state" in t.facts)),
        examples=examples or None,
        full=sum((trial.full() for trial in trials), Seconds()) if examples else None,
        winner=_winner(trials),
        **{name: facts.get(name) for name in FACTS},
        **_lessons(trials, facts),
        stopped=_stopped(trials) if facts.get("stopper") else {},
        unspent=sum(int(t.facts.get("unspent") or 0) for t in trials)
        if "stopper" in facts
        else None,
    )


def _stopped(trials: Sequence[_Trial]) -> dict[str, int]:
    """Trials that their curves ended, by who decided."""
    return dict(Counter(t.facts["stopped_by"] for t in trials if t.facts.get("stopped_by")))


def _lessons(trials: Sequence[_Trial], facts: Mapping[str, Any]) -> dict[str, Any]:
    learns = facts.get("learns")
    if not learns:
        return {"learns": learns}
    without = [
        trial.facts
        for trial in trials
        if not trial.facts.get("lessons") and trial.facts.get("state") not in (*LOST, "running")
    ]
    reasons = Counter(one["untaught"] for one in without if "untaught" in one)
    untaught = sum(reasons.values())
    return {
        "learns": True,
        "lessons": sum(int(trial.facts.get("lessons", 0)) for trial in trials),
        "untaught": untaught,
        "untaught_reason": reasons.most_common(1)[0][0] if reasons else None,
        "outdone": len(without) - untaught,
    }


def _winner(trials: Sequence[_Trial]) -> Winner | None:
    """The best value among trials that were judged by one metric, the first of equals."""
    judged = [
        trial.facts | {"trial": trial.name}
        for trial in trials
        if isinstance(trial.facts.get("value"), (int, float))
        and math.isfinite(trial.facts["value"])
        and trial.facts.get("state") not in LOST
    ]
    if not judged:
        return _lone(trials)
    mode = judged[-1].get("mode", "max")
    best = (max if mode == "max" else min)(judged, key=lambda one: float(one["value"]))
    value, config = float(best["value"]), best.get("config")
    return Winner(str(best["trial"]), best.get("metric"), value, mode, config)


def _lone(trials: Sequence[_Trial]) -> Winner | None:
    """A search that is one trial (of a supernet) found what it ended with, judged or not."""
    if len(trials) != 1 or trials[0].facts.get("state") in LOST:
        return None
    config = trials[0].facts.get("config")
    return Winner(trials[0].name, config=config) if config else None
