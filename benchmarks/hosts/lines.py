"""Lines of a script that changed in its subset-aware twin, imports and blank lines aside."""

from __future__ import annotations

import ast
import difflib
from pathlib import Path


def changed_lines(plain: Path, twin: Path) -> int:
    """Of two Python files."""
    return changed(without_imports(plain), without_imports(twin))


def without_imports(path: Path) -> list[str]:
    """The script's lines but for imports at its top and blank ones."""
    text = path.read_text()
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return [line for line in lines if line]


def changed(plain: list[str], twin: list[str]) -> int:
    """Lines that are new or different in the twin; lines that it lost where it has none."""
    steps = difflib.SequenceMatcher(a=plain, b=twin, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in steps if kind != "equal")
