"""Markdown of the ablations (Tables 3, 14, Fig. 4, reference networks) beside the paper's column.

Written from the rows alone; what was not run says so.
"""

from __future__ import annotations

from benchmarks import published
from benchmarks.ablation import cells as ablation
from benchmarks.ablation import encoders
from benchmarks.ablation.cells import Row, behind, rar_rows, references
from benchmarks.run import read_rows
from benchmarks.statistics import mean_and_error
from benchmarks.trials import FASHION


def models_table(data: str = FASHION) -> str:
    """Tables 3 and 14 in one: KL, and RAR by sampler and budget."""
    made = {
        (r["reader"], r["nodes"]): r
        for r in read_rows(ablation.TABLE)
        if "reader" in r and r["data"] == data
    }
    rars = rar_rows(read_rows(ablation.path_of("models")), data)
    if not made:
        return "not run"
    lines = [
        "| reader | input | KL unseen | paper | sampler | "
        + " | ".join(f"RAR % at {100 * s:g} % | paper" for s in ablation.SHARES)
        + " |",
        "|" + "---|" * (5 + 2 * len(ablation.SHARES)),
    ]
    for nodes in ablation.INPUTS:
        for reader in ablation.READERS:
            row = made.get((reader, nodes))
            unseen = None if row is None else row["kl_unseen"]
            kl = "not run" if unseen is None else f"{unseen:.4f}"
            printed = published.reader_kl(reader, nodes)
            for sampler in ablation.samplers(reader, nodes):
                cells = [
                    f"{_spread(rars.get((ablation.name_of(reader, nodes), sampler, s, None)))} | "
                    f"{_printed(reader, nodes, sampler, s)}"
                    for s in ablation.SHARES
                ]
                told = " | ".join(cells)
                lines.append(
                    f"| {reader} | {nodes} | {kl} | {printed or '':} | {sampler} | {told} |"
                )
    return "\n".join(lines)


def _printed(reader: str, nodes: str, sampler: str, share: float) -> str:
    value = published.reader_rar(reader, nodes, sampler, share)
    return "" if value is None else f"{100 * value:.1f}"


def _spread(values: list[float] | None) -> str:
    if not values:
        return "not run"
    mean, error = mean_and_error(values)
    return f"{100 * mean:.1f} ± {100 * error:.1f}"


def hybrid_table(data: str = FASHION) -> str:
    """Fig. 4: RAR by B / b (the paper prints a curve, no numbers)."""
    rars = rar_rows(read_rows(ablation.path_of("hybrid")), data)
    if not rars:
        return "not run"
    lines = ["| B / b | RAR % at 1 % | runs |", "|---|---|---|"]
    for (_, _, _, first), values in sorted(rars.items(), key=lambda item: item[0][3]):
        lines.append(f"| {first:g} | {_spread(values)} | {len(values)} |")
    return "\n".join(lines)


def references_table(data: str = FASHION) -> str:
    """Markdown of `references`."""
    rows = references(data)
    if not rows:
        return "not run"
    names = ["soft 0.5 %", "labels 0.5 %", "soft 2 %", "labels 2 %"]
    lines = [
        "| epochs a network | networks | mean test accuracy of one | zoo CPU s | "
        + " | ".join(f"accuracy, {name} (behind the largest zoo)" for name in names)
        + " |",
        "|" + "---|" * (4 + len(names)),
    ]
    best = max(rows, key=lambda row: (row["epochs"], row["k"]))
    for row in rows:
        told = " | ".join(_referred(row, best, name) for name in names)
        lines.append(
            f"| {row['epochs']} | {row['k']} | {100 * row['teacher']:.1f} % | "
            f"{row['cpu_seconds']:.0f} | {told} |"
        )
    return "\n".join(lines)


def _referred(row: Row, best: Row, name: str) -> str:
    if name not in row:
        return "not run"
    lead, error = behind(row, best, name)
    told = f"{row[name][0]:.2f} ± {row[name][1]:.2f}"
    return told if row is best else f"{told} ({lead:.2f} ± {error:.2f})"


def everything(data: str = FASHION) -> str:
    """All of them."""
    inputs = encoders.table(data)
    return "\n\n".join([models_table(data), inputs, hybrid_table(data), references_table(data)])
