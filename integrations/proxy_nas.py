"""A fixed proxy for any search (Na et al. 2021): the subset is chosen once, before the search.

found = search("gdas", "nasbench201", pool, subset="proxy-entropy", budget=0.1)

`fixed(provider)` wraps a provider that ignores the architecture, so that it is asked once and every
later cell gets that answer. One that reads the architecture, watches the network or learns is
refused: its subset would follow the search, which a fixed proxy does not.
"""

from __future__ import annotations

from typing import Any

from .. import nas
from ..catalog import provider as made
from ..core.pool import Pool
from ..core.provider import SubsetProvider
from ..search.result import SearchResult
from ..selectors.fixed import fixed


def search(
    name: str,
    space: str,
    pool: Pool,
    *,
    subset: str | SubsetProvider = "proxy-entropy",
    **options: Any,
) -> SearchResult:
    """Find a cell on a fixed proxy.

    Args:
        name, space, subset, options: as `integrations.nas.search` takes them.

    Raises:
        BadInput: as `fixed`, and a redrawn subset; and as `integrations.nas.search`.
    """
    inner = made(subset).fit(pool) if isinstance(subset, str) else subset
    return nas.search(name, space, pool, subset=fixed(inner), **options)
