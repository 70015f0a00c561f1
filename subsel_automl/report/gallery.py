"""Pictures of examples that were chosen and of some that were not, within a share of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .images import data_uri
from .words import escaped, percent

MOST_CHARACTERS = 900_000  # of both groups together: the page stays under 2 MB
MOST_PICTURES = 120  # of each group


def gallery(items: Sequence[Mapping[str, Any]]) -> str:
    """Two groups of pictures, most probable first; empty for no items.

    Raises:
        BadInput: an image that is no uint8 [h, w] or [h, w, 3].
    """
    if not items:
        return ""
    ordered = sorted(items, key=lambda item: -float(item["probability"]))
    groups = "".join(
        _group(title, [item for item in ordered if bool(item["chosen"]) is chosen], chosen)
        for title, chosen in (("Chosen", True), ("Rejected", False))
    )
    return (
        '<p class="caption">Each picture with its label and the probability of that label as '
        "predicted for this architecture, most probable first; a coloured frame marks the chosen "
        f"ones.</p>{groups}"
    )


def _group(title: str, items: Sequence[Mapping[str, Any]], chosen: bool) -> str:
    shown: list[str] = []
    left = MOST_CHARACTERS // 2
    for item in items[:MOST_PICTURES]:
        figure = _picture(item, chosen)
        left -= len(figure)
        if left < 0:
            break
        shown.append(figure)
    if not items:
        return f'<h3>{title}</h3><p class="not-run">none given</p>'
    count = f"{len(shown)}" if len(shown) == len(items) else f"{len(shown)} of {len(items)}"
    return f'<h3>{title} ({count})</h3><div class="gallery">{"".join(shown)}</div>'


def _picture(item: Mapping[str, Any], chosen: bool) -> str:
    label, probability = escaped(item["label"], 40), float(item["probability"])
    said = "chosen" if chosen else "rejected"
    return (
        f'<figure class="{said}"><img alt="{label}, {said}" src="{data_uri(item["image"])}">'
        f"<figcaption><b>{label}</b>{percent(probability, 2)}</figcaption></figure>"
    )
