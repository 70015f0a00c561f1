"""What a pool tells about how to search on it: every setting with its reason and its source.

    provider   `guarded`: random per class, and without the rows whose labels are clearly wrong
               where more than NOISY of them are; without classes from all examples
    redraw     every epoch
    targets    labels, for choosing
    budget     a tenth of the pool in a pass, and no fewer than LEAST examples or LEAST_OF_CLASS
               of a class on average
    plan       rungs of `rule.py`, for TRIALS configurations
    prior      change; under imbalance "keep" is for who is judged by the pool's own shares

NOISY is `guard.py`'s, and so is when an estimate counts as above it. IMBALANCED is 10, a round
number below the measured 50.

Source: claims of the benchmarks, by name; what is no measurement says so.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.plain import plain
from ..core.pool import Pool
from ..core.task import CLASSIFICATION
from .facts import PoolFacts, facts_of
from .guard import NOISY, Guarded, trusted
from .rule import plan_rungs, usual_total

IMBALANCED = 10.0
SHARE, LEAST, LEAST_OF_CLASS = 0.1, 256, 10
TRIALS, EPOCHS, BATCH = 48, 8, 64
NOTED = 0.01  # share of copies that is worth a sentence
WIDE, LABEL = 96, 12
RULE_OF_THUMB = "a rule of thumb, not measured"


@dataclass(frozen=True)
class Choice:
    """One setting: what to say, why, and where that comes from."""

    value: Any
    reason: str
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> str:
        """The value, and those of its options that are no lists."""
        plainly = {key: one for key, one in self.options.items() if not isinstance(one, list)}
        options = ", ".join(f"{key}={one}" for key, one in plainly.items())
        return f"{self.value}" + (f" ({options})" if options else "")


@dataclass(frozen=True)
class Advice:
    """Settings for a search on one pool.

    Attributes:
        choices: provider, redraw_every, targets, budget, plan, prior, cleaning.
        notes: what should be looked at in the data themselves.
    """

    facts: PoolFacts
    choices: Mapping[str, Choice]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """In JSON's types."""
        names = ("value", "options", "reason", "source")
        said = {
            name: {part: getattr(choice, part) for part in names}
            for name, choice in self.choices.items()
        }
        whole = {"facts": self.facts.as_dict(), "advice": said, "notes": self.notes}
        return dict(plain(whole))

    def __str__(self) -> str:
        lines = [_headline(self.facts)]
        for name, choice in self.choices.items():
            lines.append(f"  {name:<{LABEL}} {choice.told()}")
            lines += _wrapped(f"{choice.reason} [{choice.source}]")
        return "\n".join([*lines, *(line for note in self.notes for line in _wrapped(note, "! "))])


def advise(pool: Pool, *, seed: int = 0) -> Advice:
    """How to search on this pool.

    Args:
        pool: what trials train on, without its test examples.
        seed: of what is drawn to estimate wrong labels.
    """
    facts = facts_of(pool, seed=seed)
    choices = {
        "provider": _provider(facts),
        "redraw_every": _redraw(),
        "targets": _targets(),
        "budget": _budget(facts),
        "plan": _plan(facts),
        "prior": _prior(facts),
        "cleaning": _cleaning(facts),
    }
    return Advice(facts, choices, _notes(facts))


def noisy(facts: PoolFacts) -> bool:
    """Whether more labels are wrong than NOISY, clearly."""
    return facts.noise is not None and trusted(facts.noise)


def imbalanced(facts: PoolFacts) -> bool:
    """Whether the largest class is IMBALANCED times the smallest, or more."""
    return facts.imbalance >= IMBALANCED


def _provider(facts: PoolFacts) -> Choice:
    if facts.task != CLASSIFICATION:
        return Choice(
            Guarded.name,
            f"without one class an example ({facts.task or 'no labels'}) there is nothing to draw "
            "evenly over, and it draws from all examples alike",
            "claim tasks",
        )
    if noisy(facts):
        return Choice(
            Guarded.name,
            "clean, then redraw: rows whose labels are more likely wrong than right are left out, "
            "at most half of a class",
            "claim guard, a fifth of the labels wrong",
        )
    if imbalanced(facts):
        return Choice(
            Guarded.name,
            f"the largest class is {facts.imbalance:.3g} times the smallest, and even draws see "
            "all classes equally often, as far as the small ones go",
            "claim guard, classes of 1:50",
        )
    return Choice(
        Guarded.name,
        "no chosen subset beat an even draw that is redrawn"
        + ("; choosing by teachers fell behind on tables" if facts.kind == "numbers" else ""),
        "claim guard" + (", letter" if facts.kind == "numbers" else ", images"),
    )


