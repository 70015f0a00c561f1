"""How long a rung's trial is, in whole passes over a part of the pool."""

from __future__ import annotations

from dataclasses import replace

from ..core.errors import BadInput
from ..core.plan import SubsetPlan

FEWEST_PASSES, MOST_PASSES = 4, 8
RUNG = "subset_rung"  # in a host's trial: {"configuration", "rung", "length"}
KEPT_LENGTH = (
    "the training loop did not read subset.epochs, so rungs shorten its trials by data alone; "
    "write `for epoch in range(subset.epochs)` and they train for their rung's length"
)


def plan_of_rung(plan: SubsetPlan, length: float, by_data: bool = False) -> SubsetPlan:
    """What a trial of a share `length` of a full training is given: its passes and its budget.

    Args:
        plan: of the search; its `epochs` are those of a full training on all data, its budget the
            largest part of the pool in a pass.
        by_data: the loop keeps its own length: only the subset is smaller.

    Raises:
        BadInput: the plan does not say how long a full training is.
    """
    if plan.epochs is None:
        raise BadInput(
            "rungs shorten a full training, and nobody has said how long that is; give epochs=, "
            "the passes over all data of a full training"
        )
    if by_data:
        return replace(plan, budget=length)  # of `full` it is refused, by its own words
    if getattr(plan.provider, "whole_only", False):  # whole passes over all data, at least one
        return replace(plan, epochs=max(1, round(length * plan.epochs)))
    n = len(plan.provider.pool)
    most = plan.feed().budget.resolve(n) / n
    redrawn = plan.feed().redraw_every > 0 or most == 1
    passes, share = passes_of(length, plan.epochs, most, redrawn)
    return replace(plan, budget=share, epochs=passes)


def full_examples(plan: SubsetPlan, rung: int) -> float:
    """What a rung's trial would be without rungs: a configuration is trained fully, once."""
    return 0.0 if rung else float((plan.epochs or 0) * len(plan.provider.pool))


def passes_of(
    length: float, epochs: int, most: float = 1.0, redrawn: bool = True
) -> tuple[int, float]:
    """How a share `length` of a full training is spent in whole passes: (passes, share of the pool
    in each), passes x share = length x epochs.

    As large a part of the pool as leaves FEWEST_PASSES, so that a schedule by epochs can anneal;
    of one fixed subset never more than MOST_PASSES, beyond which the order of configurations turns.

    Args:
        length: of a full training, in (0, 1].
        epochs: passes of a full training over all data.
        most: share of the pool that a pass may have.
        redrawn: every pass draws afresh.

    Raises:
        BadInput: values outside of these.
    """
    if not 0 < length <= 1 or not 0 < most <= 1 or epochs < 1:
        raise BadInput(
            f"length {length}, epochs {epochs}, share {most}: give a share of a full training in "
            "(0, 1], epochs from 1 and a share of the pool in (0, 1]"
        )
    work = length * epochs
    share = min(most, work / min(FEWEST_PASSES, epochs))
    if not redrawn:
        share = max(share, min(1.0, work / MOST_PASSES))
    passes = max(1, round(work / share))
    return passes, min(1.0, work / passes)
