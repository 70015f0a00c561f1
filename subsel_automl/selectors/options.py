"""Options of selectors, checked: an error names provider, option, what came, what is allowed."""

from __future__ import annotations

import math

from ..core.errors import BadInput, UnknownName
from ..core.request import Request

UNTOLD = 10  # epochs of a trial whose host does not tell


def one_of(provider: str, option: str, value: str, known: tuple[str, ...]) -> str:
    """One of some names.

    Raises:
        UnknownName: another one.
    """
    if value not in known:
        raise UnknownName(f"{option} of provider {provider!r}", value, known)
    return value


def flag(provider: str, option: str, value: bool) -> bool:
    """True or False.

    Raises:
        BadInput: something else.
    """
    if not isinstance(value, bool):
        raise BadInput(f"{option} of provider {provider!r} is {value!r}; give True or False")
    return value


def number(
    provider: str,
    option: str,
    value: float,
    *,
    least: float = 0.0,
    open_: bool = False,
    below: float = math.inf,
) -> float:
    """A finite number from `least` (above it if `open_`) and below `below`.

    Raises:
        BadInput: something else.
    """
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not least <= value < below or (open_ and value == least):
        bound = f"above {least:g}" if open_ else f"from {least:g}"
        upper = f" and below {below:g}" if math.isfinite(below) else ""
        raise BadInput(
            f"{option} of provider {provider!r} is {value!r}; give a number {bound}{upper}"
        )
    return float(value)


def told(provider: str, option: str, value: int | None) -> int | None:
    """Epochs from 1, or None: what the host tells.

    Raises:
        BadInput: something else.
    """
    whole_number = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if value is not None and not whole_number:
        raise BadInput(
            f"{option} of provider {provider!r} is {value!r}; give a whole number from 1, or None "
            "for what the host tells of a trial"
        )
    return value


def trial_epochs(given: int | None, request: Request) -> int:
    """A trial's length: the option, else what the host tells, else 10."""
    return given or request.epochs or UNTOLD
