"""A network in training as a probe: its answers, its losses, its last layer's gradients.

Answers are those of the pool's task (`maths/answers.py`): log-probabilities [b, c] of classes (one
logit speaks for two), of "yes" for each label, or predicted values [b, k]. What the last layer
reads is heard at the one `nn.Linear` whose output *is* the logits that the network returns,
wherever in `forward` it is called. The network is asked in evaluation mode, without gradients, and
every layer is left in the mode that it was in.

    PoolProbe    rows of a pool as `Inputs` reads them: `Trainer`'s networks
    ModelProbe   items of a user's own Dataset: the loader's networks
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..core.errors import BadInput, MissingNeed, SubselError
from ..core.last_layer import LastLayer
from ..core.pool import Pool
from ..core.probe import Recorded
from ..maths import answers, scores
from .inputs import Inputs, PoolDataset, batch_of
from .outputs import answer, answers_of, as_written, cast, logits_of, moved

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]
ASKED = 500  # examples in one forward pass


class NetworkProbe(ABC):
    """One network, asked about one pool's examples.

    Args:
        model: x -> logits [b, classes], or something that holds them (see `logits_of`).
        pool: whose rows are asked about.
    """

    bf16 = False
    one_logit = False  # it speaks for two classes
    _layer: nn.Linear | None = None  # that gave the logits, where a pass listened

    def __init__(self, model: nn.Module, pool: Pool) -> None:
        self.model, self.pool = model, pool

    @abstractmethod
    def _read(self, rows: Rows) -> Any:
        """These rows as the network reads them."""

    @abstractmethod
    def about(self, pool: Pool) -> NetworkProbe:
        """The same network, asked about another pool."""

    @abstractmethod
    def recorded(self) -> Recorded:
        """What training left behind; nothing is computed."""

    def logits(self, indices: Rows) -> Values:
        with self._asking():
            return torch.cat([said for said, _ in self._passes(indices)]).numpy()

    def losses(self, indices: Rows) -> Values:
        self._require_truth()
        return answers.losses(self.logits(indices), self.pool, indices).astype(np.float32)

    def last_layer_factors(self, indices: Rows) -> tuple[Values, Values]:
        self._require_truth()
        with self._asking():
            parts = list(self._passes(indices, listen=True))
        error = answers.errors(torch.cat([said for said, _ in parts]).numpy(), self.pool, indices)
        inner = torch.cat([heard for _, heard in parts]).numpy()
        if self.one_logit:
            error = error[:, 1:]  # of the one logit, p - y of "yes"
        return error, np.concatenate([inner, np.ones((len(inner), 1), np.float32)], 1)

    def last_layer(self, indices: Rows) -> LastLayer:
        """What the last layer reads of these examples, and its weights.

        Raises:
            BadInput: no example; the logits are not the output of an nn.Linear that reads a vector.
        """
        if not len(indices):
            raise BadInput("features of no examples; give at least one row")
        with self._asking():
            inner = torch.cat([heard for _, heard in self._passes(indices, listen=True)]).numpy()
            assert self._layer is not None
            weight, bias = self._layer.weight.float(), self._layer.bias
            bias = weight.new_zeros(len(weight)) if bias is None else bias.float()
        return LastLayer(inner, *(part.detach().cpu().numpy().copy() for part in (weight, bias)))

    def last_layer_gradients(self, indices: Rows) -> Values:
        error, inner = self.last_layer_factors(indices)
        return (error[:, :, None] * inner[:, None, :]).reshape(len(error), -1)

    def _require_truth(self) -> None:
        if not self.pool.task:
            raise MissingNeed(f"pool {self.pool.name!r} has no labels; losses need them")

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
        """Answers, and what the last layer read, of `ASKED` examples at a time."""
        first = next(self.model.parameters(), torch.zeros(0))
        for start in range(0, len(indices), ASKED):
            x = cast(moved(self._read(indices[start : start + ASKED]), first.device), first.dtype)
            with (
                _Heard(self.model, listen) as heard,
                torch.autocast(first.device.type, torch.bfloat16, enabled=self.bf16),
            ):
                logits = logits_of(self._answer(heard.network, x), self.model)
            said = answers_of(logits, self.pool, self.model)
            raw = logits.reshape(len(said), -1)
            self.one_logit = raw.shape[1] < said.shape[1]
            inner, self._layer = heard.read(raw)
            yield said, inner

    def _answer(self, network: nn.Module, x: Any) -> Any:
        try:
            return answer(network, x)
        except SubselError:
            raise
        except Exception as error:  # of the user's own code
            raise BadInput(
                f"{type(network).__name__} does not run on the examples as the Dataset gives them "
                f"({type(error).__name__}: {' '.join(str(error).split())[:200]}); what the loop "
                "computes of a batch before the network belongs into the Dataset or collate_fn"
            ) from error


class PoolProbe(NetworkProbe):
    """A trainer's network: any pool's rows, scaled as the trainer's own are.

    Args:
        inputs: reads rows of a pool.
        bf16: passes run in bf16, as the training does.
        recorded: what `recorded()` gives.
    """

    def __init__(
        self,
        model: nn.Module,
        pool: Pool,
        inputs: Inputs,
        bf16: bool,
        recorded: Callable[[], Recorded],
    ) -> None:
        super().__init__(model, pool)
        self.inputs, self.bf16, self._recorded = inputs, bf16, recorded

    def _read(self, rows: Rows) -> Tensor:
        return self.inputs(self.pool, rows)

    def about(self, pool: Pool) -> PoolProbe:
        return PoolProbe(self.model, pool, self.inputs, self.bf16, self._recorded)

    def recorded(self) -> Recorded:
        return self._recorded()


class ModelProbe(NetworkProbe):
    """A user's own network: items of the user's own Dataset.

    Args:
        dataset: the pool's examples as the network reads them, row by row.
        held: the validation pool's examples likewise; without it, `about` refuses that pool.
        read: gives the network's input from (dataset, rows).
    """

    def __init__(
        self,
        model: nn.Module,
        pool: Pool,
        dataset: Any,
        held: Any = None,
        read: Callable[[Any, Rows], Any] | None = None,
    ) -> None:
        super().__init__(model, pool)
        self.dataset, self.held = dataset, held
        self._read_from = read or (lambda dataset, rows: batch_of(dataset, rows)[0])
        self._seen: list[tuple[Rows, Values]] = []

    def _read(self, rows: Rows) -> Any:
        return self._read_from(self.dataset, rows)

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
        return ModelProbe(self.model, pool, self.held, read=self._read_from)

    def recorded(self) -> Recorded:
        """What `record` was told of the epoch that runs, or between epochs of the last one."""
        if not self._seen:
            return Recorded()
        rows, said = (np.concatenate(part) for part in zip(*self._seen, strict=True))
        self._require_truth()
        loss = answers.losses(said, self.pool, rows).astype(np.float32)
        labels = self.pool.labels
        if labels is None:  # no classes: no entropy of them, and nothing is just right or wrong
            return Recorded({}, rows, loss)
        entropy, error = scores.entropy(said), scores.el2n(said, labels[rows])
        right = said.argmax(1) == labels[rows]
        return Recorded({}, rows, loss, entropy.astype(np.float32), error.astype(np.float32), right)

    def record(self, rows: Rows, logits: Tensor | Values) -> None:
        """Logits [b, classes] of examples that were trained on."""
        said = answers_of(torch.as_tensor(logits), self.pool, self.model)
        self._seen.append((rows, said.numpy()))

    def begin_epoch(self) -> None:
        """Forget what the last epoch left."""
        self._seen = []


class _Heard:
    """Hears every linear layer inside a `with` block; the one that gave the logits is the last."""

    def __init__(self, model: nn.Module, listen: bool) -> None:
        self.model, self.listen = model, listen
        self.network = as_written(model, listen)
        self._calls: list[tuple[nn.Linear, Tensor, Tensor]] = []
        self._hooks: list[Any] = []

    def __enter__(self) -> _Heard:
        if self.listen:
            layers = [m for m in self.network.modules() if isinstance(m, nn.Linear)]
            self._hooks = [layer.register_forward_hook(self._keep) for layer in layers]
        return self

    def _keep(self, layer: nn.Linear, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._calls.append((layer, inputs[0], output))

    def __exit__(self, *about: Any) -> None:
        for hook in self._hooks:
            hook.remove()

    def read(self, logits: Tensor) -> tuple[Tensor, nn.Linear | None]:
        """[b, d] on the CPU, and the layer; nothing when it was not asked for.

        Raises:
            BadInput: no linear layer that reads vectors gave the logits.
        """
        if not self.listen:
            return torch.zeros(0), None
        for layer, inner, output in reversed(self._calls):
            if inner.ndim == 2 and (output is logits or _same(output, logits)):
                return inner.float().cpu(), layer
        raise BadInput(
            f"the logits of {type(self.network).__name__} are not the output of an nn.Linear that "
            "reads a vector; who asks for last-layer gradients or features needs a network that "
            "ends in one (return logits, not probabilities)"
        )


def _same(output: Tensor, logits: Tensor) -> bool:
    return output.shape == logits.shape and bool(torch.equal(output.float(), logits.float()))
