"""What a command left behind, and a cell to ask about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CELL = json.dumps(
    {"ops": ["input", "conv3x3-bn-relu", "output"], "edges": [[0, 1], [1, 2], [0, 2]]}
)


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Everything on stdout as one JSON document."""
        return json.loads(self.out)


Subsel = Callable[..., Ran]
