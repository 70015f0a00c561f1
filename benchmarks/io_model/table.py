"""Tables 4 to 7 of info-NAS, ours beside the paper's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks import paper_nas
from benchmarks.statistics import mean_interval

from . import features
from .cells import MODELS, NETWORKS, PAPER_SIZES, POOLINGS, SIZES, UNSEEN, rows

NAMES = {"io": "IO Model", "accuracy": "Accuracy Model", "arch2vec": "arch2vec"}
SETS = {
    "unseen nets, unseen images": UNSEEN,
    "seen nets, unseen images": "learnt networks, unseen images",
}
ALSO = ("unseen networks, learnt images", "learnt networks, learnt images")
GUESSES = ("io", "mean_vector", "own_mean_vector", "class_mean", "zoo_mean", "io_of_any_cell")
NUMBERS = {"flatten": "1", "mean": "2"}  # of the paper's models, by its code


def tables() -> str:
    return "\n\n".join(
        [
            _fourth(),
            _fifth(),
            _accuracy(),
            _forests("r", "6"),
            _forests("rmse", "7"),
            features.table(),
        ]
    )


def said(values: Sequence[float | None], digits: int = 4) -> str:
    """Mean and interval over the seeds; "not run" without any."""
    known = [value for value in values if value is not None]
    if not known:
        return "not run"
    found = mean_interval(known)
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def _lines(title: str, head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([title, "", *lines, *(f"| {' | '.join(line)} |" for line in body)])


def _fourth() -> str:
    paper = paper_nas.rows("info-nas", "4")
    body = []
    for model in MODELS:
        found = rows(model)
        place = [row["generated"]["position"] for row in found]
        body.append(
            [
                NAMES[model],
                said([one["validity"] for one in place], 3),
                said([one["uniqueness"] for one in place], 3),
                said([row["operation_accuracy"] for row in found], 3),
                said([row["entry_accuracy"] for row in found], 3),
                said([row["cpu_seconds"] for row in found], 0),
                ", ".join(f"{value:g}" for value in paper[NAMES[model]].values()),
            ]
        )
    head = ("model", "validity by place", "uniqueness", "operations", "edges", "CPU s", "paper")
    return _lines("Table 4: reconstruction and generation", head, body)


def _fifth() -> str:
    found, body = rows("io"), []
    for name, place in [*SETS.items(), *((one, one) for one in ALSO)]:
        told = [row["foretold"][place] for row in found]
        known = paper_nas.rows("info-nas", "5").get(name)
        paper = f"{known['loss']:.4f}, {known['baseline']:.4f}" if known else ""
        body.append([name, *(said([one.get(guess) for one in told]) for guess in GUESSES), paper])
    title = f"Table 5: MSE of weighted features, {NETWORKS} networks learnt from"
    return _lines(title, ("networks, images", *GUESSES, "paper: IO, mean vector"), body)


def _accuracy() -> str:
    told, body = [row["foretold"] for row in rows("accuracy")], []
    for place in ("learnt", "unseen"):
        each = [one[place] for one in told]
        numbers = ("r", "rmse", "rmse_of_the_mean")
        body.append([place, *(said([one[number] for one in each]) for number in numbers)])
    head = ("networks", "r", "RMSE", "RMSE of the mean")
    return _lines("Accuracy model: validation accuracy of the zoo's networks", head, body)


def _forests(number: str, table: str) -> str:
    body = []
    for model in MODELS:
        for pooling in POOLINGS[model]:
            told = [row["forest"] for row in rows(model)]
            ours = [
                said([one[f"{pooling} {size}"][number] for one in told]) if size in SIZES
                else "not run"
                for size in PAPER_SIZES
            ]  # fmt: skip
            name = NAMES[model] + ("" if model == "arch2vec" else f" {NUMBERS[pooling]}")
            paper = paper_nas.rows("info-nas", table)[name]
            shown = ", ".join(f"{value:g}" for value in paper.values())
            body.append([f"{name} ({pooling})", *ours, shown])
    head = ("vectors", *(f"{size:,} cells" for size in PAPER_SIZES), "paper")
    what = {"r": "Pearson's r", "rmse": "RMSE"}[number]
    return _lines(f"Table {table}: forest of 200 trees, {what} above 80 %", head, body)
