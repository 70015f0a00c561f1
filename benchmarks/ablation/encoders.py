"""g_beta with every encoder of cells: Table 14 with more inputs than H and A.

KL of unseen, fully trained networks (results/network_sample.npz) from what g_beta foretells;
attention reader, the same 32 reference networks for all, three seeds of g_beta and of the encoders
that learn from the zoo. arch2vec and CATE are those kept under bundles/encoders. The zoo is built
as that of Tables 3 and 14: H and A of the first seed come to the same digits there.

Deviations:
    [1] No policy is trained and nothing is selected: KL alone, no RAR.
    [2] IO and Accuracy model learn from the 32 networks that g_beta learns from; in info-NAS they
        have networks of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import published
from benchmarks.run import RESULTS, rows_of
from benchmarks.statistics import Estimate, mean_interval, paired
from benchmarks.trials import FASHION

PATH = RESULTS / "ablation_encoders.jsonl"
READER, BEFORE = "attention", "gvae"
INPUTS = {"gvae": "H", "adjacency": "A"}  # of Table 14
LEARNED = ("io", "accuracy")  # from the zoo
ENCODERS = ("gvae", "adjacency", "arch2vec", "cate", *LEARNED, "arch2vec, untrained")
SEEDS = 3


def cells(data: str = FASHION) -> list[dict[str, Any]]:
    """A seed of every encoder after the other."""
    return [
        {"data": data, "reader": READER, "encoder": encoder, "seed": seed}
        for seed in range(SEEDS)
        for encoder in ENCODERS
    ]


def rows(encoder: str, data: str = FASHION) -> list[dict[str, Any]]:
    """A row a seed."""
    found = rows_of(PATH, cells(data))
    return [row for row in found if row["cell"]["encoder"] == encoder]


def table(data: str = FASHION) -> str:
    """Markdown: KL of unseen networks, over networks and seeds, and less that of H pair by pair."""
    known = {encoder: rows(encoder, data) for encoder in ENCODERS}
    if not any(known.values()):
        return "Encoders of g_beta (Table 14): not run"
    lines = [
        "| encoder of the attention reader | KL unseen | less that of the GVAE | KL validation "
        "| seeds | paper |",
        "|" + "---|" * 6,
    ]
    for encoder, found in known.items():
        printed = published.reader_kl(READER, INPUTS[encoder]) if encoder in INPUTS else None
        name = f"{encoder} ({INPUTS[encoder]})" if encoder in INPUTS else encoder
        line = [name, *_told(found, known[BEFORE]), f"{len(found)}", f"{printed or ''}"]
        lines.append(f"| {' | '.join(line)} |")
    means = [row["zoo_mean_unseen"] for found in known.values() for row in found]
    lines.append(f"| none: the mean of the zoo | {means[0]:.4f} | | | | |")
    return "\n".join(lines)


def _told(found: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> list[str]:
    if not found:
        return ["not run"] * 3
    mine, theirs = by_network(found), by_network(before)
    both = set(mine) & set(theirs)
    less = ""
    if both and found is not before:
        left = ({key: of[key] for key in sorted(both)} for of in (mine, theirs))
        less = _said(paired(*left, unit=lambda key: key[0]))
    units = [network for network, _ in mine]
    kl = _said(mean_interval(list(mine.values()), units))
    valid = mean_interval([row["kl_validation"] for row in found])
    return [kl, less, f"{valid.value:.4f}"]


def by_network(found: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], float]:
    """KL by unseen network and seed; a network is the unit that was drawn."""
    return {
        (network, row["cell"]["seed"]): kl
        for row in found
        for network, kl in row["kl_unseen"].items()
    }


def _said(found: Estimate) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
