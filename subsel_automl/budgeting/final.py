"""The winner's training: on all data, taught by the search's trials where they are ahead of it.

    feed = final_feed(provider, own=[(1600, 0.31), (12800, 0.22)], examples=51200)
    loader = SubsetLoader(feed, dataset=train_set, batch_size=64)

`own` are the winner's trials in the search: how many examples each was shown, and its error. What
the teachers' answers are worth against that decides their share (`share_at_end` of
`maths/teaching.py`); where they would hold the winner back it trains on labels alone, and so it
does with a provider that does not learn. Claim `taught` has what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.feed import SoftTargets, SubsetFeed
from ..core.provider import SubsetProvider
from ..maths.teaching import share_at_end


def final_feed(
    provider: SubsetProvider,
    own: Sequence[tuple[float, float]] = (),
    examples: float = 0,
    *,
    seed: int = 0,
) -> SubsetFeed:
    """All of the pool, every epoch.

    Args:
        provider: of the search, with its lessons.
        own: (examples, error in 0..1) of the winner's trials, at their ends.
        examples: of the training that is to come, with repeats.

    Returns:
        A feed whose `targets` are "soft" where teachers help, and "labels" elsewhere; of soft ones
        `told_soft.label_share` is the label's share.
    """
    share = label_share(provider, own, examples)
    if share < 1:
        soft = SoftTargets(1.0, share)
        return SubsetFeed(provider, 1.0, seed=seed, redraw_every=1, targets="soft", soft=soft)
    return SubsetFeed(provider, 1.0, seed=seed, redraw_every=0)


def label_share(
    provider: Any, own: Sequence[tuple[float, float]] = (), examples: float = 0
) -> float:
    """Of the targets of a training of so many examples, in 0.3..1."""
    said = provider.taught() if provider.learns else None
    return 1.0 if said is None else share_at_end(examples, own, said.error)
