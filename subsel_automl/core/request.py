"""What a provider is asked: how the host will use the subset, what there must be, one question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

import numpy as np

from .architecture import Architecture
from .budget import Budget
from .errors import BadInput, UnknownName
from .pool import Pool
from .subset import Subset


class Needs(Flag):
    """What a provider cannot do without; checked before anything is computed."""

    NOTHING = 0
    LABELS = auto()  # classes
    VALIDATION = auto()
    IMAGES = auto()
    ARCHITECTURE = auto()
    ZOO = auto()
    PROBE = auto()
    TARGETS = auto()  # of any task: classes, several labels an example, real numbers


TARGETS = ("labels", "soft")


@dataclass(frozen=True)
class Mode:
    """How the host will use a subset; a provider may choose other examples for each.

    Args:
        redraw: a fresh subset is drawn every few epochs, so the budget counts examples an epoch.
        targets: "labels", or "soft": the predicted distributions are trained on.
    """

    redraw: bool = False
    targets: str = "labels"

    def __post_init__(self) -> None:
        if self.targets not in TARGETS:
            raise UnknownName("kind of target", self.targets, TARGETS)


FIXED = Mode()


@dataclass(frozen=True, eq=False)
class Request:
    """One question to a provider, resolved and checked.

    Args:
        draw: number of the redraw, from 0.
        epoch: of the trial, from 0; epochs: how many it has, None where the host does not know.
    """

    pool: Pool
    architecture: Architecture | None
    budget: Budget
    count: int
    seed: int
    mode: Mode = FIXED
    draw: int = 0
    epoch: int = 0
    previous: Subset | None = None
    epochs: int | None = None

    def rng(self, *salt: int) -> np.random.Generator:
        """The generator of this question: the same in any process."""
        return np.random.default_rng([self.seed, self.draw, *salt])


def whole_seed(seed: int) -> int:
    """A seed as a host gives it, or BadInput."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise BadInput(f"seed {seed!r} is not usable; give a whole number from 0")
    return int(seed)
