"""Whether less or more of a metric is better: as asked, as its source says, or by its name.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import re

from ..core.curves import GOALS
from ..core.errors import BadInput, UnknownName

LESS = re.compile(
    "loss(es)?|err(or)?s?|perplexity|ppl|r?mse|mae|mape|nll|[wcte]er|bp[cd]|regret|fid|deviance"
)
MORE = re.compile(
    "acc(uracy)?[0-9]*|top[0-9]+|f1|auc|auroc|auprc|scores?|r2|bleu|rouge|meteor|precision|recall|"
    "m?iou|m?ap|dice|kappa|mcc|rewards?|return"
)


def goal_of(metric: str, asked: str | None = None, said: str = "") -> tuple[str, str]:
    """The goal, and a sentence where it was guessed or read ("" where it was asked for).

    Args:
        asked: by the reader; None where nothing was.
        said: by the source, as the direction of a study; "" where it says nothing.

    Raises:
        UnknownName: another goal. BadInput: asked against what the source says; a name that does
            not tell.
    """
    if asked is not None and asked not in GOALS:
        raise UnknownName("goal", asked, GOALS)
    if asked and said and asked != said:
        raise BadInput(f"the goal {asked!r} was asked for, and the source says {said!r}; agree")
    if asked:
        return asked, ""
    if said:
        return said, f"the source's goal is {said!r}"
    words = _words(metric)
    less, more = (any(map(kind.fullmatch, words)) for kind in (LESS, MORE))
    if less == more or words & {"neg", "negative"}:
        name = f"the name {metric!r}" if metric else "values without a name"
        raise BadInput(
            f"{name} does not tell whether less or more is better; give --goal min or --goal max"
        )
    goal = "min" if less else "max"
    return goal, f"the goal is {goal!r}, by the name {metric!r}"


def names_metric(name: str) -> bool:
    """Whether a name has a word that metrics are called by."""
    return any(kind.fullmatch(word) for kind in (LESS, MORE) for word in _words(name))


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()))
