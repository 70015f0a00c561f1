"""Loss of each example: cross-entropy against the label, or soft targets.

    (1 - share) T^2 CE(p_T, q_T) + share CE(y),  p_T: the predicted distribution raised to 1/T

Source: Hinton et al. 2015, section 2. Deviations: none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from ..core.feed import SoftTargets


def example_losses(
    logits: Float[Tensor, "b c"],
    labels: Int[Tensor, " b"],
    targets: npt.NDArray[np.float32] | None,
    soft: SoftTargets,
) -> Float[Tensor, " b"]:
    """One loss an example.

    Args:
        targets: predicted distributions [b, c], or None for the labels.
        soft: temperature T and share of the label.
    """
    if targets is None:
        return F.cross_entropy(logits, labels, reduction="none")
    heat, share = soft.temperature, soft.label_share
    predicted = torch.from_numpy(np.asarray(targets, np.float32)).to(logits.device)
    predicted = torch.softmax(predicted.clamp_min(1e-8).log() / heat, 1)
    losses = F.cross_entropy(logits / heat, predicted, reduction="none") * heat**2
    if share > 0:
        hard = F.cross_entropy(logits, labels, reduction="none")
        losses = (1 - share) * losses + share * hard
    return losses
