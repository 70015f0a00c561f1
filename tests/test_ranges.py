"""The ranges of pyproject.toml begin at constraints-oldest.txt and hold constraints.txt."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
APART = ("nni", "peers", "features")  # exact versions, or an environment of their own
EXTRAS = {k: v for k, v in PROJECT["optional-dependencies"].items() if k not in APART}
RANGES = [Requirement(line) for line in sum(EXTRAS.values(), PROJECT["dependencies"])]
MODULES = {"scikit-learn": "sklearn"}
KIT = ROOT / "subsel_automl" / "testing"  # for a test suite, which brings pytest
FILES = sorted({*(ROOT / "subsel_automl").rglob("*.py")} - {*KIT.glob("*.py")})


def pinned(name: str) -> dict[str, Version]:
    lines = [Requirement(line) for line in (ROOT / name).read_text().splitlines() if line[0] != "#"]
    return {canonicalize_name(r.name): Version(next(iter(r.specifier)).version) for r in lines}


@pytest.mark.parametrize("wanted", RANGES, ids=str)
def test_a_range_begins_at_the_oldest_version_that_passed(wanted: Requirement) -> None:
    (floor,) = [Version(part.version) for part in wanted.specifier if part.operator == ">="]
    assert floor == pinned("constraints-oldest.txt")[canonicalize_name(wanted.name)]


@pytest.mark.parametrize("wanted", [r for r in RANGES if r.marker is None], ids=str)
def test_a_range_holds_the_version_that_ci_runs_on(wanted: Requirement) -> None:
    assert pinned("constraints.txt")[canonicalize_name(wanted.name)] in wanted.specifier


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_module_loads_with_the_dependencies_alone(path: Path) -> None:
    """What an extra brings is imported where it is used."""
    needed = [canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]]
    ours = {MODULES.get(name, name) for name in needed} | {"subsel_automl"}
    body = ast.parse(path.read_text()).body
    plain = [name.name for node in body if isinstance(node, ast.Import) for name in node.names]
    plain += [str(n.module) for n in body if isinstance(n, ast.ImportFrom) and not n.level]
    assert {name.split(".")[0] for name in plain} <= ours | sys.stdlib_module_names
