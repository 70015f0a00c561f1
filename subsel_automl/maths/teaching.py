"""What trials that have ended can teach the next ones: a mean of their answers, and how far to
trust it.

    teacher_weights   w_i ~ exp(-(e_i - min e) / spread), e_i the error of teacher i
    expected_error    e(s) = min_i e_i (s_i / s)^0.3: what a trial that has seen s examples still
                      gets wrong, when earlier ones had the error e_i after s_i. A trial that gets
                      stuck was on its way to less: its own start says so, and it is no teacher
    lead              expected error of the pupil / error of the teachers
    label_share       of the target: 1 up to a lead of 1.15, then 1 - log2(lead / 1.15), down to 0.3
    share_at_end      of a whole training, by the lead over what the pupil will come to: 1 up to
                      0.8, down to 0.3 at 1. Its own trials say what that is: the error of the
                      longest (an eighth of the length or more), which falls on as it fell so far

Source: this project. On Fashion-MNIST pupils gained where the teachers made clearly fewer errors
than they would, and lost where the lead was one or less; a pupil's error fell about as s^-0.3. The
claim `online` of the benchmarks measures what comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
DECAY, EVEN, LEAST_SHARE, SPREAD = 0.3, 1.15, 0.3, 0.02
TOLD_FROM = 1 / 8  # of a training: what a shorter trial came to says little of its end
LET_GO, TRUSTED, APART = 0.8, 1.0, 4.0  # leads; how many times longer a trial tells of the decay


def teacher_weights(errors: npt.ArrayLike, spread: float = SPREAD) -> Floats:
    """Weights [k] that sum to one, from held-out errors in 0..1.

    Args:
        spread: of the error; a teacher that is worse than the best by so much counts 1/e of it.
    """
    worse = np.asarray(errors, np.float64)
    weights = np.exp(-(worse - worse.min()) / spread)
    shares: Floats = weights / weights.sum()
    return shares


def expected_error(examples: float, points: Sequence[tuple[float, float]]) -> float:
    """Error in 0..1 of a trial that has seen so many examples, if it does as well as the best of
    those that were measured; never above 1.

    Args:
        points: (examples, error) of earlier trials, at their end or on their way; at least one.
    """
    implied = [error * (seen / max(examples, 1.0)) ** DECAY for seen, error in points]
    return float(min(1.0, *implied))


def lead(pupil_error: float, teacher_error: float) -> float:
    """How many times the teachers' error the pupil's is."""
    return pupil_error / max(teacher_error, 1e-6)


def label_share(ahead: float) -> float:
    """Share of the label in the target, 0.3..1, from the teachers' lead."""
    return float(np.clip(1 - np.log2(max(ahead, 1e-6) / EVEN), LEAST_SHARE, 1.0))


def share_at_end(
    examples: float, own: Sequence[tuple[float, float]], teacher_error: float
) -> float:
    """Share of the label in the targets of a training of so many examples, 0.3..1: a pupil that
    will end clearly better than its teachers is let go, and so is one of whom nothing is known.

    Args:
        own: (examples, error) of the pupil's own trials so far, at their ends.
        teacher_error: of the teachers' answers, held out, in 0..1.
    """
    if not own or max(own)[0] < TOLD_FROM * examples:
        return 1.0
    (first, before), (seen, error) = min(own), max(own)
    decay = DECAY
    if seen >= APART * first and error > 0:
        decay = float(np.clip(np.log(before / error) / np.log(seen / first), 0, 1))
    ahead = lead(error * (seen / examples) ** decay, teacher_error)
    return float(np.interp(ahead, (LET_GO, TRUSTED), (1.0, LEAST_SHARE)))
