"""Which rungs a search has, from how many full trainings it may cost.

    fewer than LONGER full trainings   1/32 of a full training, then 1/8; the best is trained fully
    more                               1/32, 1/4, 1: the best two or more are trained fully anyway

All configurations stand in the first rung; what is left is spent evenly on the others, and what
rounding leaves over goes to the longest. Source: this project's table of trials
(`benchmarks/trial_table`), all sets of up to four of six lengths, by mean regret over four problems
(`python -m benchmarks.plan rule`); sets that differ less than the search's own seeds are ties, and
the one of the fewest rungs is taken.
"""

from __future__ import annotations

import math

from ..core.errors import BadInput
from .rungs import Rung, RungPlan

SHORTEST = 1 / 32
FEW, LONGER, MANY = (SHORTEST, 1 / 8), 5.0, (SHORTEST, 1 / 4, 1.0)


def plan_rungs(total: float, trials: int | None = None) -> RungPlan:
    """The plan of a search that may cost `total` full trainings, that of its winner among them.

    Args:
        total: full trainings, on all data. Of seconds or steps: theirs by those of one training.
        trials: configurations to look at; by default as many as the budget is good for: a third of
            it is spent on the first rung.

    Raises:
        BadInput: a budget that is too small for so many configurations; it says for how many it is
            good, and what so many need.
    """
    if not math.isfinite(total) or total < 1.5:
        raise BadInput(
            f"total is {total} full trainings; give at least 1.5: the winner's and a search's"
        )
    lengths = MANY if total >= LONGER else FEW
    search = total if lengths[-1] == 1 else total - 1
    good = math.floor(search / len(lengths) / lengths[0])
    count = good if trials is None else trials
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise BadInput(f"trials is {count!r}; give at least 2 configurations to choose from")
    left = search - count * lengths[0]
    if left < sum(lengths[1:]):
        needed = count * SHORTEST + sum(FEW[1:]) + 1
        if needed >= LONGER:
            needed = max(LONGER, count * SHORTEST + sum(MANY[1:]))
        raise BadInput(
            f"{total:g} full trainings are too few for {count} configurations; give at least "
            f"{math.ceil(10 * needed) / 10:g}, or at most {good} configurations"
        )
    return spread(count, search, lengths)


def spread(trials: int, search: float, lengths: tuple[float, ...]) -> RungPlan:
    """All trials in the first rung, what is left evenly on the others.

    Args:
        search: full trainings, without one of the winner that the rungs do not have.
    """
    counts, left = [trials], search - trials * lengths[0]
    for length in lengths[1:]:
        share = math.floor(left / (len(lengths) - 1) / length + 1e-9)
        counts.append(min(counts[-1], max(1, share)))
    spare = search - sum(n * one for n, one in zip(counts, lengths, strict=True))
    for place in range(len(lengths) - 1, 0, -1):
        more = min(counts[place - 1] - counts[place], math.floor(spare / lengths[place] + 1e-9))
        counts[place] += max(0, more)
        spare -= max(0, more) * lengths[place]
    return RungPlan(tuple(Rung(n, one) for n, one in zip(counts, lengths, strict=True)))
