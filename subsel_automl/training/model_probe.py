"""A user's own network as a probe: it is asked about examples of the user's own Dataset.

Logits are log-probabilities, as `Trainer` gives them. What the last layer reads is heard at the
last `nn.Linear` that the network calls; its output must be the logits. The network is asked in
evaluation mode, without gradients, and is left in the mode that it was in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..core.errors import BadInput, MissingNeed
from ..core.pool import Pool
from ..core.probe import Recorded
from ..maths import scores
from .inputs import PoolDataset, batch_of

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]
ASKED = 500  # examples in one forward pass


class ModelProbe:
    """What a network in training shows a provider.

    Args:
        model: x -> logits [b, classes].
        pool: that the provider knows.
        dataset: the pool's examples as the network reads them, row by row: (x, label).
        held: the validation pool's examples likewise; without it, `about` refuses that pool.
    """

    def __init__(self, model: nn.Module, pool: Pool, dataset: Any, held: Any = None) -> None:
        self.model, self.pool, self.dataset, self.held = model, pool, dataset, held
        self._seen: list[tuple[Rows, Values]] = []

    def logits(self, indices: Rows) -> Values:
        with self._asking():
            return torch.cat([logp for logp, _ in self._passes(indices)]).numpy()

    def losses(self, indices: Rows) -> Values:
        return -self.logits(indices)[np.arange(len(indices)), self._labels(indices)]

    def last_layer_factors(self, indices: Rows) -> tuple[Values, Values]:
        with self._asking():
            parts = list(self._passes(indices, listen=True))
        error = np.exp(torch.cat([logp for logp, _ in parts]).numpy())
        error[np.arange(len(error)), self._labels(indices)] -= 1
        inner = torch.cat([heard for _, heard in parts]).numpy()
        return error, np.concatenate([inner, np.ones((len(inner), 1), np.float32)], 1)

    def last_layer_gradients(self, indices: Rows) -> Values:
        error, inner = self.last_layer_factors(indices)
        return (error[:, :, None] * inner[:, None, :]).reshape(len(error), -1)

    def about(self, pool: Pool) -> ModelProbe:
        """The same network about another pool: any, when the rows are the pool's own.

        Raises:
            MissingNeed: the examples are the user's Dataset, and there is none for that pool.
        """
        if pool.fingerprint == self.pool.fingerprint:
            return self
        if isinstance(self.dataset, PoolDataset):
            return ModelProbe(self.model, pool, PoolDataset(pool, scaled_by=self.pool))
        known = self.pool.validation
        if self.held is None or known is None or known.fingerprint != pool.fingerprint:
            raise MissingNeed(
                f"the provider asks the network about pool {pool.name!r}, and no Dataset shows its "
                "examples; give validation=, the Dataset of the pool's validation examples"
            )
        return ModelProbe(self.model, pool, self.held)

    def recorded(self) -> Recorded:
        """What `record` was told of the epoch that runs, or between epochs of the last one."""
        if not self._seen:
            return Recorded()
        rows, log_p = (np.concatenate(part) for part in zip(*self._seen, strict=True))
        labels = self._labels(rows)
        loss, entropy, error = (
            part.astype(np.float32)
            for part in (
                scores.loss(log_p, labels),
                scores.entropy(log_p),
                scores.el2n(log_p, labels),
            )
        )
        return Recorded({}, rows, loss, entropy, error, log_p.argmax(1) == labels)

    def record(self, rows: Rows, logits: Values) -> None:
        """Logits [b, classes] of examples that were trained on."""
        self._seen.append((rows, scores.log_softmax(logits)))

    def begin_epoch(self) -> None:
        """Forget what the last epoch left."""
        self._seen = []

    def _labels(self, indices: Rows) -> Rows:
        if self.pool.labels is None:
            raise MissingNeed(f"pool {self.pool.name!r} has no labels; losses need them")
        return self.pool.labels[indices]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        modes = [(part, part.training) for part in self.model.modules()]
        self.model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            for part, training in modes:  # each its own: a user may have frozen some
                part.training = training

    def _passes(self, indices: Rows, listen: bool = False) -> Iterator[tuple[Tensor, Tensor]]:
        """Log-probabilities, and what the last layer read, of `ASKED` examples at a time."""
        device = next(self.model.parameters()).device
        for start in range(0, len(indices), ASKED):
            x = batch_of(self.dataset, indices[start : start + ASKED])[0].to(device)
            with _Heard(self.model, listen) as heard:
                out = self.model(x)
            yield torch.log_softmax(out.float(), 1).cpu(), heard.read(out)


class _Heard:
    """Keeps the input and the output of the last linear layer that runs inside a `with` block."""

    def __init__(self, model: nn.Module, listen: bool) -> None:
        self.model, self.listen = model, listen
        self.last: tuple[Tensor, Tensor] | None = None

    def __enter__(self) -> _Heard:
        layers = [m for m in self.model.modules() if isinstance(m, nn.Linear)]
        self.hooks = [m.register_forward_hook(self._keep) for m in layers if self.listen]
        return self

    def _keep(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self.last = inputs[0], output

    def __exit__(self, *about: Any) -> None:
        for hook in self.hooks:
            hook.remove()

    def read(self, logits: Tensor) -> Tensor:
        if not self.listen:
            return torch.zeros(0)
        if self.last is None or self.last[1].shape != logits.shape or self.last[0].ndim != 2:
            raise BadInput(
                f"{type(self.model).__name__} does not end in an nn.Linear that reads a vector; a "
                "provider that asks for last-layer gradients needs one"
            )
        return self.last[0].float().cpu()
