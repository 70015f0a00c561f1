"""Files that are whole or not there: temporary name, fsync, rename; JSON and bytes only."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .errors import DamagedArtefact


def write_atomic(path: Path, content: bytes) -> None:
    """Write bytes so that a reader, or a killed writer, never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    """One JSON document, atomically."""
    write_atomic(path, json.dumps(value, indent=1, allow_nan=False).encode())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        DamagedArtefact: missing, unreadable or no JSON object.
    """
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedArtefact(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(value, dict):
        raise DamagedArtefact(f"{path} holds {type(value).__name__}, not a JSON object")
    return value
