"""The Accuracy model: arch2vec that foretells a network's accuracy from its cell.

    accuracy = head(relu(v)),  v as in `labelled_vae.py`

Source: Suchopárová and Neruda 2022 (info-NAS), appendix E.

Deviations:
    [1] Accuracies are the zoo's own, on its validation pool. The released code takes the table's,
        after 108 epochs: answers of networks that nobody of the search has trained.
    (Others stand in `labelled_vae.py` and `joint_objective.py`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..core.architecture import Architecture
from .labelled_vae import LITE_HEAD, PAPER_HEAD, LabelledVae

PRESETS: dict[str, dict[str, Any]] = {"lite": {"head": LITE_HEAD}, "paper": {"head": PAPER_HEAD}}


class AccuracyModel(LabelledVae):
    """See `LabelledVae`."""

    kind = "accuracy"

    def __init__(
        self,
        *,
        space: str,
        operations: Sequence[str],
        max_nodes: int,
        **sizes: Any,
    ) -> None:
        super().__init__(space=space, operations=operations, max_nodes=max_nodes, **sizes)

    def said(self, vectors: Float[Tensor, "b k"]) -> Float[Tensor, "b 1"]:
        """The head's answer, scaled."""
        answer: Tensor = self.head(torch.relu(vectors))
        return answer

    def accuracies(self, architectures: Sequence[Architecture]) -> Float[Tensor, " m"]:
        """Foretold accuracies; evaluation mode, no gradient.

        Raises:
            ArchitectureError: as `embed`.
        """
        vectors, was_training = self.latent_vectors(architectures), self.training
        self.eval()
        try:
            with torch.no_grad():
                return self.unscaled(self.said(vectors))[:, 0]
        finally:
            self.train(was_training)
