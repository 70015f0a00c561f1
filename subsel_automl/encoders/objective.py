"""What an encoder of one kind learns when it is pre-trained: a class a kind.

Deviations: none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import BadInput, MissingNeed, UnknownName
from ..spaces.base import SearchSpace
from ..training.seeded import seeded
from ..zoo.store import DiskZoo
from .base import ArchitectureEncoder
from .collate import GraphArrays, graph_arrays
from .kinds import encoder_class


class Objective(ABC):
    """The cells of one space, and what an encoder learns from them.

    Args:
        kind: of the encoder.
        space, cells: all cells that may be learnt from or measured on.
        seed: of weights and of everything that is drawn.
        options: name -> value; those of `defaults`, and of the encoder.
        zoo: trained networks, for a kind that learns from some.

    Attributes:
        epochs, batch, holdout: what is taken when the caller names none.
        defaults: options of the training itself; others are handed to the encoder.
        encoder_options: names that the encoder takes.
        needs_zoo: whether it learns from trained networks.

    Raises:
        UnknownName: an option that neither takes.
        MissingNeed: no zoo, where one is needed.
        BadInput: a zoo, where none is.
    """

    epochs: ClassVar[int] = 3
    batch: ClassVar[int] = 512
    holdout: ClassVar[float] = 0.1
    defaults: ClassVar[Mapping[str, Any]] = {}
    encoder_options: ClassVar[tuple[str, ...]] = ()
    needs_zoo: ClassVar[bool] = False

    def __init__(
        self,
        kind: str,
        space: SearchSpace,
        cells: Sequence[Architecture],
        seed: int,
        options: Mapping[str, Any],
        zoo: DiskZoo | None = None,
    ) -> None:
        known = (*self.defaults, *self.encoder_options)
        for name in options:
            if name not in known:
                raise UnknownName(f"option of {kind}", name, known)
            self._check_type(name, options[name])
        self._check_zoo(kind, zoo)
        self.kind, self.space, self.cells, self.seed = kind, space, cells, seed
        self.zoo, self.zoo_digest = zoo, ""
        self.options = {**self.defaults, **options}
        self.graphs: GraphArrays = graph_arrays(
            cells, space.name, space.operations, space.max_nodes
        )

    def encoder(self) -> ArchitectureEncoder:
        """One with fresh weights, which follow from the seed."""
        chosen = {name: self.options[name] for name in self.encoder_options if name in self.options}
        with seeded(self.seed):
            try:
                return encoder_class(self.kind)(**self.shape(), **chosen)
            except TypeError as error:
                raise BadInput(f"{self.kind} refused options {chosen}: {error}") from error

    def shape(self) -> dict[str, Any]:
        """What the encoder is told that is no option."""
        return {
            "space": self.space.name,
            "operations": self.space.operations,
            "max_nodes": self.space.max_nodes,
        }

    def _check_zoo(self, kind: str, zoo: DiskZoo | None) -> None:
        if self.needs_zoo and zoo is None:
            raise MissingNeed(
                f"encoder {kind!r} learns from trained networks: give a zoo of them (--zoo FOLDER, "
                "of `subsel zoo build --keep-features N`)"
            )
        if zoo is not None and not self.needs_zoo:
            raise BadInput(f"encoder {kind!r} learns from cells alone; leave the zoo out (--zoo)")

    def _check_type(self, name: str, value: object) -> None:
        wanted = type(self.defaults[name]) if name in self.defaults else type(value)
        allowed = (int, float) if wanted is float else wanted
        if not isinstance(value, allowed) or isinstance(value, bool) != (wanted is bool):
            raise BadInput(f"{name}={value!r} is no {wanted.__name__}; give one of that type")

    @abstractmethod
    def batches(
        self, rows: Int[Tensor, " n"], epochs: int, batch: int, generator: torch.Generator
    ) -> list[Tensor]:
        """What each step learns from, in order."""

    @abstractmethod
    def loss(
        self, model: ArchitectureEncoder, batch: Tensor, generator: torch.Generator
    ) -> Float[Tensor, ""]:
        """Of one batch, to be minimised; what is drawn comes from the generator."""

    @abstractmethod
    def optimiser(
        self, model: ArchitectureEncoder, steps: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        """The optimiser, and its learning rate as a function of `last_epoch` alone."""

    @abstractmethod
    def measures(
        self,
        model: ArchitectureEncoder,
        seen: Int[Tensor, " a"],
        unseen: Int[Tensor, " b"],
        generator: torch.Generator,
    ) -> dict[str, Any]:
        """What the report says of a trained encoder; JSON values."""
