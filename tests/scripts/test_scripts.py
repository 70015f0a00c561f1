"""Scripts in the shapes that people have: three changed lines, they run, learn, and say what was
saved. The plain twins that start Ray run in the claim `idioms` alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from script_running import forked

from benchmarks.hosting.idioms import NAMES, allowed, lines, ran, read

FOLDER = Path(__file__).parent
NEEDS = {"hf": "transformers", "lightning": "lightning", "ray": "ray", "skorch": "skorch"}
RAY = [name for name in NAMES if "ray" in name.split("_")]
LONGEST = 80  # lines
LONG = ("hf_ray", "ray_class_hyperband", "ray_while_true")  # a minute and more; claim `idioms`


def require(name: str) -> None:
    """Skip where an extra is not installed; nothing is imported here."""
    needed = []
    for word, module in NEEDS.items():
        if word in name.split("_"):
            needed.append(module)
    if "import optuna" in (FOLDER / name / "plain.py").read_text() or name == "hf_optuna":
        needed.append("optuna")
    for module in needed:
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed")


def test_all_sixteen_are_here() -> None:
    assert len(NAMES) == 16


@pytest.mark.parametrize("name", NAMES)
def test_few_lines_make_a_script_subset_aware(name: str) -> None:
    assert 1 <= lines(name) <= allowed(name)


@pytest.mark.parametrize("version", ["plain", "subset"])
@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_short(name: str, version: str) -> None:
    assert len((FOLDER / name / f"{version}.py").read_text().splitlines()) < LONGEST


@pytest.mark.parametrize("name", NAMES)
def test_both_versions_are_made_small_by_the_same_line(name: str) -> None:
    texts = [(FOLDER / name / f"{version}.py").read_text() for version in ("plain", "subset")]
    sizes = [[line for line in text.splitlines() if "SMOKE" in line] for text in texts]
    assert sizes[0] == sizes[1]
    assert len(sizes[0]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in RAY])
def test_the_plain_script_runs(name: str, tmp_path: Path) -> None:
    require(name)
    said = forked(name, "plain", tmp_path)
    assert not said["error"]
    assert not said["summary"]


@pytest.mark.slow
@pytest.mark.timeout(450)  # of a script: SMOKE_SECONDS
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in NAMES]
)
def test_the_subset_aware_script_learns_and_says_what_was_saved(name: str, tmp_path: Path) -> None:
    require(name)
    said = ran(name, "subset", smoke=True) if name in RAY else forked(name, "subset", tmp_path)
    assert not said["error"]
    assert said["summary"]
    assert said["lessons"] >= 1
    assert said["factor"] is not None


def test_a_summary_is_read_from_what_a_script_prints() -> None:
    printed = (
        "best: 0.5 with {}\n"
        "What was saved: search 'a' in Optuna, 3 trials (3 complete)\n"
        "  factor          3.2 times the CPU seconds, 2.1 times the wall time, on all data\n"
        "  lessons         1,002 stored; 1 trials ended without one\n"
    )
    assert read(printed) == {"best": 0.5, "summary": True, "lessons": 1002, "factor": 3.2}
    assert read("")["lessons"] is None
