"""Fig. 9 and Table 9 as Markdown, the paper's column beside ours."""

from __future__ import annotations

from benchmarks import paper
from benchmarks.overlap.cells import TOPS, overlap_table, rank_table


def ranking() -> str:
    """Fig. 9, whose numbers the paper does not print."""
    rows = rank_table()
    if not rows:
        return "not run"
    tops = TOPS
    lines = [
        "| method | targets | Kendall tau | "
        + " | ".join(f"Jaccard of the best {t} (by chance)" for t in tops)
        + " | regret, points | architectures |",
        "|" + "---|" * (5 + len(tops)),
    ]
    for row in rows:
        told = " | ".join(f"{row[f'jaccard_{t}']:.2f} ({row[f'chance_{t}']:.2f})" for t in tops)
        lines.append(
            f"| {row['method']} | {row['targets']} | {row['tau']:.2f} | {told} | "
            f"{100 * row['regret']:.2f} | {row['architectures']} |"
        )
    return "\n".join(lines)


def overlaps() -> str:
    """Table 9."""
    rows = overlap_table()
    if not rows:
        return "not run"
    names = {"glister": "GLISTER", "grad-match": "GRAD-MATCH", "subselnet": "Our"}
    lines = [
        "| method | Jaccard between architectures | paper (CIFAR10) "
        "| same architecture, other seed | by chance |",
        "|" + "---|" * 5,
    ]
    for row in rows:
        mean, error = row["between"]
        other = "not run" if row["other_seed"] is None else f"{row['other_seed']:.3f}"
        theirs = paper.value(9, names[row["method"]], "CIFAR10")
        lines.append(
            f"| {row['method']} | {mean:.3f} ± {error:.3f} | {theirs:g} | {other} | "
            f"{row['chance']:.3f} |"
        )
    return "\n".join(lines)
