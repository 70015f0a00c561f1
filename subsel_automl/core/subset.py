"""What a provider hands out: indices in order of choice, and what it knows about them.

On disk: safetensors for the arrays, JSON (in the file's own metadata) for the provenance; a sha256
over the content is checked on reading. Never pickle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import BadInput, DamagedArtefact
from .files import write_atomic

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Provenance:
    """Where a subset came from. `notes` holds what the provider chose (a temperature, a mode)."""

    provider: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    architecture_key: str = ""
    budget: str = ""
    seed: int = 0
    pool: str = ""
    pool_fingerprint: str = ""
    seconds: float = 0.0
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Subset:
    """A choice of examples.

    Args:
        indices: [b] distinct rows of the pool, in order of choice.
        weights: [b] multipliers of each example's loss, or None.
        targets: [b, c] predicted class distribution of the trained model, or None.
        memory: arrays that an adaptive provider keeps between refreshes.

    Raises:
        BadInput: parts that do not fit together, indices that repeat or are negative, values that
            are not finite.
    """

    indices: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32] | None = None
    targets: npt.NDArray[np.float32] | None = None
    memory: Mapping[str, Array] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        indices = np.asarray(self.indices)
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise BadInput(f"subset indices are {indices.dtype} {indices.shape}; give whole [b]")
        if len(indices) and indices.min() < 0:
            raise BadInput(f"a subset names example {indices.min()}; rows count from 0")
        if len(np.unique(indices)) != len(indices):
            raise BadInput("a subset names an example twice; indices must be distinct")
        object.__setattr__(self, "indices", indices.astype(np.int64))
        for name, dimensions in (("weights", 1), ("targets", 2)):
            part = getattr(self, name)
            if part is None:
                continue
            part = np.asarray(part, np.float32)
            if part.ndim != dimensions or len(part) != len(indices):
                raise BadInput(
                    f"subset {name} have shape {part.shape} for {len(indices)} indices; "
                    "give one entry an index"
                )
            if not np.isfinite(part).all():
                raise BadInput(f"subset {name} hold NaN or infinity")
            object.__setattr__(self, name, part)

    def __len__(self) -> int:
        return len(self.indices)

    def plain(self) -> dict[str, Any]:
        """Its parts, as `Subset.of` takes them."""
        return {
            "indices": self.indices,
            "weights": self.weights,
            "targets": self.targets,
            "memory": dict(self.memory),
            "provenance": asdict(self.provenance),
        }

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> Subset:
        """The subset that `plain` took apart."""
        return cls(**{**parts, "provenance": Provenance(**parts["provenance"])})

    def save(self, path: Path | str) -> None:
        """Write one .safetensors file, whole or not at all."""
        from safetensors.numpy import save

        arrays = {"indices": self.indices}
        arrays |= {f"memory.{name}": np.asarray(value) for name, value in self.memory.items()}
        for name in ("weights", "targets"):
            if getattr(self, name) is not None:
                arrays[name] = getattr(self, name)
        arrays = {name: np.asarray(value, order="C") for name, value in arrays.items()}
        text = json.dumps(asdict(self.provenance), sort_keys=True)
        metadata = {"provenance": text, "sha256": _digest(arrays, text)}
        write_atomic(Path(path), save(arrays, metadata))

    @classmethod
    def load(cls, path: Path | str) -> Subset:
        """Read what `save` wrote.

        Raises:
            DamagedArtefact: the file is cut, changed or of another kind.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(str(path), framework="numpy") as file:
                metadata = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            text, expected = metadata["provenance"], metadata["sha256"]
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise DamagedArtefact(f"{path} is no whole subset file: {error}") from error
        if _digest(arrays, text) != expected:
            raise DamagedArtefact(f"{path} does not match its sha256; select again")
        memory = {n.removeprefix("memory."): v for n, v in arrays.items() if n[:7] == "memory."}
        return cls(
            arrays["indices"],
            arrays.get("weights"),
            arrays.get("targets"),
            memory,
            Provenance(**json.loads(text)),
        )


def _digest(arrays: Mapping[str, Array], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        digest.update(f"{name}{arrays[name].dtype.str}{arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()
