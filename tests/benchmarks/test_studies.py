"""How the folders of studies hang together: imports, commands, addresses of claims."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

from benchmarks.claims import CLAIMS

ROOT = Path(__file__).resolve().parent.parent.parent
STUDIES = sorted(path.parent.name for path in (ROOT / "benchmarks").glob("*/cells.py"))
COMMANDS = sorted(path.parent.name for path in (ROOT / "benchmarks").glob("*/__main__.py"))
ABOVE = {  # file -> those of its own folder that it does not know
    "cells": {"run", "table", "claim", "__main__"},
    "run": {"table", "claim", "__main__"},
    "table": {"run", "claim", "__main__"},
    "claim": {"__main__"},
}
FILES = [
    (study, file)
    for study in STUDIES
    for file in ABOVE
    if (ROOT / "benchmarks" / study / f"{file}.py").exists()
]
WRITTEN = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".ci/nni")),
    ROOT / "benchmarks" / "README.md",
    *(ROOT / "benchmarks").rglob("*.py"),
]


def imported(path: Path) -> set[str]:
    """Modules, and whatever is imported from them, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


@pytest.mark.parametrize(("study", "file"), FILES)
def test_run_table_and_claim_look_at_cells_and_never_the_other_way(study, file):
    path = ROOT / "benchmarks" / study / f"{file}.py"
    assert not imported(path) & {f"benchmarks.{study}.{other}" for other in ABOVE[file]}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_the_address_of_a_claim_is_a_function(claim):
    module, name = claim.address.split(":")
    assert callable(getattr(importlib.import_module(f"benchmarks.{module}"), name))


@pytest.mark.parametrize("study", COMMANDS)
def test_the_command_of_a_study_shows_its_options(study, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", [study, "--help"])
    with pytest.raises(SystemExit) as end:
        importlib.import_module(f"benchmarks.{study}.__main__").main()
    assert not end.value.code
    assert f"usage: python -m benchmarks.{study} " in capsys.readouterr().out


def named(path: Path) -> set[str]:
    """`benchmarks.folder.file` where it is to be run, or stands between backticks."""
    found = re.findall(r"(?:-m |`)(benchmarks(?:\.[a-z_0-9]+)+)", path.read_text())
    return set(found)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_that_is_written_down_exists(path):
    assert [name for name in named(path) if importlib.util.find_spec(name) is None] == []
