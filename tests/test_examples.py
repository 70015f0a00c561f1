"""The example scripts: a subset costs at most three changed lines, and both twins run."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.hosts.lines import changed, changed_lines

FOLDER = Path(__file__).parent.parent / "examples"
PLAIN = ["ray_function", "ray_class", "optuna_study"]
SMOKE = ["--data", "digits", "--trials", "3", "--epochs", "2"]


@pytest.mark.parametrize("script", PLAIN)
def test_three_lines_make_a_script_subset_aware(script: str) -> None:
    assert 1 <= changed_lines(FOLDER / f"{script}.py", FOLDER / f"{script}_subset.py") <= 3


def test_lost_and_new_lines_are_counted() -> None:
    assert changed(["a", "b", "c"], ["a", "x", "y"]) == 2
    assert changed(["a", "b"], ["a"]) == 1
    assert changed(["a"], ["a", "b"]) == 1


@pytest.fixture
def imported(ray_here: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A script as a module; Ray's workers, which do not see the folder, get its code by value."""
    cloudpickle = importlib.import_module("ray").cloudpickle

    def load(name: str) -> ModuleType:
        found = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        monkeypatch.setitem(sys.modules, name, module)
        found.loader.exec_module(module)
        cloudpickle.register_pickle_by_value(module)
        return module

    load("small_cnn")
    return load


@pytest.mark.slow
@pytest.mark.parametrize(  # plain twins that start Ray: report `examples`
    ("script", "twin"), [*((one, "_subset") for one in PLAIN), ("optuna_study", "")]
)
def test_a_script_prints_its_cost_and_its_winner(
    script: str,
    twin: str,
    imported: Callable[[str], ModuleType],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("optuna", reason="extra [optuna] is not installed")
    imported(f"{script}{twin}").main([*SMOKE, "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    cost = re.search(r"^cost: ([\d.]+) CPU seconds, 3 trials$", printed, re.M)
    best = re.search(r"^winner: .*lr=.*; validation accuracy ([\d.]+)$", printed, re.M)
    assert cost is not None
    assert float(cost[1]) > 0
    assert best is not None
    assert float(best[1]) > 0.15
