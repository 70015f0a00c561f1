"""How soft targets are used."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import BadInput


@dataclass(frozen=True)
class SoftTargets:
    """How predicted distributions are used: temperature T and share of the label in the loss."""

    temperature: float = 2.0
    label_share: float = 0.0

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise BadInput(f"temperature is {self.temperature}; give a number above 0")
        if not 0 <= self.label_share <= 1:
            raise BadInput(f"label_share is {self.label_share}; give a number in [0, 1]")
