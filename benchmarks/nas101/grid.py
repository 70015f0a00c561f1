"""Fig. 4.2 of the thesis as a grid: encodings by searches, test error after 150 queries.

The figure prints no numbers. What draws, mutates or looks around a cell does so on the graph itself
here, whatever the encoder: an encoding stands in those columns for its own edits only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.statistics import mean_interval

Groups = Mapping[str, Sequence[Mapping[str, Any]]]
SEARCHES = {  # the figure's, and two that it has not
    "random": "random",
    "REA": "evolution",
    "local search": "local",
    "neural predictor": "",
    "BO, GP": "",
    "BO, DNGO": "bo",
    "DNGO-LS": "bo-local",
    "REINFORCE": "rl",
}
PLAIN = "adjacency, one-hot"
ENCODINGS = {  # as the rows name the encoder
    PLAIN: ("", "adjacency, listed"),
    "adjacency, categorical or continuous": (),
    "paths, of six kinds": (),
    "D-VAE": (),
    "gvae": ("gvae, listed", "gvae"),
    "arch2vec": ("arch2vec, listed", "arch2vec"),
    "CATE": ("cate",),
    "CATE, untrained": ("cate, untrained",),
}


def grid(groups: Groups) -> str:
    """Of the rows by "search" or "search, encoder", without noise."""
    lines = [
        "Fig. 4.2: test error in % after 150 queries of NAS-Bench-101, noiseless reading, by "
        "encoding and search",
        "",
        f"| encoding | {' | '.join(SEARCHES)} |",
        "|---|" + "---|" * len(SEARCHES),
    ]
    for encoding, names in ENCODINGS.items():
        told = [_cell(groups, search, names) for search in SEARCHES.values()]
        lines.append(f"| {' | '.join([encoding, *told])} |")
    return "\n".join(lines)


def _cell(groups: Groups, search: str, encoders: Sequence[str]) -> str:
    """The first of the encoder's rows that there are."""
    for encoder in encoders:
        rows = groups.get(f"{search}, {encoder}" if encoder else search)
        if search and rows:
            found = mean_interval([100 - row["test_percent"] for row in rows])
            return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    return "not run"
