"""Hears what a network says of the batches that a loader hands out, in the user's own loop.

A forward hook is on the network while a pass runs, so that whatever the loop does to a batch
(another shape, another device) is done: nothing is asked again. Outputs belong to the batch that
was handed out last; where several are out (a host that reads ahead), to the one whose numbers the
network was given.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from collections.abc import Callable
from textwrap import shorten
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..core.architecture import Architecture, untraced
from ..core.errors import ArchitectureError, BadInput
from ..core.feed import SubsetFeed
from ..training.outputs import as_written, logits_of, moved
from ..training.seen import Seen
from .given import Recipe, leaves, same_numbers

Rows = npt.NDArray[np.int64]
OUT = 64  # batches that may be out at a time


class Watch:
    """Of one network.

    Args:
        model: what the loop calls.
        seen: keeps what was heard; None where only the loop's call is learned.

    Attributes:
        example: arguments and named arguments of the first call that was heard.
        recipe: how a batch becomes such a call; None before it, or where the loop alone knows.
        said: why nothing could be heard, "" while it can.
    """

    def __init__(self, model: nn.Module, seen: Seen | None) -> None:
        self.model, self.seen = model, seen
        self.example: tuple[tuple[Any, ...], dict[str, Any]] | None = None
        self.recipe: Recipe | None = None
        self.said = ""
        self._out: list[tuple[Rows, Any, int]] = []
        self._hook: Any = None
        self._pass = 0  # examples of the pass that runs
        self._untraced = "its inputs are not tensors in their order"

    def begin(self) -> None:
        """A pass begins."""
        self._out.clear()
        self._pass = 0
        if self._hook is None and (self.seen is not None or self.example is None):
            self._hook = self.model.register_forward_hook(_Ear(self), with_kwargs=True)

    def over(self) -> None:
        """A pass is over. A network that is compiled as a whole would be compiled again for a hook
        that goes and comes: there it stays."""
        if self._hook is not None and getattr(self.model, "_compiled_call_impl", None) is None:
            self.close()
        if not self.said and self.seen is not None:
            self._tried(self.seen.over)

    def close(self) -> None:
        """No hook is left."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def handed(self, rows: Rows, batch: Any, before: int) -> None:
        """A batch goes to the loop; `before` the pass so many examples had been trained on."""
        self._pass += len(rows)
        self._out.append((rows, batch, before + self._pass))
        del self._out[:-OUT]

    def hear(self, args: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        """What the network was given and returned."""
        if not self._out or self.said:
            return
        place = len(self._out) - 1 if len(self._out) == 1 else self._given(args, named)
        if place is None:
            return
        try:
            logits = logits_of(output, self.model)
        except BadInput as error:
            self.said = str(error)
            return
        rows, batch, examples = self._out[place]
        if len(logits) != len(rows):
            return
        del self._out[: place + 1]
        if self.example is None:
            self.example = args, named
            self.recipe = Recipe.learned(batch, args, named)
        if self.seen is not None:
            self.seen.add(rows, logits, examples)

    def heard(self) -> Any:
        """`Seen.heard`, or None where the outputs are not those of the pool's task."""
        return None if self.said or self.seen is None else self._tried(self.seen.heard)

    def found(self, example: Callable[[], Any]) -> Architecture | None:
        """The network's graph, as far as it can be read from an example of its input."""
        try:
            return architecture_of(self.model, example())
        except Exception as error:  # whatever the user's own code raises
            self._untraced = f"{type(error).__name__}: {error}"
            return None

    def architecture(self, first: Callable[[str], bool]) -> Architecture:
        """For a lesson: traced by the loop's own call; else a name that stands for the network,
        which is said once.

        Args:
            first: whether nobody has said this yet.
        """
        traced = None
        if self.example is not None:
            args, named = self.example
            traced = self.found(lambda: named or args)
        if traced is not None:
            return traced
        kind = type(self.model)
        if first(f"untraced {kind.__qualname__}"):
            warnings.warn(
                f"{kind.__qualname__} cannot be traced: subsets for it follow the mean of the "
                f"teachers, and no prediction for it alone ({shorten(self._untraced, 300)})",
                UserWarning,
                stacklevel=2,
            )
        return untraced(f"{kind.__module__}.{kind.__qualname__}")

    def _tried(self, ask: Any) -> Any:
        try:
            return ask(self.model)
        except BadInput as error:
            self.said = str(error)
            return None

    def _given(self, args: tuple[Any, ...], named: dict[str, Any]) -> int | None:
        """Which of the batches that are out the network was given: the last one that holds its
        largest input; None where no batch does."""
        given = max(leaves((args, named)), key=Tensor.numel, default=None)
        if given is None:
            return None
        for place in range(len(self._out) - 1, -1, -1):
            if any(same_numbers(given, part) for part in leaves(self._out[place][1])):
                return place
        return None


def watch_of(model: nn.Module, feed: SubsetFeed) -> Watch | None:
    """For a provider that learns, or that asks the network."""
    provider = feed.provider
    if not (provider.learns or provider.refresh_every):
        return None
    return Watch(model, Seen(provider.pool, feed.redraw_every > 0) if provider.learns else None)


def architecture_of(model: nn.Module, example: Any) -> Architecture:
    """Traced from one batch of its inputs, on the network's own device.

    Raises:
        ArchitectureError, BadInput: it cannot be traced, or does not run on the example.
    """
    from ..spaces.traced import trace

    if not isinstance(example, (Tensor, tuple)):
        raise ArchitectureError(
            f"{type(model).__name__} reads {type(example).__name__}, and only networks of tensors "
            "are traced; give architecture="
        )
    model = as_written(model, True)
    device = next(model.parameters(), torch.zeros(0)).device
    return trace(model, moved(example, device))


class _Ear:
    """The hook itself. In a copy of the network it is deaf."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = None if watch is None else weakref.ref(watch)
        self._call: Any = self._hear
        if "torch._dynamo" in sys.modules:  # something may be compiled, and this must not be
            self._call = torch.compiler.disable(self._hear)  # type: ignore[no-untyped-call]

    def __call__(self, *about: Any) -> None:
        self._call(*about)

    def _hear(
        self, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any], output: Any
    ) -> None:
        watch = None if self._watch is None else self._watch()
        if watch is not None and module.training and torch.is_grad_enabled():
            watch.hear(args, named, output)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Ear:
        return _Ear()

    def __reduce__(self) -> tuple[Any, ...]:
        return _Ear, ()
