"""How good a network will be that nobody has trained, by g_beta's answers for it.

    accuracy(m) = 1/|R| sum_{i in R} [argmax_c g_beta(H_m, x_i) = y_i]
    loss(m)     = 1/|R| sum_{i in R} -log g_beta(H_m, x_i)[y_i]

R are examples of the pool that g_beta was fitted on, all of them by default. In regression the
accuracy is R^2, over labels the share of labels that are right.

Source: this project; SubSelNet (Jain et al. 2023) takes g_beta for choosing examples alone.

Deviations:
    [1] R is of the training pool: g_beta starts from the zoo's mean answer for each example, which
        nothing else has. Networks have trained on R, so the order counts and not the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch

from ..core.architecture import Architecture
from ..core.errors import BadInput, RefusedArtefact
from ..core.files import read_json
from ..core.ledger import AmortizationLedger
from ..core.pool import Pool
from ..core.provider import Needs
from ..maths import answers
from .approximator import in_chunks
from .base import PredictingProvider
from .bundle import (
    RECORD,
    Bundle,
    bundle_folder,
    charge_preparation,
    load_bundle,
    shipped_names,
)
from .model import SubSelNetModel

AT_ONCE = 32  # architectures; their answers on 40,000 examples of 10 classes are 51 MB
ENOUGH = 5_000  # examples that tell candidates of a search apart

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Fitted(Protocol):
    """A bundle, or a provider of SubSelNet's family."""

    @property
    def model(self) -> SubSelNetModel | None: ...
    @property
    def pool(self) -> Pool: ...


class Foresight(NamedTuple):
    """Of each architecture, [m]."""

    accuracy: Values  # in 0..1
    loss: Values


def foresight(
    fitted: Fitted, architectures: Sequence[Architecture], rows: npt.ArrayLike | None = None
) -> Foresight:
    """Accuracy and loss that g_beta foretells.

    Args:
        fitted: a bundle, or a provider that is fitted.
        rows: R, places in its pool; by default all.

    Raises:
        BadInput: not fitted, a provider that asks no g_beta, no rows, or rows outside of the pool.
        ArchitectureError: an architecture that its encoder does not know.
    """
    model, pool = _model(fitted), fitted.pool
    model.require(pool)
    asked = _rows(rows, pool)
    columns = torch.from_numpy(asked)
    examples = in_chunks(torch.cat(model.examples(pool), 1)[:, columns])  # W_x x
    anchor = model.mean[columns].T if model.approximator.shape.anchor else None
    found = []
    for at in range(0, len(architectures), AT_ONCE):
        with torch.no_grad():
            embedded = model.encoder.embed(architectures[at : at + AT_ONCE])
            parts = model.approximator.architecture_part(*embedded)
            each = model.approximator.log_probabilities(examples, anchor, parts).numpy()
        found += [
            (1 - answers.wrong(one, pool, asked), answers.losses(one, pool, asked).mean())
            for one in each
        ]
    accuracy, loss = np.array(found, np.float64).reshape(-1, 2).T
    return Foresight(accuracy, loss)


def foretold_accuracies(
    fitted: Fitted, architectures: Sequence[Architecture], rows: npt.ArrayLike | None = None
) -> Values:
    """The accuracy of each architecture in 0..1, [m]; arguments and errors as `foresight`."""
    return foresight(fitted, architectures, rows).accuracy


@dataclass(frozen=True, eq=False)
class Foretelling:
    """Accuracies by a bundle, on evenly spaced examples of its pool: what `bo` takes as a prior."""

    fitted: Fitted
    examples: int = ENOUGH

    def __call__(self, architectures: Sequence[Architecture]) -> Values:
        """[m], in 0..1."""
        n = len(self.fitted.pool)
        rows = np.linspace(0, n - 1, min(n, self.examples)).astype(np.int64)
        return foretold_accuracies(self.fitted, architectures, rows)

    def charge_preparation(self, ledger: AmortizationLedger) -> None:
        """What the bundle, or the provider, cost; twice is once."""
        if isinstance(self.fitted, PredictingProvider):
            self.fitted.charge_preparation(ledger)
        elif isinstance(self.fitted, Bundle):
            charge_preparation(ledger, self.fitted.record)


def foretelling(name: str | Path, pool: Pool | None = None, space: str = "") -> Foretelling:
    """By the bundle of this name or folder; arguments and errors as `load_bundle`.

    Args:
        space: of the architectures; "" asks nothing of the bundle.

    Raises:
        RefusedArtefact: the bundle's encoder reads another space.
    """
    record = read_json(bundle_folder(name) / RECORD)
    own = record.get("encoder", {}).get("space", "")
    if space and own not in ("", space):
        fitting = [one for one in shipped_names() if one.endswith(f"/{space}")]
        raise RefusedArtefact(
            f"bundle {str(name)!r} foretells of space {own!r}, not of {space!r}; give one of that "
            f"space ({', '.join(fitting) or 'none ships'}), or fit one with `subsel fit`"
        )
    return Foretelling(load_bundle(name, pool))


def _model(fitted: Fitted) -> SubSelNetModel:
    if isinstance(fitted, PredictingProvider):
        if Needs.ARCHITECTURE not in fitted.needs:
            raise BadInput(
                f"provider {fitted.name!r} answers alike for every architecture and foretells "
                "nothing; give a bundle, or a provider such as 'subselnet'"
            )
        return fitted.fitted
    assert fitted.model is not None
    return fitted.model


def _rows(rows: npt.ArrayLike | None, pool: Pool) -> Rows:
    if rows is None:
        return np.arange(len(pool))
    found = np.asarray(rows)
    whole = found.ndim == 1 and len(found) and np.issubdtype(found.dtype, np.integer)
    if not whole or found.min() < 0 or found.max() >= len(pool):
        raise BadInput(
            f"rows of the shape {found.shape} are no places in pool {pool.name!r}; give whole "
            f"numbers in 0..{len(pool) - 1}, one at least"
        )
    return found.astype(np.int64)