def _redraw() -> Choice:
    return Choice(
        1,
        "a fresh draw every epoch shows a trial all of the data in time; many passes over one "
        "small subset turn the order of the best round",
        "claims trial-table and guard, random-per-class fixed against redrawn",
    )


def _targets() -> Choice:
    return Choice(
        "labels",
        "for choosing: soft targets lift all configurations and blur their order; they belong to "
        "the training of the winner",
        "claims correlation and trial-table, subselnet-soft against class-10",
    )


def _budget(facts: PoolFacts) -> Choice:
    least = min(facts.examples, max(LEAST, LEAST_OF_CLASS * facts.classes))
    share = min(1.0, max(SHARE, math.ceil(100 * least / facts.examples) / 100))
    if share == SHARE:
        return Choice(
            share,
            "a redrawn tenth of the pool in a pass ranks as all data does, and its steps are what "
            "rungs shorten",
            "claim trial-table, ranks of class-10 against all",
        )
    return Choice(
        share,
        f"a tenth of {facts.examples:,} examples is little: a pass has at least {LEAST} examples "
        f"and {LEAST_OF_CLASS} a class",
        RULE_OF_THUMB,
    )


def _plan(facts: PoolFacts) -> Choice:
    from ..training.batches import steps_an_epoch

    steps = EPOCHS * steps_an_epoch(facts.examples, BATCH)
    total = usual_total(TRIALS, steps)
    plan = plan_rungs(total, TRIALS, steps)
    return Choice(
        plan.told(),
        f"{TRIALS} configurations for {total:.3g} full trainings ({EPOCHS} epochs in batches of "
        f"{BATCH} each): all of them for a part of one, the best anew for longer",
        "claims plan and plan-real",
        {"total": total, "trials": TRIALS, "rungs": plan.as_list()},
    )


def _prior(facts: PoolFacts) -> Choice:
    if not imbalanced(facts):
        return Choice(
            "change",
            "the classes are near enough to even that nothing has to be weighed back",
            RULE_OF_THUMB if facts.task == CLASSIFICATION else "no classes",
        )
    return Choice(
        "change",
        "even classes are what helps under imbalance; take 'keep' only if you are judged by the "
        "pool's own shares of the classes, for it weighs them back",
        "claim guard, whose test set is even",
    )


def _cleaning(facts: PoolFacts) -> Choice:
    if facts.noise is None:
        return Choice("off", f"wrong labels were not estimated: {facts.no_noise}", "the pool")
    told = f"{facts.noise.told()} of the labels seem wrong"
    if noisy(facts):
        told = f"{told}, clearly more than {NOISY:.0%}"
        return Choice(f"by {Guarded.name}, the most suspect left out", told, facts.noise.source())
    return Choice(
        "off",
        f"{told}, not clearly more than {NOISY:.0%} ({facts.noise.counted:.0%} differ from "
        "confident predictions; what overlap of classes explains is not counted, nor one class "
        "always labelled as one other)",
        facts.noise.source(),
    )


def _notes(facts: PoolFacts) -> tuple[str, ...]:
    notes = []
    if facts.copies >= NOTED * facts.examples:
        notes.append(
            f"{facts.copies:,} of {facts.examples:,} examples are exact copies of earlier ones: "
            "keep one of each, for copies are drawn more often"
        )
    if facts.disputed:
        notes.append(
            f"{facts.disputed:,} copies have another class than the first of their kind: one of "
            "the two is wrong"
        )
    if facts.leaked:
        notes.append(
            f"{facts.leaked:,} validation examples are in the pool too: drop them there, or the "
            "search is judged by what it has seen"
        )
    return tuple(notes)


def _headline(facts: PoolFacts) -> str:
    parts = [f"{facts.examples:,} examples", f"{facts.features:,} features", facts.kind]
    if facts.smallest:
        parts.append(f"{facts.classes} classes of {facts.smallest:,} to {facts.largest:,}")
    else:
        parts.append(facts.task or "no labels")
    if facts.noise is not None:
        parts.append(f"wrong labels {facts.noise.told()}")
    return f"Advice for pool {facts.pool!r}: {', '.join(parts)}"


def _wrapped(text: str, mark: str = "") -> list[str]:
    inner = " " * (LABEL + 3)
    first = f"  {mark}" if mark else inner
    return textwrap.wrap(text, WIDE, initial_indent=first, subsequent_indent=inner)
