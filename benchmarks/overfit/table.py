"""Table 11 as Markdown, the paper's column beside ours."""

from __future__ import annotations

from benchmarks import paper
from benchmarks.overfit.cells import summary

FOLDS = {"training": "train_accuracy", "validation": "validation_accuracy", "test": "accuracy"}
COLUMNS = {"subselnet": "Transductive", "subselnet-inductive": "Inductive"}


def table() -> str:
    """Table 11."""
    rows = summary()
    if not rows:
        return "not run"
    lines = [
        "| budget | method | " + " | ".join(f"{fold} | paper" for fold in FOLDS) + " | runs |",
        "|" + "---|" * (3 + 2 * len(FOLDS)),
    ]
    for row in rows:
        budget = f"{100 * row['budget']:g}%"
        told = []
        for fold, key in FOLDS.items():
            theirs = paper.value(11, budget, f"{fold} {COLUMNS[row['method']]}")
            told.append(f"{row[key][0]:.3f} ± {row[key][1]:.3f} | {theirs:g}")
        shown = " | ".join(told)
        lines.append(f"| {budget} | {row['method']} | {shown} | {row['runs']} |")
    return "\n".join(lines)
