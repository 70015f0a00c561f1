"""No file imports itself through others, at any depth of a file: neither package nor benchmarks."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "integrations":
        parts = ("subsel_automl", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files(*folders: str) -> dict[str, Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {module_name(path): path for path in found}


def for_types_alone(tree: ast.Module) -> set[int]:
    """Nodes below `if TYPE_CHECKING:`, which never run."""
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If)]
    typed = [n for n in blocks if "TYPE_CHECKING" in ast.dump(n.test)]
    return {id(inner) for block in typed for inner in ast.walk(block)}


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text())
    skipped, found = for_types_alone(tree), set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *([node.module] * bool(node.module))])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in known else base)
    return {other for other in found if other in known and other != name}


def graph(*folders: str) -> dict[str, set[str]]:
    known = files(*folders)
    return {name: imports(name, path, known) for name, path in known.items()}


@pytest.mark.parametrize("folders", [("subsel_automl", "integrations"), ("benchmarks",)], ids=str)
def test_no_file_imports_itself_through_others(folders):
    try:
        TopologicalSorter(graph(*folders)).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_lazy_imports_are_seen():
    """`SubSelNet.from_bundle` imports the bundle inside of the method."""
    assert (
        "subsel_automl.subselnet.bundle" in graph("subsel_automl")["subsel_automl.subselnet.base"]
    )
