"""How a report writes text, numbers and durations: escaped, short, with units."""

from __future__ import annotations

import html
import math
import numbers
import re

LONGEST = 160  # characters of one text; a name is not an essay
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def plain(text: object, longest: int = LONGEST) -> str:
    """The text without control or direction characters, cut to `longest`; not escaped."""
    clean = _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub("\ufffd", str(text)))
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def escaped(text: object, longest: int = LONGEST) -> str:
    """The text, safe in HTML content and in quoted attributes."""
    return html.escape(plain(text, longest), quote=True)


def number(value: float) -> str:
    """Four significant digits; thousands apart; small and large ones in powers of ten."""
    if not math.isfinite(value):
        return "n/a"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", "\u202f")
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.4g}"
    if 1e4 <= abs(value) < 1e9:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.3g}"


def percent(fraction: float, digits: int = 1) -> str:
    return f"{100 * fraction:.{digits}f} %" if math.isfinite(fraction) else "n/a"


def unit_of_time(seconds: float) -> tuple[float, str]:
    """The unit to write `seconds` in, as its length in seconds and its name."""
    for length, name in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * length:
            return length, name
    return 1.0, "s"


def duration(seconds: float) -> str:
    length, name = unit_of_time(seconds)
    return f"{number(float(f'{seconds / length:.3g}'))} {name}"


def cell(value: object) -> str:
    """One value of a table, escaped."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Real):
        return number(float(value))
    return escaped(value, 80)
