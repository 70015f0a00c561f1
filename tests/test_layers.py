"""Imports point down only (DESIGN 2), and importing the package is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "subsel_automl"
LAYERS = [  # lowest first; names of one layer in one set never import each other
    {"core"},
    {"maths"},
    {"spaces", "data"},
    {"hosting", "zoo", "training"},
    {"encoders"},
    {"predictors"},
    {"subselnet", "selectors", "search", "budgeting"},
    {"nas", "catalog", "testing", "worlds", "authoring"},
    {"integrations", "report"},
    {"cli"},
]
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
FREE = {  # names of one layer that may import each other
    "nas": {"catalog"},
    "testing": {"catalog", "worlds"},
    "worlds": {"catalog"},
    "hosting": {"training"},
    "zoo": {"training"},
}
WITHOUT = {
    "__init__",
    "__main__",
    "__version__",
    "bundles",
}  # the front door, which loads names when asked
RAY = {"zoo/cluster.py"}


def sources() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "integrations").rglob("*.py")])


def place(path: Path) -> tuple[str, ...]:
    """The module's path inside the package: ("core", "pool")."""
    base = PACKAGE if path.is_relative_to(PACKAGE) else ROOT
    return path.relative_to(base).with_suffix("").parts


def imported(path: Path) -> set[str]:
    """First names below the package that a file imports, at any depth of the file."""
    found: set[str] = set()
    here = place(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*here[: len(here) - node.level], *(node.module or "").split(".")]
            names = [name for name in base if name] or [alias.name for alias in node.names]
            found.add(names[0])
        for name in absolute_names(node):
            if name.startswith("subsel_automl."):
                found.add(name.split(".")[1])
    return found


def absolute_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return [node.module]
    return []


FILES = [path for path in sources() if place(path)[0] not in WITHOUT]


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(place(path)))
def test_imports_point_down(path):
    own = place(path)[0]
    others = imported(path) - {own} - WITHOUT
    assert own in HEIGHT, f"{own} stands in no layer"
    assert others <= set(HEIGHT), f"{others - set(HEIGHT)} stand in no layer"
    allowed = {n for n, height in HEIGHT.items() if height < HEIGHT[own]}
    allowed |= FREE.get(own, set())
    assert others <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(place(path)))
def test_only_integrations_and_the_zoo_builder_know_ray(path):
    names = {
        n.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        for n in absolute_names(node)
    }
    assert (
        "ray" not in names
        or place(path)[0] == "integrations"
        or "/".join(place(path)) + ".py" in RAY
    )


@pytest.mark.parametrize("layer", ["core", "maths"])
def test_core_and_maths_import_nothing_but_numpy_when_loaded(layer):
    tops = {
        name.split(".")[0]
        for path in (PACKAGE / layer).glob("*.py")
        for node in ast.parse(path.read_text()).body
        for name in absolute_names(node)
    }
    assert tops - set(sys.stdlib_module_names) <= {"numpy"}


def test_the_rule_is_not_empty():
    """An upward import is seen."""
    path = PACKAGE / "subselnet" / "pipeline.py"
    assert {"core", "encoders", "data"} <= imported(path)


@pytest.mark.parametrize("path", sources(), ids=lambda path: "/".join(place(path)))
def test_no_file_is_above_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


def test_importing_the_package_loads_neither_torch_nor_ray():
    code = (
        "import sys, subsel_automl; from subsel_automl import Budget, Pool, SubsetFeed, provider; "
        "provider('random'); print(sorted({'torch', 'ray', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_imported():
    import subsel_automl

    assert all(getattr(subsel_automl, name) is not None for name in subsel_automl.__all__)


def test_an_unknown_public_name_is_an_attribute_error():
    import subsel_automl

    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = subsel_automl.Nothing
