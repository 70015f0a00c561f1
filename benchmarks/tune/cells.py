"""Which temperatures are tried, and which rows of theirs can be compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.run import RESULTS, read_rows
from benchmarks.trials import FASHION, cell
from subsel_automl.subselnet.temperatures import UNIFORM, Choice
from subsel_automl.subselnet.tuning import GRID, candidates

FIXED_ROWS = RESULTS / "tuning_fixed.jsonl"  # of benchmarks.tune.fixed
REDRAW_STEPS = 150
LONGER_STEPS = 300  # redrawn + soft is tried here too: what helps early may hold back later
LONGEST_STEPS = 600  # and the best of these at 10 % here
FIXED_STEPS = {0.005: 100, 0.02: 200, 0.1: 400}
EASED = (
    (0.1, 4800, UNIFORM),
    (0.1, 9600, UNIFORM),
    (0.3, 9600, UNIFORM),
    (0.1, 6400, -3.0),
    (0.1, 4800, -3.0),
    (0.3, 9600, -3.0),
)
FINALISTS, FINAL_SEEDS = ((0.1, 4800, UNIFORM), (0.3, 9600, -3.0)), (1, 2)
ARCHITECTURES = (1, 2)  # 0 has 4,536 parameters: its single runs scatter by several points
SOFTNESS = ((1.0, 0.0), (2.0, 0.3), (1.0, 0.3))
OTHER_STEPS = {0.01: 41, 0.05: 205, 0.2: 820}  # CIFAR-10: the steps of 30 passes
OTHER_SOFTNESS = ((2.0, 0.3), (4.0, 0.0), (4.0, 0.3))


def tried() -> list[tuple[Choice, int]]:
    """(setting, steps), most important first."""
    fixed = candidates(tuple(FIXED_STEPS), redraws=(False,), grid=GRID)
    redrawn = candidates((0.02, 0.1), redraws=(True,), grid=GRID)
    soft = [
        replace(choice, target_temperature=heat, label_share=share)
        for choice in (*fixed, *redrawn)
        if choice.targets == "soft" and choice.temperature in (UNIFORM, -1.0)
        for heat, share in SOFTNESS
    ]
    found = [
        (choice, REDRAW_STEPS if choice.redraw else FIXED_STEPS[choice.budget])
        for choice in (*redrawn, *fixed, *soft)
    ]
    longer = [(choice, LONGER_STEPS) for choice in redrawn if choice.targets == "soft"]
    return [*eased(), *longer, *found, *longest()]


def longest() -> list[tuple[Choice, int]]:
    """Redrawn + soft at 10 %: the schedules and the plain draws that go on to harder examples."""
    plain = [
        choice
        for choice in candidates((0.1,), redraws=(True,), targets=("soft",), grid=(UNIFORM, -3.0))
    ]
    schedules = [choice for choice, steps in eased() if choice.budget == 0.1 and steps == 150]
    return [(choice, LONGEST_STEPS) for choice in (*plain, *schedules)]


def eased() -> list[tuple[Choice, int]]:
    """Redrawn + soft: easy examples first, all examples (or harder ones) later."""
    return [
        (Choice(budget, True, "soft", first, ease_examples=ease, later_temperature=later), steps)
        for budget in (0.02, 0.1)
        for first, ease, later in EASED
        for steps in (REDRAW_STEPS, LONGER_STEPS)
    ]


def finals() -> list[tuple[Choice, int]]:
    """Redrawn + soft at 10 %: on further seeds, the two schedules that one seed could not tell
    apart (means over all lengths within 0.1 points)."""
    return [
        (Choice(0.1, True, "soft", first, ease_examples=ease, later_temperature=later), steps)
        for first, ease, later in FINALISTS
        for steps in (REDRAW_STEPS, LONGER_STEPS, LONGEST_STEPS)
    ]


def tried_elsewhere() -> list[tuple[Choice, int]]:
    """CIFAR-10: fixed subsets at the steps of the trade-off, and redrawn ones at equal cost."""
    fixed = candidates(tuple(OTHER_STEPS), redraws=(False,), grid=GRID)
    redrawn = candidates((0.1,), redraws=(True,), grid=GRID)
    soft = [
        replace(choice, target_temperature=heat, label_share=share)
        for choice in (*fixed, *redrawn)
        if choice.targets == "soft" and choice.temperature in (UNIFORM, 1.0)
        for heat, share in OTHER_SOFTNESS
    ]
    chosen = sorted((*fixed, *redrawn, *soft), key=lambda c: c.budget)
    return [(c, LONGER_STEPS if c.redraw else OTHER_STEPS[c.budget]) for c in chosen]


def path_of(data: str) -> Path:
    """The rows of a data set."""
    return RESULTS / ("tuning.jsonl" if data == FASHION else f"tuning_{data}.jsonl")


def spent(data: str) -> float:
    """CPU seconds of every training that a data set's settings were chosen by."""
    files = [path_of(data), *([FIXED_ROWS] if data == FASHION else [])]
    return sum(row["cpu_seconds"] for file in files for row in read_rows(file))


def cells(data: str = FASHION) -> list[dict[str, Any]]:
    """Cells of the validation architectures."""
    if data != FASHION:
        return _cells(tried_elsewhere(), 0, {"data": data})
    more = [c for seed in FINAL_SEEDS for c in _cells(finals(), seed, {})]
    return _cells(tried(), 0, {}) + more


def _cells(
    settings: list[tuple[Choice, int]], seed: int, named: dict[str, str]
) -> list[dict[str, Any]]:
    return [
        cell(
            index,
            "subselnet",
            choice.budget,
            choice.targets,
            steps,
            seed,
            redraw=int(choice.redraw),
            role="validation",
            temperature=choice.temperature,
            per_class=choice.per_class,
            target_temperature=choice.target_temperature,
            label_share=choice.label_share,
            **_schedule(choice),
            **named,
        )
        for index in ARCHITECTURES
        for choice, steps in settings
    ]


def _schedule(choice: Choice) -> dict[str, Any]:
    if choice.ease_examples is None:
        return {}
    return {
        "ease_examples": choice.ease_examples,
        "later_temperature": choice.later_temperature,
    }


def choice_of(cell: dict[str, Any]) -> Choice:
    return Choice(
        cell["budget"],
        bool(cell["redraw"]),
        cell["targets"],
        cell["temperature"],
        cell["per_class"],
        cell["target_temperature"],
        cell["label_share"],
        cell.get("ease_examples"),
        cell.get("later_temperature", UNIFORM),
    )


def complete(scores: list[tuple[Choice, float]]) -> list[tuple[Choice, float]]:
    """Scores of the settings that ran as often as any other of their mode: means are comparable."""
    runs = Counter(choice for choice, _ in scores)
    most: Counter[tuple[float, bool, str]] = Counter()
    for choice, count in runs.items():
        mode = (choice.budget, choice.redraw, choice.targets)
        most[mode] = max(most[mode], count)
    return [
        (choice, score)
        for choice, score in scores
        if runs[choice] == most[choice.budget, choice.redraw, choice.targets]
    ]
