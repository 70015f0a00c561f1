"""A function of the reader's own, named by file: "my_module.py:build".

The file is run once a process, as `python my_module.py` would (its folder is put at the end of
sys.path), so that another process can find the function again from the name alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.errors import BadInput, MissingData, UnknownName


def resolved_address(address: str) -> str:
    """The same address with the file's whole path: a worker may stand in another folder.

    Raises:
        BadInput: not of the form "file.py:function".
    """
    path, colon, name = address.rpartition(":")
    if not colon or not path.endswith(".py") or not name.isidentifier():
        raise BadInput(f"{address!r} names no function; give file.py:function")
    return f"{Path(path).resolve()}:{name}"


def load_function(address: str) -> Callable[..., Any]:
    """The function that an address names.

    Raises:
        MissingData: there is no such file here.
        UnknownName: the file has no function of that name.
        BadInput: the file does not run, or the address has another form.
    """
    path_text, _, name = resolved_address(address).rpartition(":")
    path = Path(path_text)
    if not path.is_file():
        raise MissingData(f"there is no file {path}; it has to be there in every worker, too")
    module_name = f"subsel_user_{hashlib.sha256(path_text.encode()).hexdigest()[:12]}"
    module = sys.modules.get(module_name)
    if module is None:
        spec = importlib.util.spec_from_file_location(module_name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            del sys.modules[module_name]
            raise BadInput(f"{path} does not run: {type(error).__name__}: {error}") from error
    found: Callable[..., Any] | None = getattr(module, name, None)
    if found is None or not callable(found):
        functions = [n for n, value in vars(module).items() if callable(value) and n[0] != "_"]
        raise UnknownName(f"function in {path.name}", name, functions)
    return found
