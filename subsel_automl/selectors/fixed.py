"""One answer for a whole search: a provider asked once, whose subset every later cell gets.

A provider that reads the architecture, watches the network or learns is refused: its subset would
follow the search, which a fixed proxy (Na et al. 2021) does not.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from .wrappers import Wrapper

FOLLOWING = Needs.ARCHITECTURE | Needs.PROBE


class Fixed(Wrapper):
    """One answer for all architectures; see `fixed`."""

    def __init__(self, inner: SubsetProvider) -> None:
        super().__init__(inner, "fixed")
        if inner.needs & FOLLOWING or inner.refresh_every or inner.learns:
            raise BadInput(
                f"provider {inner.name!r} follows the search, so it gives no fixed proxy; take one "
                "that chooses before training (see `subsel list providers`)"
            )
        self._chosen: dict[tuple[Any, ...], Subset] = {}

    @property
    def redraws(self) -> int:
        return 0

    def _take_over(self, pool: Pool) -> None:
        super()._take_over(pool)
        self.fit_seconds = self.inner.fit_seconds  # stays on the bill
        self.fit_cpu_seconds = self.inner.fit_cpu_seconds

    def _fit(self, pool: Pool, zoo: Any) -> None:
        super()._fit(pool, zoo)
        self._chosen = {}

    def _select(self, request: Request) -> Subset:
        if request.mode.redraw:
            raise BadInput("a fixed proxy is chosen once; leave redraw_every at 0")
        question = request.count, request.seed, request.mode
        if question not in self._chosen:
            self._chosen[question] = self.inner._select(request)
        return self._chosen[question]

    def _select_many(self, requests: Any) -> list[Subset]:
        return [self._select(request) for request in requests]


def fixed(provider: SubsetProvider) -> Fixed:
    """A provider, fitted or not, whose subset is chosen once.

    Raises:
        BadInput: its subset follows the search.
    """
    return Fixed(provider)
