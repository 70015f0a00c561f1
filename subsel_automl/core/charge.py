"""One stage's running bill: wall seconds, CPU seconds and memory of a `with` block.

A charge inside another charge of the same thread is taken off the outer one, so nested blocks add
up to the time that passed. The clocks are monotonic: `time.perf_counter` and `time.process_time`.
"""

from __future__ import annotations

import math
import numbers
import time
import uuid
from enum import Enum
from typing import Protocol, runtime_checkable

from .errors import BadInput, UnknownName


class Stage(str, Enum):
    """What the seconds were spent on."""

    TRAIN_ZOO = "TRAIN_ZOO"
    FIT_ENCODER = "FIT_ENCODER"
    FIT_APPROXIMATOR = "FIT_APPROXIMATOR"
    FIT_SAMPLER = "FIT_SAMPLER"
    SELECT = "SELECT"
    REFRESH = "REFRESH"
    TRAIN = "TRAIN"
    EVALUATE = "EVALUATE"

    def __str__(self) -> str:
        return self.value


PREPARATION = (Stage.TRAIN_ZOO, Stage.FIT_ENCODER, Stage.FIT_APPROXIMATOR, Stage.FIT_SAMPLER)
PER_ARCHITECTURE = (Stage.SELECT, Stage.REFRESH, Stage.TRAIN, Stage.EVALUATE)
INFERENCE = (Stage.SELECT, Stage.REFRESH, Stage.TRAIN)  # T of T_f / T  [2]


@runtime_checkable
class MemoryMeter(Protocol):
    """Anything that integrates memory over time, such as `training.meter.Meter`."""

    @property
    def gb_minutes(self) -> float: ...


class Charge:
    """A running charge; what was spent is written when its `with` block ends."""

    def __init__(self, meter: MemoryMeter | None) -> None:
        self._meter = meter
        self._own_gb_minutes = 0.0
        self._inner = (0.0, 0.0, 0.0)
        self._open = True
        self._start = self._read()

    @property
    def gb_minutes(self) -> float:
        """Memory integral to charge beside what a meter measures; settable inside the block."""
        return self._own_gb_minutes

    @gb_minutes.setter
    def gb_minutes(self, value: float) -> None:
        if not self._open:
            raise BadInput("this charge is written already; set gb_minutes inside the with block")
        self._own_gb_minutes = amount("gb_minutes", value)

    def _read(self) -> tuple[float, float, float]:
        memory = 0.0 if self._meter is None else self._meter.gb_minutes
        return time.perf_counter(), time.process_time(), memory

    def close(self, outer: Charge | None) -> tuple[float, float, float]:
        """Wall, CPU and GB-minutes of this block alone; the outer charge is told of them all."""
        self._open = False
        wall, cpu, memory = (
            now - then for now, then in zip(self._read(), self._start, strict=True)
        )
        spent = (wall, cpu, memory + self._own_gb_minutes)
        if outer is not None:
            outer._inner = _add(outer._inner, spent)
        wall, cpu, memory = (max(0.0, a - b) for a, b in zip(spent, self._inner, strict=True))
        return wall, cpu, memory


def as_stage(stage: Stage | str) -> Stage:
    """The stage of that name, or UnknownName."""
    try:
        return Stage(stage)
    except ValueError:
        raise UnknownName("stage", stage, [known.value for known in Stage]) from None


def amount(name: str, value: float) -> float:
    """A finite number that is at least 0, or BadInput that names it."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise BadInput(f"{name} is {value!r}; give a number that is at least 0")
    if not (math.isfinite(value) and value >= 0):
        raise BadInput(f"{name} is {value}; give a finite number that is at least 0")
    return float(value)


def _add(
    one: tuple[float, float, float], two: tuple[float, float, float]
) -> tuple[float, float, float]:
    return one[0] + two[0], one[1] + two[1], one[2] + two[2]


def as_event(event: str | None) -> str:
    """The event's name; a new one for None."""
    if event == "":
        raise BadInput("an event needs a name; give one, or None for a new one")
    return uuid.uuid4().hex if event is None else event
