"""The errors that users of the package can catch: each says what came, what is allowed, what to do.

Every error derives from `SubselError`; `exit_code` is what the command line exits with.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SubselError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 1


class BadInput(SubselError, ValueError):
    """The caller's value cannot be used: wrong range, shape, type, or not finite."""

    exit_code = 3


class BudgetError(BadInput):
    """A budget that selects nothing, too much, or is no number."""


class PoolError(BadInput):
    """Features, labels or images that do not fit together or hold NaN."""


class ArchitectureError(BadInput):
    """A graph that is cyclic, cut, too large, or uses an operation that its space lacks."""


class UnknownName(BadInput):
    """A name that no catalog lists."""

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        known = sorted(known)
        close = difflib.get_close_matches(str(name), known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(f"no {kind} is called {name!r}; known: {', '.join(known)}.{hint}")


class MissingNeed(BadInput):
    """A provider needs something (labels, a zoo, a probe) that the pool or host does not have."""


class MissingData(SubselError):
    """A data set, table or optional package is not on this machine."""

    exit_code = 3


class RefusedArtefact(SubselError):
    """A zoo, bundle or subset file that is damaged or belongs to another pool."""

    exit_code = 4


class DamagedArtefact(RefusedArtefact):
    """A file whose content does not match its recorded checksum, or that cannot be read."""
