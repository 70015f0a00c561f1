"""Which rungs a search has, from how many full trainings it may cost.

    fewer than 5 full trainings   1/32 of a full training, then 1/8; the best is trained fully
    from 5                        1/32, 1/4, 1: the best two or more are trained fully anyway
    from 7                        1/16, 1/2, 1, unless the first rung were more than FIRST of all

All configurations stand in the first rung; what is left is spent evenly on the others, and what
rounding leaves over goes to the longest. A trial has at least LEAST_STEPS steps, the fewest that
were tried: of a short training the first rungs are longer, and fewer.

Source: this project's table of trials (`benchmarks/trial_table`), ladders of up to four of six
lengths, by mean regret over four problems (`benchmarks/plan`); ladders that differ less than the
search's own seeds are ties, and the one of the fewest rungs is taken.
"""

from __future__ import annotations

import math

from ..core.errors import BadInput
from .rungs import Rung, RungPlan

SHORTEST, LEAST_STEPS = 1 / 32, 32
LEAST, CHEAPER = 3.0, 8
FEW, MANY, MORE = (SHORTEST, 1 / 8), (SHORTEST, 1 / 4, 1.0), (1 / 16, 1 / 2, 1.0)
MANY_FROM, MORE_FROM, FIRST = 5.0, 7.0, 0.4
EXPECTED = {FEW: (0.5, 1.1), MANY: (0.15, 0.3), MORE: (0.1, 0.2)}  # points; see expected_regret


def plan_rungs(total: float, trials: int | None = None, steps: int | None = None) -> RungPlan:
    """The plan of a search that may cost `total` full trainings, that of its winner among them.

    Args:
        total: full trainings, on all data. Of seconds or steps: theirs by those of one training.
        trials: configurations to look at; by default as many as the budget is good for: an even
            part of it is spent on the first rung.
        steps: of a full training, where they are known.

    Raises:
        BadInput: a budget that is too small for so many configurations; it says for how many it is
            good, and what so many need.
    """
    if not math.isfinite(total) or total < 1.5:
        raise BadInput(
            f"total is {total} full trainings; give at least 1.5: the winner's and a search's"
        )
    lengths = ladder(total, steps, trials)
    search = total - _final(lengths)
    good = math.floor((search - sum(lengths[1:])) / lengths[0] + 1e-9)
    count = max(2, math.floor(search / len(lengths) / lengths[0])) if trials is None else trials
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise BadInput(f"trials is {count!r}; give at least 2 configurations to choose from")
    if count > good:
        few = f", or at most {good} configurations" if good >= 2 else ""
        raise BadInput(
            f"{total:g} full trainings are too few for {count} configurations; give at least "
            f"{least_total(count, steps):g}{few}"
        )
    return spread(count, search, lengths)


def usual_total(trials: int, steps: int | None = None) -> float:
    """Full trainings that a search of so many configurations is usually given: an eighth of what
    training all of them would cost, and no fewer than LEAST."""
    return max(LEAST, trials / CHEAPER, least_total(trials, steps))


def least_total(trials: int, steps: int | None = None) -> float:
    """The smallest budget, rounded up to a tenth, that is good for so many configurations."""
    few, many = (ladder(total, steps) for total in (MANY_FROM - 0.1, MANY_FROM))
    needed = trials * few[0] + sum(few[1:]) + _final(few)
    if needed >= MANY_FROM:
        needed = max(MANY_FROM, trials * many[0] + sum(many[1:]) + _final(many))
    return math.ceil(10 * max(1.5, needed) - 1e-9) / 10


def expected_regret(plan: RungPlan) -> tuple[float, float]:
    """Points of accuracy by which the winner is below the best of the configurations, after full
    training of both: on average, and on the worst of the four problems of the table of trials.

    Of 40 configurations there; of other numbers it is the nearest that is known.
    """
    first, last = plan.rungs[0].length, plan.rungs[-1].length
    if last < 1:
        return EXPECTED[FEW]
    return EXPECTED[MORE if first >= MORE[0] and len(plan.rungs) == len(MORE) else MANY]


def ladder(total: float, steps: int | None = None, trials: int | None = None) -> tuple[float, ...]:
    """Lengths of the rungs, ascending."""
    least = LEAST_STEPS / max(1, steps or LEAST_STEPS * 32)
    known = FEW if total < MANY_FROM else MANY
    if total >= MORE_FROM and (trials or 0) * max(MORE[0], least) <= FIRST * total:
        known = MORE
    first = min(1.0, max(known[0], least))
    return (first, *(length for length in known[1:] if length >= 2 * first))


def spread(trials: int, search: float, lengths: tuple[float, ...]) -> RungPlan:
    """All trials in the first rung, what is left evenly on the others; a rung from which everybody
    would be promoted is left out.

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
    rungs = [Rung(n, one) for n, one in zip(counts, lengths, strict=True)]
    above = [*counts[1:], 0]
    return RungPlan(tuple(rung for rung, n in zip(rungs, above, strict=True) if rung.trials > n))


def _final(lengths: tuple[float, ...]) -> int:
    """Full trainings that the winner needs beside the rungs."""
    return 0 if lengths[-1] == 1 else 1
