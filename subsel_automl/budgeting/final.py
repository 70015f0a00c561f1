"""The winner's training: on all data, taught by the search's trials where they are ahead of it.

    feed = final_feed(provider, own=[(1600, 0.31), (12800, 0.22)], examples=51200)
    loader = SubsetLoader(feed, dataset=train_set, batch_size=64)

In a host the training is one more trial that carries FINAL: of a search by rungs its last one
(`RungSearch(plan, final="taught")`, `RungSampler(plan, final="taught")`), of any other search the
best one again (`final_config(results)` of Ray, `final_trial(study)` of Optuna).

`own` are the winner's trials in the search: how many examples each was shown, and its error. What
the teachers' answers are worth against that decides their share (`share_at_end` of
`maths/teaching.py`); where they would hold the winner back it trains on labels alone, and so it
does with a provider that does not learn. Claim `taught` has what it is worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.errors import BadInput, UnknownName
from ..core.feed import SoftTargets, SubsetFeed
from ..core.plan import SubsetPlan
from ..core.provider import SubsetProvider
from ..maths.teaching import share_at_end

FINAL = "subset_final"  # in a host's trial: {"targets", "own"}
TARGETS = ("labels", "taught")


def final_feed(
    provider: SubsetProvider,
    own: Sequence[tuple[float, float]] = (),
    examples: float = 0,
    *,
    seed: int = 0,
) -> SubsetFeed:
    """All of the pool, every epoch.

    Args:
        provider: of the search, with its lessons.
        own: (examples, error in 0..1) of the winner's trials, at their ends.
        examples: of the training that is to come, with repeats.

    Returns:
        A feed whose `targets` are "soft" where teachers help, and "labels" elsewhere; of soft ones
        `told_soft.label_share` is the label's share.
    """
    share = label_share(provider, own, examples)
    if share < 1:
        soft = SoftTargets(1.0, share)
        return SubsetFeed(provider, 1.0, seed=seed, redraw_every=1, targets="soft", soft=soft)
    return SubsetFeed(provider, 1.0, seed=seed, redraw_every=0)


def label_share(
    provider: Any, own: Sequence[tuple[float, float]] = (), examples: float = 0
) -> float:
    """Of the targets of a training of so many examples, in 0.3..1."""
    said = provider.taught() if provider.learns else None
    return 1.0 if said is None else share_at_end(examples, own, said.error)


def final_about(
    targets: str, own: Iterable[tuple[float, Any]] = (), mode: str = "max"
) -> dict[str, Any]:
    """What a host's final trial carries under FINAL, in JSON's types.

    Args:
        targets: "labels", or "taught": by the search's trials where they are ahead of it.
        own: (share of a full training, score) of the winner's trials at their ends; of a loss
            (mode "min"), or of what is no share, nothing is known of its error.

    Raises:
        UnknownName: other targets.
    """
    if targets not in TARGETS:
        raise UnknownName("targets of a final training", targets, TARGETS)
    errors = [(float(length), _error(score, mode)) for length, score in own]
    kept = [[length, error] for length, error in errors if error is not None]
    return {"targets": targets, "own": kept}


def final_plan(plan: SubsetPlan, about: Mapping[str, Any]) -> SubsetPlan:
    """What the final trial is given: all data, for the `epochs` of a full training.

    Raises:
        BadInput: the plan has no `epochs`; teachers of a provider that does not learn.
    """
    if plan.epochs is None:
        raise BadInput(
            "the final training is a full one, and nobody has said how long that is; give epochs=, "
            "the passes over all data of a full training"
        )
    whole = replace(plan, budget=1.0, targets="labels", soft=None, redraw_every=0)
    if about["targets"] == "labels":
        return whole
    if not plan.provider.learns:
        raise BadInput(
            f"provider {plan.provider.name!r} does not learn from trials, so it has nobody to "
            "teach the winner; search with 'subselnet-online', or ask for final='labels'"
        )
    examples = float(plan.epochs * len(plan.provider.pool))
    own = [(length * examples, error) for length, error in about["own"]]
    share = label_share(plan.provider, own, examples)
    if share == 1:
        return whole
    return replace(whole, targets="soft", soft=SoftTargets(1.0, share), redraw_every=1)


def _error(score: Any, mode: str) -> float | None:
    """In 0..1, of an accuracy as a share or in percent."""
    if mode != "max" or not isinstance(score, (int, float)) or not math.isfinite(score):
        return None
    share = score / 100 if 1 < score <= 100 else float(score)
    return 1 - share if 0 <= share <= 1 else None
